"""Checklists and evidence forms to show: items in every state, of every source."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from bot.cards import evidence as cards
from bot.cards.checklist import checklist as checklist_card
from bot.cards.derived import derived
from bot.cards.evidence_which import which
from bot.cards.forms.evidence import attach_modal
from bot.cards.forms.evidence_judge import assign_modal, reason_modal
from bot.cards.forms.evidence_said import Said, read_message
from bot.cards.forms.evidence_sheet import AttachForm
from bot.domain.delivery import Message
from bot.domain.evidence import (
    ELSEWHERE,
    Content,
    Entry,
    Evidence,
    EvidenceState,
    Progress,
    Source,
)
from bot.domain.ids import UserId
from bot.domain.plans import Experiment, State
from bot.domain.replanning import doubted
from tests.cards.made import (
    COLAB,
    LARGEST,
    PLAIN,
    RENTED,
    STOPPED,
    checklist,
    planned,
    undecided,
)
from tests.forms.filling import NOW

ADA, LIN = UserId("U0ADA00001"), UserId("U0LIN00001")
PRICED = {**RENTED, **STOPPED, "model": "Qwen/Qwen3-8B"}
"""Private documents on a rented GPU, of which everything is known."""
PUBLIC = {**PRICED, "privacy": "public"}
HASH = {"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "chars": 812}
ROWS = [{"case_id": f"c{n}", "pass": n != 2} for n in range(1, 6)]


def filled(x: Experiment, lang: str) -> tuple[Evidence, ...]:
    """What owroute writes down itself, and nothing else."""
    assert x.decision is not None
    known = {e.item: e for e in derived(x, x.decision, lang, NOW)}
    return tuple(e.with_entry(known[e.item]) if e.item in known else e for e in checklist(x))


def lively(x: Experiment, lang: str) -> tuple[Evidence, ...]:
    """Claimed, typed, rejected, waived, assigned, proven and retired items among the rest."""
    later = NOW + timedelta(hours=2)
    items = {e.item: e for e in filled(x, lang)}

    def put(item: str, source: Source, content: dict[str, object], by: UserId | None = ADA) -> None:
        link = "https://acme.slack.com/files/U0ADA00001/F1/listing.png"
        entry = Entry("k", item, source, content, later, by=by, link=link)  # type: ignore[arg-type]  # JSON of any shape
        items[item] = items[item].with_entry(entry)

    put(
        "first_prompt_output",
        Source.CAPTURED,
        {"prompt": HASH, "output": HASH, "seconds": "1.25 s"},
    )
    put("five_case_eval", Source.CAPTURED, {"cases": ROWS, "total": 5, "passed": 4})
    put("runtime_command", Source.TYPED, {"command": "vllm *serve* `x`", "version": "vLLM 0.11"})
    if "stop_proof" in items:
        put("stop_proof", Source.PROVEN, {"listing": "no pods"}, None)
        items["security_note"] = items["security_note"].waived(
            "nothing *listens*", by=LIN, at=later
        )
        items["gpu_plan"] = replace(items["gpu_plan"], state=EvidenceState.MISSING).assigned(LIN)
        put("environment_report", Source.TYPED, {"driver": "550", "cuda": "12", "runtime": "vLLM"})
        items["environment_report"] = items["environment_report"].rejected(
            "CUDA *12* is too vague <!here>", by=LIN, at=later
        )
    gone = replace(
        items["shutdown_command"],
        item="notebook_link",
        label={"en": "notebook link"}.get(lang, "notebook 链接"),
        state=EvidenceState.RETIRED,
        reason="replanned",
    )
    return (*items.values(), gone)


def renewed(lang: str) -> Message:
    """What is settled while a newer capture of another model waits, and what a re-plan doubts."""
    x = planned(PLAIN, lang)
    items = {e.item: e for e in complete(x, lang)}
    later, repo = NOW + timedelta(hours=3), "other/model"
    said = {"command": "vllm *serve* other", "version": "vLLM 0.12", ELSEWHERE: repo}
    entry = Entry("n", "runtime_command", Source.CAPTURED, said, later, by=LIN)
    items["runtime_command"] = items["runtime_command"].with_entry(entry)
    bound = {e.item: e for e in doubted(items.values(), later)}
    items["latency_memory_note"] = bound["latency_memory_note"]
    return checklist_card(x, tuple(items.values()), lang)


def anew(lang: str) -> Message:
    """What the thread keeps of a capture over what is settled, and of a part."""
    x = planned(PLAIN, lang)
    items = {e.item: e for e in complete(x, lang)}
    contents: dict[str, Content] = {
        "runtime_command": {"command": "vllm serve", "version": "1", ELSEWHERE: "other/model"},
        "shutdown_command": items["shutdown_command"].content,
        "five_case_eval": {"cases": []},
    }
    entries = [
        Entry("n", item, Source.CAPTURED, content, NOW, by=ADA, whole=item != "five_case_eval")
        for item, content in contents.items()
    ]
    after = [items[e.item].with_entry(e) for e in entries]
    return cards.attached_note(x, after, ADA, lang, entries=entries)


def complete(x: Experiment, lang: str) -> tuple[Evidence, ...]:
    """Nothing is missing."""
    return tuple(
        replace(e, state=EvidenceState.GIVEN, source=Source.TYPED, by=ADA) if e.required else e
        for e in filled(x, lang)
    )


def attach(
    lang: str, item: str, fields: Mapping[str, str] = PRICED, said: Said | None = None
) -> Mapping[str, Any]:
    x = planned(fields, lang)
    form = AttachForm(item=item, said=said)
    return attach_modal(form, x, lively(x, lang), lang, others=(x,) if said else ())


def message(text: str, **more: object) -> Said:
    """A message of a channel, as the shortcut brings it."""
    body = {
        "team": {"domain": "acme"},
        "channel": {"id": "C1", "name": "ml-lab"},
        "message": {"user": LIN, "ts": "1763990000.000100", "text": text},
    }
    return read_message({**body, **more})


TABLE = "case id,prompt,result\n" + "".join(f"c{n},{'why ' * 40},pass\n" for n in range(30))
DM = {"channel": {"id": "D1", "name": "directmessage"}}


def note(lang: str) -> Message:
    """What the thread keeps of one attachment with parts of every kind."""
    items = {e.item: e for e in lively(planned(PRICED, lang), lang)}
    named = ("runtime_command", "first_prompt_output", "request_response")
    return cards.attached_note(planned(PRICED, lang), [items[i] for i in named], ADA, lang)


def judged(lang: str, draw: Callable[..., Message], item: str, *more: object) -> Message:
    x = planned(PRICED, lang)
    items = {e.item: e for e in lively(x, lang)}
    return draw(x, items[item], *more, ADA, lang)


def modal_of(lang: str, act: str, item: str | None) -> Mapping[str, Any]:
    x = planned(PRICED, lang)
    if act == "assign":
        return assign_modal(x, lively(x, lang), item or "", lang)
    return reason_modal(x, lively(x, lang), item, act, lang)


def sheet(lang: str, fields: Mapping[str, str], **more: Any) -> Message:
    x = planned(fields, lang)
    return checklist_card(x, lively(x, lang), lang, **more)


def claims(lang: str, **more: Any) -> Message:
    """Everything was captured, more than one page holds."""
    x = planned(PRICED, lang)
    told = [replace(e, state=EvidenceState.CLAIMED, by=LIN) for e in lively(x, lang) if e.counts]
    return checklist_card(x, told, lang, **more)


DRAWN: dict[str, Callable[[str], Message | Mapping[str, Any]]] = {
    "evidence": lambda lang: sheet(lang, PLAIN),
    "evidence_rented": lambda lang: sheet(lang, PRICED),
    "evidence_rented_rest": lambda lang: sheet(lang, PRICED, start=6),
    "evidence_claims": claims,
    "evidence_claims_rest": lambda lang: claims(lang, start=6),
    "evidence_private": lambda lang: sheet(lang, LARGEST),
    "evidence_colab": lambda lang: checklist_card(
        planned(COLAB, lang), filled(planned(COLAB, lang), lang), lang
    ),
    "evidence_complete": lambda lang: checklist_card(
        planned(PLAIN, lang), complete(planned(PLAIN, lang), lang), lang
    ),
    "evidence_archived": lambda lang: checklist_card(
        planned(PLAIN, lang, State.ARCHIVED), lively(planned(PLAIN, lang), lang), lang
    ),
    "evidence_undecided": lambda lang: checklist_card(undecided(), (), lang),
    "evidence_which": lambda lang: which(
        "", [planned(PLAIN, lang)], {planned(PLAIN, lang).id: Progress(1, 6)}, lang
    ),
    "evidence_which_none": lambda lang: which("", [], {}, lang),
    "evidence_unknown": lambda lang: which(
        "OW-99 *x*", [planned(PLAIN, lang)], {planned(PLAIN, lang).id: Progress(1, 6)}, lang
    ),
    "evidence_unknown_none": lambda lang: which("OW-99", [], {}, lang),
    "evidence_renewed": renewed,
    "evidence_note_attached": note,
    "evidence_note_anew": anew,
    "evidence_note_rejected_newer": lambda lang: judged(
        lang, partial(cards.rejected_note, newer=True), "environment_report", "too *old*"
    ),
    "evidence_note_accepted": lambda lang: cards.accepted_note(
        planned(PLAIN, lang), lively(planned(PLAIN, lang), lang)[:2], ADA, lang
    ),
    "evidence_note_rejected": lambda lang: judged(
        lang, cards.rejected_note, "environment_report", "CUDA *12* is too vague <!here>"
    ),
    "evidence_note_waived": lambda lang: judged(lang, cards.waived_note, "security_note"),
    "evidence_note_assigned": lambda lang: judged(lang, cards.assigned_note, "gpu_plan", LIN),
    "form_evidence_model": lambda lang: attach(lang, "model_card_license"),
    "form_evidence_prompt": lambda lang: attach(lang, "first_prompt_output"),
    "form_evidence_prompt_private": lambda lang: attach(lang, "first_prompt_output", LARGEST),
    "form_evidence_cases": lambda lang: attach(lang, "five_case_eval"),
    "form_evidence_cases_private": lambda lang: attach(lang, "five_case_eval", LARGEST),
    "form_evidence_gpu_plan": lambda lang: attach(lang, "gpu_plan"),
    "form_evidence_message": lambda lang: attach(
        lang, "first_prompt_output", PUBLIC, message("Retrieval *first* &lt;b&gt;")
    ),
    "form_evidence_message_private": lambda lang: attach(
        lang, "source_trace", LARGEST, message("secret words", **DM)
    ),
    "form_evidence_message_table": lambda lang: attach(
        lang, "five_case_eval", PUBLIC, message(TABLE)
    ),
    "form_evidence_message_no_table": lambda lang: attach(
        lang, "five_case_eval", PUBLIC, message(TABLE.replace("c29", "c1"))
    ),
    "form_evidence_reject": lambda lang: modal_of(lang, "reject", "five_case_eval"),
    "form_evidence_reject_given": lambda lang: modal_of(lang, "reject", None),
    "form_evidence_waive": lambda lang: modal_of(lang, "waive", "security_note"),
    "form_evidence_assign": lambda lang: modal_of(lang, "assign", "gpu_plan"),
}
"""Name to card, as in the gallery."""
