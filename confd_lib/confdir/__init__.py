"""The files of a confd folder: TOML, template resources, templates; read here and nowhere else."""
