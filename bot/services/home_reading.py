"""Everything on somebody's Home, looked up by a few queries however much there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.cards.gpus_view import GpuListing, Line
from bot.cards.home_view import (
    GpuNeed,
    HomeNeed,
    HomeSeen,
    OwnGpu,
    OwnPlan,
    PlanNeed,
)
from bot.domain.costs import by_run
from bot.domain.evidence import EvidenceState, missing
from bot.domain.gpu_list import Asked
from bot.domain.home import (
    GPUS,
    NEEDS,
    ORDER,
    PLANS,
    Asks,
    Kind,
    Page,
    Tab,
    gpu_asks,
    in_order,
    last_page,
    page_of,
)
from bot.domain.ids import ChannelId, ExperimentId, UserId
from bot.domain.needs import Need, need_of
from bot.domain.reminders import Owing
from bot.domain.workspace import Actor, Person
from bot.ports import Store, UnitOfWork
from bot.services.gpu.reading import ReadGpus
from bot.services.home_costs import SumHome, live_price, whole

ALL_SHOWN = Asked(everything=True)

Waits = tuple[Kind, Line | Asks | Owing]
"""What waits for somebody, before it is read whole."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose Home it is: what they lead, and what is shown to them of the GPUs."""

    tab: Tab
    person: Person
    led: Sequence[ChannelId]
    found: GpuListing

    @property
    def user(self) -> UserId:
        """Their id."""
        return self.tab.user

    @property
    def mine(self) -> list[Line]:
        """Their own runs, what costs most per hour first."""
        return [x for x in self.found.lines if x.run.owner == self.user and not x.run.disowned]

    def leads(self, place: ChannelId | None) -> bool:
        """Whether they lead a channel."""
        return place in self.led


class ReadHome:
    """Reads only. What is not shown to somebody elsewhere is not on their Home either."""

    def __init__(self, *, store: Store, gpus: ReadGpus) -> None:
        self._store = store
        self._gpus = gpus
        self._sums = SumHome()

    async def __call__(self, tab: Tab, person: Person) -> HomeSeen:
        """The Home of a full member, on the pages that it is turned to. Raises `NotMember`."""
        found = await self._gpus(Actor(tab.team, tab.user, tab.team), None, ALL_SHOWN)
        async with self._store(read_only=True) as uow:
            led = await uow.channels.led_by(tab.team, tab.user)
            reader = Reader(tab, person, led, found)
            watching = await uow.watch.settings(tab.team)
            costs = await self._sums(uow, reader.mine, found, led, person)
            gpus = [OwnGpu(line, costs.today_of(line.run.id)) for line in reader.mine]
            planned = await uow.plans.last_card(tab.team, tab.user)
            return HomeSeen(
                needs=await self._needs(uow, reader),
                plans=await self._plans(uow, reader),
                gpus=page_of(gpus, tab.pages.gpus, GPUS),
                burn=costs.mine,
                overviews=costs.overviews,
                led=led,
                watching=watching,
                zone=found.zone,
                now=found.now,
                is_admin=person.administers,
                first=not tab.greeted and planned is None,
            )

    async def _needs(self, uow: UnitOfWork, reader: Reader) -> Page[HomeNeed]:
        """What waits, in the order in which it presses; only one page of it is read whole."""
        asks = in_order(await uow.homes.asks(reader.tab.team, reader.user))
        named = {a.experiment for a in asks}
        led = [o for o in await self._led(uow, reader) if o.experiment not in named]
        waits: list[Waits] = [
            *_gpus(reader),
            *((a.kind, a) for a in asks),
            *((Kind.LEAD, owing) for owing in led),
        ]
        waits.sort(key=lambda kind_of: ORDER.index(kind_of[0]))
        page = page_of(waits, reader.tab.pages.needs, NEEDS)
        shown = await self._whole(uow, reader, page.shown)
        return Page(shown, page.number, page.size, page.total)

    async def _led(self, uow: UnitOfWork, reader: Reader) -> Sequence[Owing]:
        """What a reminder names this person for as lead."""
        owing = (await uow.reminders.owing(reader.tab.team, reader.led)).values()
        return [x for of in owing for x in of if x.known.names_lead]

    async def _whole(
        self,
        uow: UnitOfWork,
        reader: Reader,
        waits: Sequence[Waits],
    ) -> list[HomeNeed]:
        wanted = [w.experiment for _, w in waits if not isinstance(w, Line)]
        plans = await self._plan_needs(uow, reader, dict(_led_or_not(waits)), wanted)
        found: list[HomeNeed] = []
        for kind, what in waits:
            if isinstance(what, Line):
                found.append(GpuNeed(kind, what))
            elif what.experiment in plans:
                found.append(plans[what.experiment])
        return found

    async def _plan_needs(
        self,
        uow: UnitOfWork,
        reader: Reader,
        kinds: Mapping[ExperimentId, Kind],
        wanted: Sequence[ExperimentId],
    ) -> dict[ExperimentId, PlanNeed]:
        known = await uow.plans.by_ids(reader.tab.team, wanted) if wanted else {}
        lists = await uow.evidence.of_all(wanted) if wanted else {}
        found = {}
        for x in known.values():
            items, kind = lists.get(x.id, ()), kinds[x.id]
            led = kind is Kind.LEAD
            need = Need(x, missing(items), leads=True) if led else need_of(x, items, reader.user)
            if need is None:
                continue
            claims = tuple(e for e in items if e.state is EvidenceState.CLAIMED)
            owner, lead = x.owner == reader.user, reader.leads(x.channel)
            steers = owner or lead or reader.person.administers
            found[x.id] = PlanNeed(kind, need, claims, steers)
        return found

    async def _plans(self, uow: UnitOfWork, reader: Reader) -> Page[OwnPlan]:
        """One page of their open experiments, with evidence and cost."""
        team, user, wanted = reader.tab.team, reader.user, max(0, reader.tab.pages.plans)
        ids, total = await uow.homes.owned(team, user, wanted * PLANS, PLANS)
        number = min(wanted, last_page(total, PLANS))
        if number != wanted:
            ids, total = await uow.homes.owned(team, user, number * PLANS, PLANS)
        known = await uow.plans.by_ids(team, ids) if ids else {}
        counts = await uow.evidence.progress(ids) if ids else {}
        runs = await uow.gpus.of_experiments(ids)
        accruals = by_run(await uow.accruals.of([run.id for run in runs]))
        shown = []
        for x in (known[i] for i in ids if i in known):
            mine = [run for run in runs if run.experiment == x.id]
            spent = whole(mine, accruals, reader.found.now)
            price = sum((live_price(run) for run in mine), Decimal(0))
            shown.append(OwnPlan(x, counts.get(x.id), spent, price, bool(mine)))
        return Page(shown, number, PLANS, total)


def _gpus(reader: Reader) -> list[Waits]:
    """Runs that somebody is asked about, what costs most per hour first."""
    admins = (reader.user,) if reader.person.administers else ()
    found: list[Waits] = []
    for line in reader.found.running:
        lead = reader.user if reader.leads(line.run.channel) else None
        kind = gpu_asks(line.run, line.view.plan, reader.user, lead, admins, reader.found.now)
        if kind is not None:
            found.append((kind, line))
    return found


def _led_or_not(
    waits: Sequence[Waits],
) -> list[tuple[ExperimentId, Kind]]:
    return [(w.experiment, kind) for kind, w in waits if not isinstance(w, Line)]
