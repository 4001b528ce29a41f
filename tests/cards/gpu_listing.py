"""The list of GPU runs and the forms behind their buttons, to show."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.cards import gpu_told, gpus, status
from bot.cards.forms import gpu_budget, gpu_enter, gpu_steer
from bot.cards.gpus_view import GpuListing, Line
from bot.cards.ids import PlaceRef
from bot.cards.tables import Rung
from bot.domain.alerts import next_morning
from bot.domain.costs import Spent
from bot.domain.delivery import Message
from bot.domain.fleet import Billing, PriceSource, Problem, Provider, Scope
from bot.domain.gpu import GpuRun
from bot.domain.gpu_list import Asked, totals
from bot.domain.gpu_rights import GpuPowers
from bot.domain.ids import ChannelId, GpuId
from bot.domain.troubles import Trouble
from bot.domain.watch import MonthlyCap
from tests.cards.gpuing import (
    ADA,
    BERLIN,
    BY_ADA,
    DEFAULT,
    DSTACK,
    EC2,
    GUARD,
    HOUR,
    LIN,
    MANUAL,
    NOW,
    POD,
    READ_ONLY,
    UNPRICED,
    VAST,
    ended,
    stopping,
    view,
)
from tests.cards.made import RENTED, STOPPED, planned

PLACE = ChannelId("C0MLLAB0001")
MINE = GpuPowers(takes=False, steers=True, stops=True, leads=True)
THEIRS = GpuPowers(takes=False, steers=False, stops=False, leads=False)
SNOOZED = replace(VAST, snoozed_until=NOW + 4 * HOUR)
EVERY_KIND = (
    replace(POD, deadline=BY_ADA),
    replace(EC2, owner=LIN, deadline=DEFAULT),
    replace(MANUAL, deadline=BY_ADA),
    SNOOZED,
    replace(DSTACK, owner=None, claim=None),
    UNPRICED,
    stopping(POD),
    stopping(EC2, failed_at=NOW - HOUR),
    replace(POD, disowned=True, owner=None),
)
RUNPOD = Trouble(Scope(Provider.RUNPOD, "default"), Problem.SERVER, NOW - 2 * HOUR)
AWS = Scope(Provider.AWS, "default")
FRANKFURT = Trouble(AWS, Problem.NETWORK, NOW - HOUR, ("eu-central-1",))
CLOSED = Trouble(AWS, Problem.AUTH, NOW - HOUR, ("ap-east-1", "me-south-1", "sa-east-1"))


def listed(
    runs: Sequence[GpuRun], asked: str = "", *, powers: GpuPowers = MINE, **changes: Any
) -> GpuListing:
    """The list of these runs, numbered, before somebody with these powers."""
    numbered = [replace(run, id=GpuId(n)) for n, run in enumerate(runs, 1)]
    lines = [Line(view(run, hold=changes.get("hold", False)), powers) for run in numbered]
    sums = [(x.run, x.view.plan, x.view.spent) for x in lines if not x.run.disowned]
    plain = GpuListing(
        lines=lines,
        totals=totals(sums, NOW, next_morning(BERLIN, NOW)),
        asked=Asked.read(asked),
        watched=(Provider.RUNPOD, Provider.AWS),
        troubles=(),
        closed=(),
        names={ADA: "Ada", LIN: "林 <!channel>"},
        hold=False,
        zone=BERLIN,
        now=NOW,
    )
    return replace(plain, **changes)


def shown(
    found: GpuListing, place: ChannelId = PLACE, rung: Rung = Rung.DATA_TABLE
) -> Callable[[str], Message]:
    return lambda lang: gpus.listing(found, place, rung, lang)


def many() -> GpuListing:
    """More than a message holds, each with the longest of everything."""
    long = "ow-12-" + "very-long-name-" * 12
    return listed([replace(POD, name=f"{n}-{long}", deadline=BY_ADA) for n in range(30)])


def overview(lang: str) -> Message:
    burning = gpus.brief(listed([UNPRICED, replace(POD, deadline=BY_ADA)]), lang)
    return status.overview([], {}, lang, burning)


def started(lang: str) -> Any:
    return gpu_enter.started_modal(planned(RENTED | STOPPED, lang), "ow-12-ada", NOW, lang)


DIRECT = ChannelId("D1")
DISK = ended(POD)
UNKNOWN_DISK = replace(DISK, billing=Billing.UNKNOWN)
UNPRICED_DISK = replace(DISK, storage_per_hour=None)
BARE_DISK = replace(DISK, billing=Billing.NONE)
OVERRIDDEN = replace(POD, price_source=PriceSource.OVERRIDE, price_per_hour=Decimal("0.44"))
DECLARED = replace(OVERRIDDEN, price_source=PriceSource.DECLARED)
FIFTY = Decimal("49.90")
CAPPED = MonthlyCap(FIFTY, stops=True)
SOME = Spent(compute=Decimal("4.14"), unpriced=HOUR, unpriced_runs=1)
LISTED = {
    "gpus": shown(listed(EVERY_KIND)),
    "gpus_table": shown(listed(EVERY_KIND), rung=Rung.TABLE),
    "gpus_fields": shown(listed(EVERY_KIND), rung=Rung.FIELDS),
    "gpus_many": shown(many()),
    "gpus_many_fields": shown(many(), rung=Rung.FIELDS),
    "gpus_unpriced": shown(listed([UNPRICED])),
    "gpus_unclaimed": shown(
        listed([replace(POD, owner=None, claim=None)], "all", powers=replace(THEIRS, takes=True))
    ),
    "gpus_theirs": shown(listed(EVERY_KIND[:2], powers=THEIRS)),
    "gpus_mine": shown(listed([POD]), DIRECT),
    "gpus_all": shown(listed([POD, DISK], "all runpod")),
    "gpus_trouble": shown(listed([POD], troubles=(RUNPOD,), hold=True)),
    "gpus_closed": shown(listed([POD], troubles=(FRANKFURT,), closed=(CLOSED,))),
    "gpus_none": shown(listed([])),
    "gpus_none_mine": shown(listed([]), DIRECT),
    "gpus_none_all": shown(listed([*[DISK] * 4, UNKNOWN_DISK, UNPRICED_DISK, BARE_DISK], "all")),
    "gpus_none_matching": shown(listed([], "all h100 *x*", troubles=(RUNPOD,))),
    "gpus_no_key": shown(listed([], watched=())),
    "overview_gpus": overview,
    "gpu_form_shutdown": lambda lang: gpu_steer.shutdown_modal(view(POD), lang),
    "gpu_form_shutdown_known": lambda lang: gpu_steer.shutdown_modal(
        view(replace(POD, deadline=GUARD, guard_seen=NOW - timedelta(minutes=2))), lang
    ),
    "gpu_form_keep": lambda lang: gpu_steer.keep_modal(view(POD), lang),
    "gpu_form_shutdown_shut": lambda lang: gpu_steer.shutdown_modal(view(POD, shut=True), lang),
    "gpu_form_shutdown_hold": lambda lang: gpu_steer.shutdown_modal(view(POD, hold=True), lang),
    "gpu_form_shutdown_manual": lambda lang: gpu_steer.shutdown_modal(view(MANUAL), lang),
    "gpu_form_shutdown_read_only": lambda lang: gpu_steer.shutdown_modal(view(READ_ONLY), lang),
    "gpu_form_reassign": lambda lang: gpu_steer.reassign_modal(view(MANUAL), lang),
    "gpu_form_price": lambda lang: gpu_steer.price_modal(view(UNPRICED), lang),
    "gpu_form_price_known": lambda lang: gpu_steer.price_modal(view(EC2), lang),
    "gpu_form_budget": lambda lang: gpu_budget.budget_modal(
        planned(RENTED | STOPPED, lang), MonthlyCap(), SOME, lang
    ),
    "gpu_form_budget_known": lambda lang: gpu_budget.budget_modal(
        planned(RENTED | STOPPED, lang), CAPPED, Spent(), lang
    ),
    "gpu_form_add": lambda lang: gpu_enter.add_modal(ADA, PlaceRef(c=PLACE).dump(), NOW, lang),
    "gpu_form_started": started,
    "gpu_told_shutdown": lambda lang: gpu_told.shutdown_told(
        view(replace(POD, deadline=BY_ADA)), lang
    ),
    "gpu_told_declared": lambda lang: gpu_told.shutdown_told(
        view(replace(READ_ONLY, deadline=BY_ADA)), lang
    ),
    "gpu_told_shutdown_near": lambda lang: gpu_told.shutdown_told(
        view(replace(POD, deadline=replace(BY_ADA, at=NOW + timedelta(minutes=2)))), lang
    ),
    "gpu_told_added": lambda lang: gpu_told.registered_told(view(MANUAL), False, None, lang),
    "gpu_told_added_doubtful": lambda lang: gpu_told.registered_told(view(MANUAL), True, 99, lang),
    "gpu_told_added_planned": lambda lang: gpu_told.registered_told(
        view(replace(MANUAL, deadline=BY_ADA)), False, None, lang
    ),
    "gpu_told_joined": lambda lang: gpu_told.registered_told(
        view(replace(POD, deadline=BY_ADA)), False, None, lang
    ),
    "gpu_told_reassigned": lambda lang: gpu_told.reassigned_told(
        view(replace(POD, owner=LIN)), lang
    ),
    "gpu_told_priced": lambda lang: gpu_told.priced_told(view(OVERRIDDEN), lang),
    "gpu_told_priced_own": lambda lang: gpu_told.priced_told(view(DECLARED), lang),
    "gpu_told_budget": lambda lang: gpu_told.budget_told("OW-12", MonthlyCap(FIFTY), SOME, lang),
    "gpu_told_budget_stops": lambda lang: gpu_told.budget_told("OW-12", CAPPED, Spent(), lang),
    "gpu_told_budget_none": lambda lang: gpu_told.budget_told("OW-12", MonthlyCap(), SOME, lang),
    "gpu_told_first": lambda lang: gpu_told.stopping_told("ow-12-ada", LIN, lang),
}
