"""Regions that a card asks for: as prices name them, and as a provider's command takes them."""

import re

from engine.runtimes import Provider


def asked_in(asked: str, region: str) -> bool:
    """A region by its whole name or how it begins."""
    return region.lower().startswith(asked.lower())


def is_pinned(asked: str, provider: Provider) -> bool:
    """Whether the command that rents can be told this region: it is spelled as its ids are."""
    return pinned(asked, provider) is not None


def pinned(asked: str | None, provider: Provider) -> str | None:
    """The id that the command that rents takes for a region, as far as its spelling tells."""
    if asked is None or not provider.region_ids:
        return None
    spelled = asked.upper()
    return spelled if re.fullmatch(provider.region_ids, spelled) else None
