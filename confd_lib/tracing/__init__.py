"""Traces: which key made which line of the output, and how that is shown."""
