"""Reads the files of a confd folder: TOML, template resources, templates."""
