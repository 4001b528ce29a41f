"""Machines that people enter by hand, and the same machine when a provider lists it as well."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.fleet import Billing, Machine, PriceSource, Provider, joined_to
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import Claim, Deadline, DeadlineKind
from bot.domain.ids import ChannelId, GpuId, TeamId, UserId
from bot.domain.plans import Experiment
from bot.domain.watch import Account

OLDEST = timedelta(days=90)
"""A machine may have been started so long ago when it is entered."""

PROVIDERS = {
    "runpod": Provider.RUNPOD,
    "runpod.io": Provider.RUNPOD,
    "aws": Provider.AWS,
    "ec2": Provider.AWS,
    "aws ec2": Provider.AWS,
    "amazon": Provider.AWS,
    "amazon web services": Provider.AWS,
    "dstack": Provider.DSTACK,
    "vast": Provider.VAST,
    "vast.ai": Provider.VAST,
}
"""What people call the providers that can be watched."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A machine as somebody entered it; `provider` is their word for who rents it out.

    `price` is USD per hour for the whole machine, None where they do not know it. `shown` is the
    stop time that their form began with, to the minute.
    """

    provider: str
    name: str
    started_at: datetime
    owner: UserId
    gpu: str | None = None
    gpu_count: int = 1
    price: Decimal | None = None
    stop_at: datetime | None = None
    console_url: str | None = None
    stop_command: str | None = None
    shown: datetime | None = None

    @property
    def number(self) -> int | None:
        """The number of the experiment in a name such as `ow-12-ada`."""
        found = joined_to((self.name,))
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Entry:
    """Who entered it, when, under which unique key, for which experiment, and from where."""

    team: TeamId
    by: UserId
    at: datetime
    key: str
    x: Experiment | None = None
    place: ChannelId | None = None

    @property
    def channel(self) -> ChannelId | None:
        """Where it is shown: with its experiment, else in the channel it was entered from."""
        if self.x is not None:
            return self.x.channel
        return self.place if self.place is not None and self.place.startswith(("C", "G")) else None


def registered(said: Registration, entry: Entry) -> GpuRun:
    """A run that only people know of; its id comes from the store."""
    return GpuRun(
        id=GpuId(0),
        team=entry.team,
        machine=Machine(Provider.MANUAL, said.provider, entry.key),
        generation=1,
        state=RunState.RUNNING,
        billing=Billing.COMPUTE,
        first_seen=entry.at,
        last_seen=entry.at,
        started_at=min(said.started_at, entry.at),
        changed_at=entry.at,
        name=said.name,
        gpu=said.gpu,
        gpu_count=said.gpu_count,
        price_per_hour=said.price,
        price_source=PriceSource.DECLARED if said.price is not None else None,
        owner=said.owner,
        claim=Claim.REGISTERED,
        experiment=entry.x.id if entry.x else None,
        channel=entry.channel,
        deadline=_deadline(said, entry),
        may_stop=False,
        console_url=said.console_url,
        stop_command=said.stop_command,
    )


def claimed(run: GpuRun, said: Registration, entry: Entry) -> GpuRun:
    """A run that a provider lists already, with what somebody entered about it.

    Of its state and price the provider knows more; a price it does not tell is taken.
    """
    priced = run.price_per_hour is None and said.price is not None
    after = run.replanned(
        entry.at,
        owner=said.owner,
        claim=Claim.REGISTERED,
        disowned=False,
        experiment=entry.x.id if entry.x else run.experiment,
        channel=entry.channel or run.channel,
        deadline=_stops(run, said, entry),
        console_url=said.console_url or run.console_url,
        stop_command=said.stop_command or run.stop_command,
    )
    if not priced:
        return after
    return replace(after, price_per_hour=said.price, price_source=PriceSource.DECLARED)


def is_named(run: GpuRun, name: str) -> bool:
    """Whether a live run is the machine that somebody calls by a name or by the provider's id."""
    wanted = name.strip().casefold()
    names = {text.casefold() for text in (run.name, run.machine.instance_id) if text}
    return run.is_live and run.merged_into is None and wanted in names


def is_watched(said: Registration, accounts: Iterable[Account]) -> bool:
    """Whether owroute lists the machines of the provider that somebody named, and can read it."""
    named = watched_provider(said.provider)
    found = [a for a in accounts if a.scope.provider is named]
    return bool(found) and not any(a.is_trouble for a in found)


def is_meant(listed: GpuRun, provider: str, name: str) -> bool:
    """Whether a listed run is what somebody calls by these words.

    By name or id, and at that very provider: two machines may have one name, and a stop time that
    is meant for the one must never end the other. An orchestrator's run whose provider is not told
    may be any provider's.
    """
    above = listed.orchestrator.machine if listed.orchestrator else None
    theirs = {m.provider for m in (listed.machine, listed.below, above) if m is not None}
    anybodys = listed.machine.provider is Provider.DSTACK and listed.below is None
    return (anybodys or watched_provider(provider) in theirs) and is_named(listed, name)


def watched_provider(said: str) -> Provider | None:
    """Whom somebody means by a provider's name; None for one that is not watched."""
    return PROVIDERS.get(" ".join(said.split()).casefold())


def are_twins(listed: GpuRun, entered: GpuRun) -> bool:
    """Whether a listed run is the machine that somebody entered by hand."""
    if listed.is_manual or not entered.is_manual or not entered.is_live:
        return False
    return is_meant(listed, entered.machine.account, entered.label)


def _stops(run: GpuRun, said: Registration, entry: Entry) -> Deadline | None:
    """What was typed.

    A time that was left as the form showed it undoes none that somebody has set since, nor does the
    time that holds, to the minute.
    """
    held = run.deadline
    if held is None or said.stop_at is None:
        return _deadline(said, entry) or held
    untouched = said.stop_at in (said.shown, held.at.replace(second=0, microsecond=0))
    return held if untouched and held.kind is not DeadlineKind.DEFAULT else _deadline(said, entry)


def _deadline(said: Registration, entry: Entry) -> Deadline | None:
    if said.stop_at is None:
        return None
    return Deadline(said.stop_at, DeadlineKind.PERSON, entry.at, entry.by)
