"""The version of the distribution, which setup.cfg reads too."""

from typing import Final

__version__: Final = "0.1.0"
