"""The fixtures of the tests whose broken variants are here."""

from tests.integration.knowledge.conftest import build_here, open_knowledge, settings, write

__all__ = ["build_here", "open_knowledge", "settings", "write"]
