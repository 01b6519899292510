"""The metadata service for tests: real HTTP, all rules of rancher-metadata v0.7.4.

Exports the server, and the type of one of its arguments. Knows nothing of the client, nor of
compose files.
"""

from .scaling import Scaling
from .service import MetadataServer

__all__ = ["MetadataServer", "Scaling"]
