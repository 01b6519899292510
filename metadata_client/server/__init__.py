"""The metadata service for tests: real HTTP, all rules of rancher-metadata v0.7.4.

Exports one name. Knows nothing of the client, nor of compose files.
"""

from .service import MetadataServer

__all__ = ["MetadataServer"]
