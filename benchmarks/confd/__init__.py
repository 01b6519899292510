"""Measure what runs around templates: stores, their watchers, metadata, a whole confd."""
