"""Which key made which line: templates rendered under observation, and how that is shown."""
