"""Mutation of templates: small faults put into them, to see whether a test notices."""
