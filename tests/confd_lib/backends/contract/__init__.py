"""What every backend does, in tables over all of them: reading, watching, outages, access."""
