"""Vault and OpenBao by hvac: `store` is the backend, and can be imported without hvac."""
