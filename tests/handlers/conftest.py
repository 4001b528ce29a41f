"""The same story fixture as the end-to-end tests: a real bot behind real HTTP."""

from tests.harness.fixtures import story

__all__ = ["story"]
