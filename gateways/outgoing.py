"""Connections to addresses that an operator named: public ones, and this machine where it was said.

A name is resolved once per request, every address it has is looked at, and the connection goes to
one of those, so that no later answer of the name server can lead elsewhere.
"""

import asyncio
import socket
import ssl
from functools import cache
from ipaddress import ip_address, ip_network

import httpx
from typing_extensions import override

_BLOCKED = tuple(
    map(
        ip_network,
        (
            "224.0.0.0/4", "ff00::/8", "::ffff:0:0/96", "::/96", "100.64.0.0/10", "198.18.0.0/15",
            "2001::/32", "64:ff9b::/96", "2002::/16", "192.0.0.0/24",
        ),
    )
)  # fmt: skip
"""Multicast, carrier and test networks, and ways to write an IPv4 address inside an IPv6 one."""


@cache
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: read once, which takes longer than many a request."""
    return httpx.create_ssl_context(trust_env=False)


class NotPublic(httpx.ConnectError):
    """The name leads, at least in part, into a network that is not the public one."""


class PublicOnly(httpx.AsyncBaseTransport):
    """Connects to public addresses; to this machine only where the URL itself names it."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=trusted(), trust_env=False)

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises NotPublic, or what httpx raises when no address can be connected to."""
        host = request.url.host
        if is_this_machine(host):
            return await self._inner.handle_async_request(request)
        request.extensions = {**request.extensions, "sni_hostname": host}
        *others, last = await _addresses(request.url)
        for address in others:
            request.url = request.url.copy_with(host=address)
            try:
                return await self._inner.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        request.url = request.url.copy_with(host=last)
        return await self._inner.handle_async_request(request)

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()


def public(address: str) -> bool:
    """Whether an address belongs to the public network."""
    ip = ip_address(address.partition("%")[0])
    return ip.is_global and not any(ip in n for n in _BLOCKED if n.version == ip.version)


def is_this_machine(host: str) -> bool:
    """Whether a URL's host is the loopback, plainly written."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def _addresses(url: httpx.URL) -> tuple[str, ...]:
    """All addresses of the host; NotPublic when one of them is not public."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError("the name has no address") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(map(public, addresses)):
        raise NotPublic("not a public address")
    return addresses
