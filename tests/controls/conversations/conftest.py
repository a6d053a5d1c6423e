"""The same shop as where the promise is tested."""

from tests.integration.conversations.conftest import shop

__all__ = ["shop"]
