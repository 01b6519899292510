"""The contract of all backends, in tables: reading, watching, outages."""
