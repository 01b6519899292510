"""The settings of both commands: flags, the environment, confd.toml, and the store they name."""
