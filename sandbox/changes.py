"""A version number that rises with every visible change, for pages and tests that wait for one."""

import asyncio
from collections.abc import Callable


class Changes:
    """Counts changes, wakes those who wait and tells those who listen."""

    def __init__(self) -> None:
        self.version = 1
        self._next = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def happened(self) -> None:
        """Something a person could see has changed."""
        self.version += 1
        self._next.set()
        self._next = asyncio.Event()
        for tell in self._listeners:
            tell()

    def listen(self, tell: Callable[[], None]) -> None:
        """Call `tell` after each change from now on."""
        self._listeners.append(tell)

    async def after(self, version: int) -> int:
        """Wait until the version is another one than `version`; answers the new one."""
        while self.version == version:
            await self._next.wait()
        return self.version
