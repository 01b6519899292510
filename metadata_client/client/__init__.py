"""Asking the metadata service: requests, snapshots at one version, watching, typed records."""
