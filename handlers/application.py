"""The Bolt application: middleware off that we replace, tables attached, one error handler."""

from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import ids
from bot.clock import Clock
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.attach import AttachHandlers
from handlers.capture import CaptureHandlers
from handlers.card import CardHandlers
from handlers.command import COMMAND, CommandHandlers
from handlers.compare import CompareHandlers
from handlers.digest import DigestHandlers
from handlers.errors import ErrorHandler
from handlers.evidence import EvidenceHandlers
from handlers.gpu import GpuHandlers
from handlers.gpu_budget import BudgetHandlers
from handlers.gpu_windows import GpuWindows
from handlers.gpus import GpusHandlers
from handlers.guard import GuardHandlers
from handlers.hold import HoldHandlers
from handlers.home import HomeHandlers
from handlers.lifecycle import LifecycleHandlers
from handlers.model_card import ModelCardHandlers
from handlers.plan import PlanHandlers
from handlers.record import RecordHandlers
from handlers.reminders import ReminderHandlers
from handlers.router import Router
from handlers.settings import SettingsHandlers
from handlers.settings_own import OwnHandlers
from handlers.settings_workspace import WorkspaceHandlers

Identify = Callable[[str | None], Awaitable[AuthorizeResult | None]]


def slack_application(
    client: AsyncWebClient, identify: Identify, cases: Cases, clock: Clock
) -> AsyncApp:
    """An application that answers when its listener returns (no acknowledge poll).

    Signatures are checked in front of it (`handlers.signature`). `client` has no token: each
    request brings the one that `identify` knows, without asking Slack.
    """

    async def authorize(team_id: str | None) -> AuthorizeResult | None:
        return await identify(team_id)

    app = AsyncApp(
        name="owroute",  # or Bolt reads the source of every caller to find one
        client=client,
        authorize=authorize,  # type: ignore[arg-type]  # None is Bolt's own sign for refusal
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )
    answers = Answers(know=cases.know, background=cases.background, home=cases.home_soon)
    router(cases, answers, clock).register(app)
    ErrorHandler(answers=answers).register(app)
    return app


def router(cases: Cases, answers: Answers, clock: Clock) -> Router:
    """Every id that owroute answers to, and what answers."""
    plan = PlanHandlers(cases=cases, answers=answers, clock=clock)
    compare = CompareHandlers(cases=cases, answers=answers)
    record = RecordHandlers(cases=cases, answers=answers)
    gpus = GpusHandlers(cases=cases, answers=answers, clock=clock)
    card = CardHandlers(
        cases=cases,
        answers=answers,
        clock=clock,
        compare=compare,
        record=record,
        rented=gpus.start,
    )
    evidence = EvidenceHandlers(cases=cases, answers=answers)
    attach = AttachHandlers(cases=cases, answers=answers, clock=clock, evidence=evidence)
    model_card = ModelCardHandlers(cases=cases, answers=answers, evidence=evidence)
    own = OwnHandlers(cases=cases, answers=answers)
    workspace = WorkspaceHandlers(cases=cases, answers=answers)
    settings = SettingsHandlers(cases=cases, answers=answers, own=own, workspace=workspace)
    hold = HoldHandlers(cases=cases, answers=answers)
    digest = DigestHandlers(cases=cases, answers=answers, clock=clock)
    command = CommandHandlers(
        cases=cases,
        answers=answers,
        plan=plan,
        compare=compare,
        evidence=evidence,
        settings=settings,
        record=record,
        gpus=gpus,
        hold=hold,
        digest=digest,
        audit=workspace.audit,
    )
    reminders = ReminderHandlers(
        cases=cases, answers=answers, checklist=evidence.open, waive=evidence.more
    )
    capture = CaptureHandlers(cases=cases, answers=answers)
    guard = GuardHandlers(cases=cases, answers=answers)
    lifecycle = LifecycleHandlers(cases=cases)
    home = HomeHandlers(cases=cases)
    windows = GpuWindows(cases=cases, answers=answers, lists=gpus)
    budget = BudgetHandlers(cases=cases, answers=answers, windows=windows)
    gpu = GpuHandlers(
        cases=cases,
        answers=answers,
        clock=clock,
        guard=guard,
        budget=budget,
        lists=gpus,
        windows=windows,
    )
    return Router(
        command=COMMAND,
        on_command=command,
        acted=home.acted,
        actions={
            ids.OPEN_PLAN: plan.shortcut,
            ids.FIELD: plan.reshape,
            ids.TOGGLE: plan.reshape,
            ids.MODEL_SEARCH: plan.reshape,
            ids.HARDWARE_SEARCH: plan.reshape,
            ids.CHANGE: plan.change,
            ids.START: card.start,
            ids.DROP: card.drop,
            ids.FIX: card.fix,
            ids.ALTERNATIVE: card.alternative,
            ids.OTHER_MODEL: card.other_model,
            ids.REPLAN: card.replan,
            ids.MORE: card.more,
            ids.DECIDE: card.decide,
            ids.CAPTURE: capture.command,
            ids.SHARE_SCRIPT: capture.share,
            ids.REVOKE: capture.revoke,
            ids.PLAN_GUARD: guard.of_plan,
            ids.REVOKE_GUARD: guard.revoke,
            ids.REMIND_MORE: reminders.more,
            ids.OPEN_SETTINGS: settings.open,
            ids.OPEN_DEFAULTS: settings.defaults,
            ids.MUTE_CHANNEL: settings.mute,
            ids.OPEN_MINE: own.open,
            ids.OPEN_WORKSPACE: workspace.open,
            ids.OPEN_PRICES: workspace.prices,
            ids.OPEN_AUDIT: workspace.older,
            ids.OPEN_EVIDENCE: evidence.open,
            ids.ATTACH: attach.open,
            ids.EVIDENCE_ITEM: attach.chosen,
            ids.HUB_CARD: model_card.open,
            ids.ACCEPT: evidence.accept,
            ids.EVIDENCE_MORE: evidence.more,
            ids.HOLD: hold.hold,
            ids.RELEASE: hold.release,
            ids.OPEN_STATUS: command.status,
            ids.OPEN_HELP: command.help,
            ids.OPEN_LESSON: command.lesson,
            ids.REJECT: command.reject,
            ids.OPEN_GPUS: gpus.open,
            ids.ADD_GPU: gpus.add,
            ids.OPEN_DIGEST: digest.preview,
            ids.DIGEST_DETAILS: digest.details,
            ids.DIGEST_CSV: digest.csv,
            ids.DIGEST_PAUSE: digest.pause,
            ids.DIGEST_RESUME: digest.resume,
            ids.DIGEST_AGAIN: digest.again,
            ids.HOME_PAGE: home.turn,
            ids.HOME_GOT_IT: home.got_it,
            **gpu.actions,
        },
        views={
            ids.PLAN_MODAL: plan.submit,
            ids.CONSTRAINTS_MODAL: plan.changed,
            ids.FIX_MODAL: card.fixed,
            ids.OWNER_MODAL: card.owner,
            ids.DECIDE_MODAL: card.decided,
            ids.SETTINGS_MODAL: settings.submit,
            ids.DEFAULTS_MODAL: settings.submit_defaults,
            ids.WORKSPACE_MODAL: workspace.submit,
            ids.WORKSPACE_DEFAULTS_MODAL: workspace.submit_defaults,
            ids.PRICES_MODAL: workspace.submit_price,
            ids.MINE_MODAL: own.submit,
            ids.ATTACH_MODAL: attach.submit,
            ids.MODEL_CARD_MODAL: model_card.submit,
            ids.REASON_MODAL: evidence.reasoned,
            ids.ASSIGN_MODAL: evidence.assigned,
            ids.LESSON_MODAL: command.rejected,
            ids.ADD_GPU_MODAL: gpus.added,
            ids.STARTED_MODAL: gpus.started,
            **gpu.views,
        },
        shortcuts={ids.PLAN_MODAL: plan.shortcut, ids.ATTACH_MODAL: attach.message},
        options={
            ids.MODEL_SEARCH: plan.models,
            ids.HARDWARE_SEARCH: plan.hardware,
            ids.GPU_SEARCH: gpus.hardware,
        },
        events={
            "app_home_opened": home.opened,
            "app_uninstalled": lifecycle.uninstalled,
            "tokens_revoked": lifecycle.tokens_revoked,
            "member_joined_channel": lifecycle.joined,
            "channel_left": lifecycle.left,
            "group_left": lifecycle.left,
            "channel_archive": lifecycle.left,
            "group_archive": lifecycle.left,
            "channel_unarchive": lifecycle.unarchived,
            "group_unarchive": lifecycle.unarchived,
        },
    )
