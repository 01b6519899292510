"""A stand-in for Consul: a program of its own that keeps keys as Consul does."""
