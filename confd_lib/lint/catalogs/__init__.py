"""Lint of catalogs: the questions of entries beside the files that use their answers."""
