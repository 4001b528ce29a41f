"""What `owroute check` finds at the providers of GPUs: each is looked at once, read-only."""

import asyncio
from collections.abc import Iterable

from bot.cards.gpu_say import PROVIDERS
from bot.cards.say import listed
from bot.clock import Clock
from bot.domain.fleet import Sight
from bot.ports import Fleet
from owroute.commands.findings import Finding, Mark
from owroute.commands.speech import Speech, plain
from owroute.fleets import fleets
from owroute.settings import Settings

SKEW_SECONDS = 60
"""From here on a provider's times are worth a word."""


async def provider_findings(known: Settings, clock: Clock, say: Speech) -> list[Finding]:
    """What each key may see and stop, and why one cannot be listed."""
    async with fleets(known, known.overlay, clock) as watched:
        sights = await asyncio.gather(*(fleet.sight() for fleet in watched))
        found = [f for x, s in zip(watched, sights, strict=True) for f in _of(x, s, say)]
    return found or [Finding(Mark.NOTE, say.check_no_providers())]


def _of(fleet: Fleet, sight: Sight, say: Speech) -> Iterable[Finding]:
    name = PROVIDERS[fleet.provider]
    if sight.problem is not None:
        why = getattr(say, f"problem_{sight.problem.value}")()
        yield Finding(Mark.BAD, say.check_provider_bad(name, why))
        return
    may = {True: say.check_may_stop, False: say.check_may_not_stop, None: say.check_may_unknown}
    yield Finding(Mark.OK, say.check_provider(name, sight.machines, may[sight.may_stop]()))
    if sight.denied:
        closed = plain(listed(sight.denied, say.lang))
        yield Finding(Mark.NOTE, say.check_provider_regions(name, closed))
    seconds = round(abs(sight.skew.total_seconds()))
    if seconds >= SKEW_SECONDS:
        yield Finding(Mark.NOTE, say.check_provider_skew(name, seconds))
