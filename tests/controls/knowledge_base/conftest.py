"""The fixtures of the tests whose broken variants are here."""

from tests.integration.knowledge.conftest import build_here, settings, write

__all__ = ["build_here", "settings", "write"]
