"""The fixtures of the tests whose broken variants are here."""

from tests.integration.knowledge.conftest import settings, write

__all__ = ["settings", "write"]
