"""Rancher's catalogs: entries with versions and questions, and the expansion of their files.

Knows nothing of stacks.
"""
