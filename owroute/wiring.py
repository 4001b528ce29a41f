"""The composition root: the only place that names concrete classes and puts them together."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
import structlog
from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, DueKind
from bot.ports import Fleet
from bot.services.admins import KnowAdmins
from bot.services.arming import ArmReminders
from bot.services.audit import ReadAudit
from bot.services.background import Background
from bot.services.capture import ClaimCapture, IssueToken, OfferCapture, ShareScript
from bot.services.cases import Cases
from bot.services.checklists import ReadEvidence
from bot.services.compare import ComparePlans
from bot.services.conclude import DecidePlan
from bot.services.decisions import AskStanding, PublishPlan
from bot.services.digest.aftermath import Aftermath
from bot.services.due import RunDue
from bot.services.evidence import AttachEvidence, ChangeEvidence
from bot.services.facts import DecideCard
from bot.services.gpu.guarding import OfferGuard
from bot.services.gpu.holding import HoldProviders
from bot.services.gpu.registering import RegisterGpu
from bot.services.greeting import GreetChannel
from bot.services.judging import JudgeEvidence
from bot.services.lifecycle import ArchiveStale, AskNotStarted, SteerPlan
from bot.services.model_card import KeepModelCard, LookUpModelCard
from bot.services.outbox import DrainOutbox
from bot.services.pace import Pace
from bot.services.people import KnowPerson, Rights
from bot.services.plans import FindPlan, ReplanPlan, SubmitPlan
from bot.services.reading import ListNeeds, ListPlans, PrefillPlan, RunLesson
from bot.services.record import ExportRecord
from bot.services.refused import Refused
from bot.services.reminders import KeepReminders, QuietReminders
from bot.services.reminding import RemindEvidence
from bot.services.settings import ChangeSettings
from bot.services.settings_own import ChangeOwn
from bot.services.settings_workspace import ChangeWorkspace
from bot.services.soon import Soon
from bot.services.tick import Tick
from bot.services.workspace import RemoveWorkspace
from capture import script
from gateways.engine import HttpRouteEngine
from gateways.heartbeat import Heartbeat
from gateways.hub import Hub
from gateways.model_card import HubCards
from gateways.outgoing import trusted
from gateways.slack import Identity, SlackDirectory, SlackMessenger
from handlers.application import slack_application
from owroute.engine_client import engine_client
from owroute.fleets import fleets
from owroute.hub_client import hub_client
from owroute.settings import Settings
from owroute.slack_client import slack_client, slack_session
from owroute.wiring_digest import WeeklyDigests, asked_digests, weekly_digests
from owroute.wiring_gpu import GpuWatch, gpu_watch
from storage.database import SqlStore, make_engine, migrate, serving_lock

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Runtime:
    """A bot that is put together and ready to serve. Everything it opened closes with `build`."""

    settings: Settings
    clock: Clock
    store: SqlStore
    slack: AsyncApp
    identity: Identity
    engine: HttpRouteEngine
    cases: Cases
    tick: Tick
    background: Background
    fleets: Sequence[Fleet]


@asynccontextmanager
async def build(settings: Settings, clock: Clock) -> AsyncIterator[Runtime]:
    """Open the database (migrated), Slack and the engine; close them in reverse order.

    Raises `StoreBusy` when another process serves the same SQLite file.
    """
    async with AsyncExitStack() as stack:
        store = await _store(stack, settings)
        session = await slack_session(stack)
        client = slack_client(settings, session, settings.slack_bot_token.get_secret_value())
        engine = HttpRouteEngine(
            await stack.enter_async_context(
                engine_client(settings.engine_url, settings.engine_bearer, settings.overlay)
            ),
            clock,
        )
        hub = await stack.enter_async_context(hub_client(settings.hub_url, settings.hub_bearer))
        identity = Identity(client, store, clock)
        background = Background()
        stack.push_async_callback(background.drain)
        background("greet", identity.greet)
        messenger = SlackMessenger(client, await _secret(store))
        know = KnowPerson(store=store, directory=SlackDirectory(client), clock=clock)
        decide = DecideCard(engine=engine, hub=Hub(hub))
        reminders = KeepReminders(settings.reminders)
        publish = PublishPlan(store=store, decide=decide, clock=clock, reminders=reminders)
        drain = _outbox(store, clock, messenger)
        rights = Rights(store=store, know=know)
        watched = await stack.enter_async_context(fleets(settings, settings.overlay, clock))
        watch = gpu_watch(
            store, clock, rights, watched, settings.watch, background, reminders, identity.whose
        )
        digests = weekly_digests(store, clock, settings.digest_at)
        due = _due(store, clock, publish, reminders, know, watch, digests)
        soon = Soon(background=background, publish=publish, due=due, drain=drain, clock=clock)
        cases = _cases(store, clock, engine, hub, rights, soon, reminders, settings, watch)
        yield Runtime(
            settings=settings,
            clock=clock,
            store=store,
            slack=slack_application(slack_client(settings, session, None), identity, cases, clock),
            identity=identity,
            engine=engine,
            cases=cases,
            tick=_tick(
                store,
                clock,
                due,
                reminders,
                watch,
                digests,
                drain,
                await _heartbeat(stack, settings),
            ),
            fleets=watched,
            background=background,
        )


def _cases(
    store: SqlStore,
    clock: Clock,
    engine: HttpRouteEngine,
    hub: httpx.AsyncClient | None,
    rights: Rights,
    soon: Soon,
    reminders: KeepReminders,
    settings: Settings,
    watch: GpuWatch,
) -> Cases:
    digests = asked_digests(store, clock, rights, settings.digest_at)
    list_plans = ListPlans(store=store)
    find = FindPlan(store=store, rights=rights, list_plans=list_plans)
    replan = ReplanPlan(store=store, clock=clock, find=find, rights=rights)
    change = ChangeEvidence(store=store, clock=clock, reminders=reminders)
    steer = SteerPlan(store=store, clock=clock, find=find, rights=rights, reminders=reminders)
    return Cases(
        prefill=PrefillPlan(store=store),
        submit=SubmitPlan(store=store, clock=clock, rights=rights, replan=replan),
        replan=replan,
        standing=AskStanding(engine=engine, clock=clock),
        find=find,
        steer=steer,
        decide=DecidePlan(store=store, clock=clock, rights=rights, reminders=reminders),
        list_plans=list_plans,
        list_needs=ListNeeds(store=store),
        lesson=RunLesson(engine=engine, clock=clock),
        compare=ComparePlans(find=find, store=store, engine=engine, clock=clock),
        record=ExportRecord(find=find, store=store, engine=engine, clock=clock),
        evidence=ReadEvidence(store=store, find=find, list_plans=list_plans),
        change_evidence=change,
        attach=AttachEvidence(change=change, rights=rights),
        judge=JudgeEvidence(find=find, change=change, rights=rights),
        look_up=LookUpModelCard(find=find, cards=HubCards(hub), hub=Hub(hub)),
        keep_card=KeepModelCard(store=store, find=find, change=change),
        capture=OfferCapture(
            find=find,
            rights=rights,
            issue=IssueToken(store=store, clock=clock, rights=rights, random=secrets.token_bytes),
            public_url=settings.public_url,
        ),
        script=ShareScript(find=find, store=store, clock=clock, script=script()),
        claim=ClaimCapture(store=store, clock=clock, rights=rights, change=change),
        quiet=QuietReminders(store=store, clock=clock, find=find, keep=reminders),
        settings=ChangeSettings(store=store, clock=clock, rights=rights, keep=reminders),
        workspace_settings=ChangeWorkspace(store=store, clock=clock, rights=rights),
        own_settings=ChangeOwn(
            store=store, clock=clock, rights=rights, quiet=reminders.rules.quiet
        ),
        audit=ReadAudit(store=store, rights=rights),
        greet=GreetChannel(store=store, clock=clock, rights=rights, keep=reminders),
        end_gpu=watch.end,
        steer_gpu=watch.steer,
        cap_experiment=watch.cap,
        register_gpu=RegisterGpu(
            store=store, clock=clock, find=find, rights=rights, keep=watch.keep, steer=steer
        ),
        gpus=watch.read,
        guard=OfferGuard(
            store=store,
            clock=clock,
            rights=rights,
            find=find,
            random=secrets.token_bytes,
            public_url=settings.public_url,
        ),
        hear_guard=watch.hear,
        digests=digests.read,
        switch_digest=digests.switch,
        send_digest_again=digests.again,
        hold=HoldProviders(store=store, clock=clock, rights=rights),
        know=rights.know,
        remove=RemoveWorkspace(store=store, clock=clock),
        engine=engine,
        soon=soon,
        background=soon.background,
    )


def _outbox(store: SqlStore, clock: Clock, messenger: SlackMessenger) -> DrainOutbox:
    return DrainOutbox(
        store=store,
        messenger=messenger,
        refused=Refused(store=store, clock=clock, aftermath=Aftermath()),
        pace=Pace(clock),
        clock=clock,
    )


def _due(
    store: SqlStore,
    clock: Clock,
    publish: PublishPlan,
    reminders: KeepReminders,
    know: KnowPerson,
    watch: GpuWatch,
    digests: WeeklyDigests,
) -> RunDue:
    work: dict[DueKind, Callable[[ClaimedDue], Awaitable[None]]] = {
        DueKind.PUBLISH_PLAN: publish,
        DueKind.NOT_STARTED: AskNotStarted(store=store, clock=clock),
        DueKind.ARCHIVE_PLAN: ArchiveStale(store=store, clock=clock),
        DueKind.KNOW_ADMINS: KnowAdmins(store=store, directory=know.directory, clock=clock),
        DueKind.DRAW_DIGEST: digests.draw,
        **watch.work,
    }
    together: dict[DueKind, Callable[[Sequence[ClaimedDue]], Awaitable[None]]] = {
        DueKind.REMIND_EVIDENCE: RemindEvidence(store=store, clock=clock, keep=reminders),
        DueKind.WEEKLY_DIGEST: digests.post,
    }
    return RunDue(store=store, clock=clock, work=work, together=together)


def _tick(
    store: SqlStore,
    clock: Clock,
    due: RunDue,
    reminders: KeepReminders,
    watch: GpuWatch,
    digests: WeeklyDigests,
    drain: DrainOutbox,
    heartbeat: Heartbeat,
) -> Tick:
    return Tick(
        store=store,
        clock=clock,
        due=due,
        arm={
            "arm": ArmReminders(store=store, clock=clock, keep=reminders),
            "watch": watch.arm,
            "digests": digests.arm,
        },
        outbox=drain,
        all_well=heartbeat,
    )


async def _secret(store: SqlStore) -> bytes:
    async with store(read_only=True) as uow:
        return await uow.workspaces.secret()


async def _heartbeat(stack: AsyncExitStack, settings: Settings) -> Heartbeat:
    client = await stack.enter_async_context(httpx.AsyncClient(verify=trusted(), trust_env=False))
    url = settings.heartbeat_url
    return Heartbeat(client, url.get_secret_value() if url else None)


async def _store(stack: AsyncExitStack, settings: Settings) -> SqlStore:
    stack.enter_context(serving_lock(settings.database_url))
    await migrate(settings.database_url)
    store = SqlStore(make_engine(settings.database_url))
    stack.push_async_callback(store.close)
    return store
