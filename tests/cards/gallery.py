"""Every card, message and view that owroute can show, by name, drawn in a language."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.cards import capture, compare, decide, forms, history, lesson, plan, status
from bot.cards import help as help_card
from bot.cards.detail import detail
from bot.cards.home import home
from bot.cards.tables import Rung
from bot.domain.delivery import Handed, HandedOver, Message
from bot.domain.evidence import EvidenceState, progress
from bot.domain.hub import NO_FACTS, Found, HubAnswer, Lack, Refusal, Renamed, Unreachable
from bot.domain.ids import ChannelId, ExperimentId, UserId
from bot.domain.needs import Need, need_of
from bot.domain.plans import Conclusion, Experiment, State
from engine.contract import Route
from tests.cards.comparing import comparison
from tests.cards.digest_standing import STANDING
from tests.cards.digesting import DIGESTING
from tests.cards.evidencing import DRAWN as EVIDENCE
from tests.cards.gpu_listing import LISTED
from tests.cards.gpu_telling import GPUING
from tests.cards.gpu_watching import WATCHED
from tests.cards.made import (
    ALWAYS,
    COLAB,
    LARGEST,
    LLAMA,
    PLAIN,
    REFUSED,
    RENTED,
    RESEARCH_ONLY,
    STOPPED,
    TOO_BIG,
    UNSURE,
    again,
    checklist,
    concluded,
    described,
    lesson_runs,
    overlaid,
    planned,
    priced,
    undecided,
)
from tests.cards.model_carding import MODEL_CARDING
from tests.cards.recording import RECORDING
from tests.cards.settling import SETTLING
from tests.forms.filling import COMMIT, TODAY, conflicts, form

Drawn = Message | Mapping[str, Any]

ADA, LIN = UserId("U0ADA00001"), UserId("U0LIN00001")
PLACE = ChannelId("C0GENERAL1")
PROBLEM = "hardware.gpu_id: no GPU is known by the id made-up"
SHAPE_PROBLEM = "These shapes make about 8.2 billion parameters, so 9 cannot be right."


STRANGER = {"available_route": "local_gpu", "hardware": "l4", "model": "acme-labs/quiet-owl-7b"}


def largest(lang: str) -> Experiment:
    """What has the most to tell: rented, private, always on, with the team's own data."""
    return overlaid(planned(LARGEST, lang))


def plain(lang: str) -> Experiment:
    """A public task on a laptop, with nothing in its way."""
    return planned(PLAIN, lang)


def sharing(how: Handed) -> Callable[[str], Message]:
    """Where the capture script is that was asked for."""
    return lambda lang: capture.shared_message(plain(lang), HandedOver(how, PLACE), lang)


def card(x: Experiment, lang: str, given: int = 0) -> Message:
    """The six lines of a decided experiment."""
    return plan.decision_card(x, progress(checklist(x, given)), lang)


def several(lang: str) -> dict[ExperimentId, Experiment]:
    """Open experiments of every kind."""
    kinds = (
        plain(lang),
        planned(RENTED, lang),
        planned(REFUSED, lang),
        planned(COLAB, lang, state=State.RUNNING),
        undecided(),
        undecided(problem=PROBLEM),
    )
    numbered = [replace(x, id=ExperimentId(n), number=n) for n, x in enumerate(kinds, 1)]
    return {x.id: x for x in reversed(numbered)}


def listing(lang: str) -> tuple[list[Experiment], dict[ExperimentId, Any]]:
    found = several(lang)
    counts = {i: progress(checklist(x, 2)) for i, x in found.items() if x.decision}
    return list(found.values()), counts


def difference(lang: str, before: Experiment, after: Experiment) -> Message:
    assert before.decision is not None
    return history.difference(after, before.shown.card, before.decision, lang)


def fixing(lang: str, code: str, fields: Mapping[str, str]) -> Mapping[str, Any]:
    x = planned(fields, lang)
    assert x.decision is not None
    return forms.fix_modal(x, conflicts(x.decision)[code], lang, today=TODAY)


def hub_note(answer: HubAnswer, lang: str) -> Message:
    card = plain(lang).latest.card.model_copy(
        update={"model_repo": "acme-labs/quiet-owl-7b", "revision": COMMIT}
    )
    return history.hub_note(card, answer, lang)


def needing(lang: str) -> list[Need]:
    """One with captures, one with many items and one that is complete."""
    colab, complete = planned(COLAB, lang, State.RUNNING), planned(PLAIN, lang, State.COMPLETE)
    found = (
        need_of(colab, checklist(colab, 3), colab.owner),
        need_of(priced(lang), checklist(priced(lang)), colab.owner),
        need_of(complete, (), complete.owner),
    )
    return [n for n in found if n is not None]


PUBLIC = "https://owroute.example.org"
FIXED = (Lack.GATED, Lack.CONFIG, Lack.COUNT)

GALLERY: dict[str, Callable[[str], Drawn]] = {
    **EVIDENCE,
    **GPUING,
    **WATCHED,
    **LISTED,
    **DIGESTING,
    **STANDING,
    "plan_go": lambda lang: card(plain(lang), lang),
    "plan_go_colab": lambda lang: card(planned(COLAB, lang), lang),
    "plan_go_rented": lambda lang: card(planned(RENTED | STOPPED, lang), lang),
    "plan_go_always_on": lambda lang: card(planned(RENTED | ALWAYS, lang), lang),
    "plan_go_priced": lambda lang: card(priced(lang), lang),
    "plan_needs_changes": lambda lang: card(planned(RENTED, lang), lang),
    "plan_refused": lambda lang: card(planned(REFUSED, lang), lang),
    "plan_refused_budget": lambda lang: card(planned(LLAMA, lang), lang),
    "plan_refused_licence": lambda lang: card(planned(RESEARCH_ONLY, lang), lang),
    "plan_does_not_fit": lambda lang: card(planned(TOO_BIG, lang), lang),
    "plan_undecided_route": lambda lang: card(planned(UNSURE, lang), lang),
    "plan_running": lambda lang: card(planned(COLAB, lang, state=State.RUNNING), lang, given=5),
    "plan_running_replanned": lambda lang: card(planned(RENTED, lang, state=State.RUNNING), lang),
    "plan_complete": lambda lang: card(planned(PLAIN, lang, state=State.COMPLETE), lang, given=99),
    "plan_decided": lambda lang: card(planned(PLAIN, lang, state=State.DECIDED), lang, given=99),
    "plan_decided_keep": lambda lang: card(concluded(plain(lang), Conclusion.KEEP), lang, given=99),
    "plan_decided_lora": lambda lang: card(
        concluded(planned(COLAB, lang), Conclusion.LORA), lang, given=4
    ),
    "plan_decided_waiting": lambda lang: plan.waiting_card(
        concluded(undecided(), Conclusion.STOP), lang
    ),
    "plan_archived": lambda lang: card(planned(RENTED, lang, state=State.ARCHIVED), lang),
    "plan_dropped": lambda lang: card(planned(PLAIN, lang, state=State.DROPPED), lang),
    "plan_replanning": lambda lang: card(again(plain(lang), COLAB), lang),
    "plan_waiting": lambda lang: plan.waiting_card(undecided(), lang),
    "plan_not_accepted": lambda lang: plan.problem_card(undecided(problem=PROBLEM), lang),
    "plan_shape_not_accepted": lambda lang: plan.problem_card(
        undecided(described(), problem=SHAPE_PROBLEM), lang
    ),
    "plan_change_not_accepted": lambda lang: plan.problem_card(
        again(plain(lang), problem=PROBLEM), lang
    ),
    "moved_not_member": lambda lang: plan.in_direct_message(
        card(plain(lang), lang), PLACE, "not_in_channel", lang
    ),
    "moved_archived": lambda lang: plan.in_direct_message(
        card(plain(lang), lang), PLACE, "is_archived", lang
    ),
    "moved_other": lambda lang: plan.in_direct_message(
        card(plain(lang), lang), PLACE, "restricted_action", lang
    ),
    "detail_go": lambda lang: detail(plain(lang), checklist(plain(lang), 3), lang),
    "detail_rented": lambda lang: detail(
        planned(RENTED, lang), checklist(planned(RENTED, lang)), lang
    ),
    "detail_refused": lambda lang: detail(
        planned(REFUSED, lang), checklist(planned(REFUSED, lang)), lang
    ),
    "detail_undecided_route": lambda lang: detail(
        planned(UNSURE, lang), checklist(planned(UNSURE, lang)), lang
    ),
    "detail_colab": lambda lang: detail(
        planned(COLAB, lang), checklist(planned(COLAB, lang)), lang
    ),
    "detail_does_not_fit": lambda lang: detail(
        planned(TOO_BIG, lang), checklist(planned(TOO_BIG, lang)), lang
    ),
    "detail_refused_licence": lambda lang: detail(
        planned(RESEARCH_ONLY, lang), checklist(planned(RESEARCH_ONLY, lang)), lang
    ),
    "detail_largest": lambda lang: detail(largest(lang), checklist(largest(lang)), lang),
    "detail_priced": lambda lang: detail(priced(lang), checklist(priced(lang)), lang),
    "history_started": lambda lang: history.started_note(plain(lang), ADA, lang),
    "history_dropped": lambda lang: history.dropped_note(plain(lang), ADA, lang),
    "history_archived": lambda lang: history.archived_note(plain(lang), ADA, lang),
    "history_archived_itself": lambda lang: history.archived_note(plain(lang), None, lang),
    "history_owner": lambda lang: history.owner_note(replace(plain(lang), owner=LIN), ADA, lang),
    "history_question": lambda lang: history.not_started_question(plain(lang), lang),
    "history_question_blocked": lambda lang: history.not_started_question(
        planned(RENTED, lang), lang
    ),
    "history_difference": lambda lang: difference(
        lang, planned(RENTED, lang), planned(RENTED | STOPPED, lang)
    ),
    "history_difference_route": lambda lang: difference(
        lang, planned(REFUSED, lang), planned({"ram_gib": "16", "task": "notes for a course"}, lang)
    ),
    "history_no_difference": lambda lang: difference(lang, plain(lang), plain(lang)),
    "history_hub_missing": lambda lang: hub_note(Refusal.MISSING, lang),
    "history_hub_no_revision": lambda lang: hub_note(Refusal.NO_REVISION, lang),
    "history_hub_token": lambda lang: hub_note(Refusal.TOKEN, lang),
    "history_hub_private": lambda lang: hub_note(Refusal.PRIVATE, lang),
    "history_hub_off": lambda lang: hub_note(Refusal.OFF, lang),
    "history_hub_renamed": lambda lang: hub_note(Renamed("acme-labs/loud-owl-7b"), lang),
    "history_hub_moved": lambda lang: hub_note(Renamed(None), lang),
    "history_hub_unreachable": lambda lang: hub_note(Unreachable("timeout"), lang),
    "history_hub_attention": lambda lang: hub_note(Found(NO_FACTS, (Lack.ATTENTION,)), lang),
    "history_hub_lacks": lambda lang: history.together(
        [
            difference(lang, plain(lang), plain(lang)),
            *(hub_note(Found(NO_FACTS, (lack, Lack.LICENCE)), lang) for lack in FIXED),
        ]
    ),
    "status": lambda lang: status.status(*listing(lang), lang),
    "status_empty": lambda lang: status.status([], {}, lang),
    "overview": lambda lang: status.overview(*listing(lang), lang),
    "overview_empty": lambda lang: status.overview([], {}, lang),
    "decide": lambda lang: decide.decide_modal(
        planned(RENTED | STOPPED, lang), checklist(planned(RENTED | STOPPED, lang), 3), lang
    ),
    "decide_complete": lambda lang: decide.decide_modal(
        plain(lang), [replace(e, state=EvidenceState.GIVEN) for e in checklist(plain(lang))], lang
    ),
    "decide_note": lambda lang: decide.concluded_note(
        concluded(plain(lang), Conclusion.KEEP), ADA, lang
    ),
    "decide_note_lora": lambda lang: decide.concluded_note(
        concluded(plain(lang), Conclusion.LORA), ADA, lang
    ),
    "capture": lambda lang: capture.capture_message(planned(COLAB, lang), lang),
    "capture_private": lambda lang: capture.capture_message(
        planned(RENTED | STOPPED, lang), lang, public_url=PUBLIC
    ),
    "capture_token": lambda lang: capture.capture_message(
        planned(RENTED | STOPPED, lang), lang, public_url=PUBLIC, token="s0me-Token_" * 4
    ),
    **{f"capture_script_{how.value}": sharing(how) for how in Handed},
    "capture_revoked": lambda lang: capture.revoked_message(plain(lang), lang),
    "help": help_card.usage,
    "help_unknown": lambda lang: help_card.usage(lang, unknown="plna", nearest="plan"),
    "help_press_again": help_card.press_again,
    "help_not_opened": lambda lang: help_card.try_again("task=x", lang),
    "help_notice": lambda lang: help_card.notice_modal(help_card.usage(lang), lang),
    "home": lambda lang: home(*listing(lang), lang),
    "home_needs": lambda lang: home(*listing(lang), lang, needing(lang)),
    "home_new": lambda lang: home([], {}, lang),
    "compare": lambda lang: comparison(planned(RENTED, lang), lang),
    "compare_refused": lambda lang: comparison(planned(REFUSED, lang), lang),
    "compare_priced": lambda lang: comparison(priced(lang), lang),
    "compare_table": lambda lang: comparison(priced(lang), lang, Rung.TABLE),
    "compare_fields": lambda lang: comparison(priced(lang), lang, Rung.FIELDS),
    "compare_which": lambda lang: compare.which("", *listing(lang), lang),
    "compare_unknown": lambda lang: compare.which("OW-99 *x*", [], {}, lang),
    "compare_moved": lambda lang: compare.moved(plain(lang), Route.local_gpu, lang),
    "lesson": lambda lang: lesson.lesson(lesson_runs(lang), lang),
    "lesson_rejection": lambda lang: lesson.rejection_modal(lesson_runs(lang), lang),
    "lesson_answer": lambda lang: lesson.rejection_answer(
        "gpt_oss", "No *public* benchmark.", lesson_runs(lang), lang
    ),
    "form": lambda lang: forms.constraint_modal(
        form(RENTED), lang, standing=planned(RENTED, lang).decision, today=TODAY
    ),
    "form_more": lambda lang: forms.constraint_modal(
        form(RENTED | ALWAYS, more=True, channel=None), lang, standing=None, today=TODAY
    ),
    "form_fix_controls": lambda lang: fixing(lang, "PRIVATE_ON_RENTED_NEEDS_CONTROLS", RENTED),
    "form_fix_stop_plan": lambda lang: fixing(lang, "NO_STOP_PLAN", RENTED),
    "form_fix_does_not_fit": lambda lang: fixing(lang, "DOES_NOT_FIT", TOO_BIG),
    "form_fix_month": lambda lang: fixing(lang, "BUDGET_EXCEEDED", LARGEST),
    "form_fix_config": lambda lang: fixing(lang, "ARCH_UNSUPPORTED", STRANGER),
    "form_owner": lambda lang: forms.owner_modal(plain(lang), lang),
    "form_facts": lambda lang: forms.constraints_modal(form(RENTED), {"id": "V1"}, lang),
    **MODEL_CARDING,
    **SETTLING,
    **RECORDING,
}
