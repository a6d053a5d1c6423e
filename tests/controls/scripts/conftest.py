"""The same doors as where the scripts are played."""

from tests.conversations.test_scripts_on_doors import knowledge, sample, services

__all__ = ["knowledge", "sample", "services"]
