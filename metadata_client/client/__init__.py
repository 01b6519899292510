"""The client of the metadata service: requests, snapshots at one version, watching, records."""
