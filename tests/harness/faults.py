"""A wire that can be broken: stands between a client and a server and loses what it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import assert_never


class Wire(StrEnum):
    """How the wire behaves; it may change while connections are open."""

    WHOLE = "whole"
    CUT = "cut"
    REPLY_LOST = "reply_lost"
    SILENT = "silent"


class FaultProxy:
    """Carries bytes between loopback clients and one server: a Unix socket, or host and port."""

    def __init__(self, upstream: str | tuple[str, int]) -> None:
        self.wire = Wire.WHOLE
        self.port = 0
        self._upstream = upstream
        self._open: set[asyncio.StreamWriter] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        server_reader, server_writer = await (
            asyncio.open_unix_connection(self._upstream)
            if isinstance(self._upstream, str)
            else asyncio.open_connection(*self._upstream)
        )
        ends = {writer, server_writer}
        self._open |= ends
        await asyncio.gather(
            self._pump(reader, server_writer, is_reply=False),
            self._pump(server_reader, writer, is_reply=True),
        )
        self._open -= ends

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_reply: bool
    ) -> None:
        try:
            while data := await reader.read(65536):
                if not self._passes(is_reply=is_reply):
                    continue
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass  # we cut it ourselves, or the client hung up
        finally:
            writer.close()

    def _passes(self, *, is_reply: bool) -> bool:
        match self.wire:
            case Wire.WHOLE:
                return True
            case Wire.SILENT:
                return False
            case Wire.REPLY_LOST:
                if is_reply:
                    self.cut()
                return not is_reply
            case Wire.CUT:
                self.cut()
                return False
            case _:
                assert_never(self.wire)

    def cut(self) -> None:
        """End every connection as a pulled plug does."""
        for writer in tuple(self._open):
            writer.transport.abort()


@asynccontextmanager
async def fault_proxy(upstream: str | tuple[str, int]) -> AsyncIterator[FaultProxy]:
    """A proxy on loopback before the server at `upstream`."""
    proxy = FaultProxy(upstream)
    server = await asyncio.start_server(proxy.carry, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.cut()
        server.close()
        await server.wait_closed()
