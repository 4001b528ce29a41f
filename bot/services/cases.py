"""All use cases that handlers may call, built once by the composition root."""

from dataclasses import dataclass

from bot.ports import RouteEngine
from bot.services.audit import ReadAudit
from bot.services.background import Background
from bot.services.capture import ClaimCapture, OfferCapture, ShareScript
from bot.services.checklists import ReadEvidence
from bot.services.compare import ComparePlans
from bot.services.conclude import DecidePlan
from bot.services.decisions import AskStanding
from bot.services.digest.again import SendDigestAgain
from bot.services.digest.asking import ReadDigests
from bot.services.digest.switching import SwitchDigest
from bot.services.evidence import AttachEvidence, ChangeEvidence
from bot.services.gpu.capping import CapExperiment
from bot.services.gpu.ending import EndGpu
from bot.services.gpu.guarding import HearGuard, OfferGuard
from bot.services.gpu.holding import HoldProviders
from bot.services.gpu.reading import ReadGpus
from bot.services.gpu.registering import RegisterGpu
from bot.services.gpu.steering import SteerGpu
from bot.services.greeting import GreetChannel
from bot.services.judging import JudgeEvidence
from bot.services.lifecycle import SteerPlan
from bot.services.model_card import KeepModelCard, LookUpModelCard
from bot.services.people import KnowPerson
from bot.services.plans import FindPlan, ReplanPlan, SubmitPlan
from bot.services.reading import ListNeeds, ListPlans, PrefillPlan, RunLesson
from bot.services.record import ExportRecord
from bot.services.reminders import QuietReminders
from bot.services.settings import ChangeSettings
from bot.services.settings_own import ChangeOwn
from bot.services.settings_workspace import ChangeWorkspace
from bot.services.soon import Soon
from bot.services.workspace import RemoveWorkspace


@dataclass(frozen=True, slots=True)
class Cases:
    """One field per thing a person can ask for."""

    prefill: PrefillPlan
    submit: SubmitPlan
    replan: ReplanPlan
    standing: AskStanding
    find: FindPlan
    steer: SteerPlan
    decide: DecidePlan
    list_plans: ListPlans
    list_needs: ListNeeds
    lesson: RunLesson
    compare: ComparePlans
    record: ExportRecord
    evidence: ReadEvidence
    change_evidence: ChangeEvidence
    attach: AttachEvidence
    judge: JudgeEvidence
    look_up: LookUpModelCard
    keep_card: KeepModelCard
    capture: OfferCapture
    script: ShareScript
    claim: ClaimCapture
    quiet: QuietReminders
    settings: ChangeSettings
    workspace_settings: ChangeWorkspace
    own_settings: ChangeOwn
    audit: ReadAudit
    greet: GreetChannel
    end_gpu: EndGpu
    steer_gpu: SteerGpu
    cap_experiment: CapExperiment
    register_gpu: RegisterGpu
    gpus: ReadGpus
    guard: OfferGuard
    hear_guard: HearGuard
    digests: ReadDigests
    switch_digest: SwitchDigest
    send_digest_again: SendDigestAgain
    hold: HoldProviders
    know: KnowPerson
    remove: RemoveWorkspace
    engine: RouteEngine
    soon: Soon
    background: Background
