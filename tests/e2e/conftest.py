"""Stories: the fixture that every one of them starts from."""

from tests.harness.fixtures import story

__all__ = ["story"]
