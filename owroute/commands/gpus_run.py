"""What `owroute gpus` does: list every account at once, and print what runs there."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import typer

from bot.cards import gpus as cards
from bot.cards.gpu_money import usd
from bot.cards.gpu_say import PROVIDERS
from bot.cards.gpu_view import RunView
from bot.cards.gpus_view import GpuListing, Line
from bot.cards.say import listed
from bot.clock import SystemClock
from bot.domain.alerts import next_morning
from bot.domain.costs import Accrual, rate, spent
from bot.domain.fleet import Listing, joined_to
from bot.domain.gpu import GpuRun
from bot.domain.gpu_list import Asked, burns, totals
from bot.domain.gpu_rights import GpuPowers
from bot.domain.ids import GpuId, TeamId, UserId
from bot.domain.reconcile import adopted, worth_adopting
from bot.domain.shutdown import plan_of
from bot.domain.troubles import Trouble, shut_out
from bot.domain.watch import Account
from engine.canonical import canonical
from owroute.commands.alone import Alone, settings_alone
from owroute.commands.exits import Code, stop
from owroute.commands.plan_page import print_bytes
from owroute.commands.speech import Speech, plain
from owroute.commands.terminal import Page, aligned, columns, may_colour
from owroute.fleets import fleets

MONTH_HOURS = 730
NOBODY = GpuPowers(takes=False, steers=False, stops=False, leads=False)


def gpus(say: Speech, *, as_json: bool) -> Code:
    """Ask everybody, print, and say with the exit code whether all of it is there."""
    known = settings_alone(say)
    if not as_json:
        typer.echo(say.gpus_asking(), err=True)
    listings, now = asyncio.run(_listed(known)), SystemClock().now()
    if not listings:
        stop(Code.BAD_INPUT, say.gpus_no_key())
    found = _found(listings, now)
    if as_json:
        print_bytes(canonical([_as_json(line, now) for line in found.lines]))
    else:
        typer.echo(str(_page(found, listings, say)), nl=False)
    closed = _closed(listings, now)
    for account in closed:
        regions = plain(listed(account.regions, say.lang))
        name = PROVIDERS[account.scope.provider]
        typer.echo(say.check_provider_regions(name, regions), err=True)
    noted = {replace(one.scope, region=region) for one in closed for region in one.regions}
    bad = [one for one in listings if not one.complete and one.scope not in noted]
    for listing in bad:
        typer.echo(_trouble(listing, say), err=True)
    return Code.PROBLEM if bad else Code.OK


async def _listed(known: Alone) -> Sequence[Listing]:
    async with fleets(known, known.overlay, SystemClock()) as watched:
        answers = await asyncio.gather(*(fleet.listings() for fleet in watched))
    return [listing for answer in answers for listing in answer]


def _closed(listings: Sequence[Listing], now: datetime) -> Sequence[Trouble]:
    """Accounts whose key is refused in some regions and works in others."""
    rows = [
        Account(TeamId(""), x.scope, x.problem, complete_at=now if x.complete else None)
        for x in listings
    ]
    return shut_out(rows)


def _found(listings: Sequence[Listing], now: datetime) -> GpuListing:
    """The machines as the list of runs has them; cost so far is price by age."""
    instances = [i for listing in listings for i in listing.instances if worth_adopting(i)]
    below = {i.at_provider.instance_id for i in instances if i.at_provider is not None}
    runs, names = [], {}
    for n, instance in enumerate(instances):
        if instance.at_provider is None and instance.machine.instance_id in below:
            continue  # the orchestrator's row says more of it
        run = replace(adopted(TeamId(""), instance, now), id=GpuId(n + 1))
        owner = _owner(instance.joined, instance.owner_hint)
        if owner is not None:
            run = replace(run, owner=UserId(owner))
            names[UserId(owner)] = owner
        runs.append(run)
    lines = [Line(_view(run, now), NOBODY) for run in runs]
    lines.sort(key=lambda line: (not line.run.is_live, -(line.run.price_per_hour or Decimal(0))))
    until = next_morning("UTC", now)
    return GpuListing(
        lines=lines,
        totals=totals([(x.run, x.view.plan, x.view.spent) for x in lines], now, until),
        asked=Asked(everything=True),
        watched=list(dict.fromkeys(listing.scope.provider for listing in listings)),
        troubles=[],
        closed=[],
        names=names,
        hold=False,
        zone="UTC",
        now=now,
    )


def _owner(joined: tuple[str, ...], hint: str | None) -> str | None:
    """As the machine's name says, `ow-12-ada`, else as a tag or the orchestrator does."""
    named = joined_to(joined)
    if named is None:
        return hint
    number, who = named
    return f"{who}, OW-{number}" if who else f"OW-{number}"


def _view(run: GpuRun, now: datetime) -> RunView:
    rated = rate(run)
    since = [Accrual(run.id, 1, *rated, run.started_at)] if rated and run.is_live else []
    return RunView(
        run=run, plan=plan_of(run, now, hold=False), now=now, zone="UTC", spent=spent(since, now)
    )


def _page(found: GpuListing, listings: Sequence[Listing], say: Speech) -> Page:
    page = Page(columns(), colour=may_colour())
    if not found.running:
        names = [PROVIDERS[p] for p in found.watched]
        page.line(say.gpus_none(plain(listed(names, say.lang))))
        return page
    page.heading(say.gpus_running(len(found.running)))
    rows = cards.table(found, found.running, say.lang)
    cells = [[plain(text) for text in row] for row in (rows.head, *rows.rows)]
    for line in aligned(cells):
        page.literal(line)
    page.line(plain(cards.sums(found, say.lang)).replace("*", ""))  # a terminal has no bold
    month = found.totals.per_hour * MONTH_HOURS
    page.line(say.gpus_month(plain(usd(month, say.lang))))
    if found.totals.unpriced:
        page.line(say.gpus_month_unpriced(found.totals.unpriced))
    page.line(say.gpus_stop_how())
    return page


def _trouble(listing: Listing, say: Speech) -> str:
    scope = listing.scope
    where = f"{PROVIDERS[scope.provider]} {scope.region}".strip()
    return say.gpus_trouble(where, problem(listing, say))


def problem(listing: Listing, say: Speech) -> str:
    """Why a provider could not be listed, and what to do."""
    why = listing.problem
    return str(getattr(say, f"problem_{why.value}")()) if why else ""


def _as_json(line: Line, now: datetime) -> dict[str, object]:
    """One machine for programs: amounts as text in USD, times in ISO 8601, null for unknown."""
    run, plan, price = line.run, line.view.plan, line.run.price_per_hour
    return {
        "provider": run.machine.provider.value,
        "id": run.machine.instance_id,
        "region": run.machine.region or None,
        "name": run.name,
        "state": run.state.value,
        "gpu": run.gpu,
        "gpus": run.gpu_count,
        "owner": run.owner,
        "started_at": run.started_at.isoformat(),
        "usd_per_hour": str(price) if price is not None else None,
        "usd_so_far": str(round(line.view.spent.known, 2)) if line.view.spent.is_whole else None,
        "usd_per_month": str(price * MONTH_HOURS) if price is not None and burns(run) else None,
        "plan": plan.grade.value,
        "stops_at": plan.stops_at.isoformat() if plan.stops_at else None,
    }
