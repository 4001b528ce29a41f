"""Forms filled in as Slack would report them: state from what is drawn, plus what is typed."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from bot.cards import forms
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import Experiment, Revision, State
from engine.contract import Conflict, ConstraintCard, DecisionCard, Lang
from engine.decide import decide
from engine.load import load_data
from sandbox import inputs
from sandbox.limits.surfaces import view_problems

TODAY = date(2026, 11, 24)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
DATA = load_data()
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)

CONFIG = {
    "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
    "hidden_size": 4096, "intermediate_size": 12288, "vocab_size": 151936,
    "max_position_embeddings": 40960, "tie_word_embeddings": False,
}  # fmt: skip
"""A config.json as its model's page has it, of 8.19 billion parameters."""

SIX = {
    "task": "course Q&A assistant",
    "privacy": "public",
    "available_route": "local_cpu",
    "needs_service_api": "no",
    "needs_fine_tuning": "no",
    "budget_level": "small",
}

_FIELD_OF = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
}


def form(
    given: Mapping[str, str] = MappingProxyType({}),
    *,
    more: bool = False,
    channel: str | None = "C1",
    **values: str,
) -> forms.PlanForm:
    """A form with the six filled in; "" empties one."""
    kept = {n: t for n, t in {**SIX, **given, **values}.items() if t}
    return forms.PlanForm(kept, more=more, channel=ChannelId(channel) if channel else None)


def drawn(of: forms.PlanForm, lang: str = "en", standing: DecisionCard | None = None) -> Any:
    """The constraint card's view, checked against Slack's limits."""
    return sound(forms.constraint_modal(of, lang, standing=standing, today=TODAY))


def sound(view: Mapping[str, Any]) -> Any:
    """The view, if Slack would take it."""
    assert view_problems(json.loads(json.dumps(view))) == []
    assert len(view["private_metadata"]) <= 3000
    assert len(json.dumps(view).encode()) <= 250_000
    return view


def payload(view: Mapping[str, Any], **typed: str | None) -> dict[str, Any]:
    """The view as Slack sends it back after somebody typed."""
    values: dict[str, Any] = {}
    for block, element in inputs.placed(view["blocks"]):
        if inputs.is_stateful(element):
            state = inputs.initial(element, None)
            if block["block_id"] in typed:
                state = _state(element, typed[block["block_id"]])
            values[block["block_id"]] = {element["action_id"]: state}
    assert set(typed) <= set(values), "somebody typed into an input that is not there"
    return {**view, "id": "V1", "hash": "1.a", "state": {"values": values}}


def _state(element: Mapping[str, Any], text: str | None) -> dict[str, Any]:
    field = _FIELD_OF.get(element["type"], "value")
    value: Any = text or None
    if field == "selected_option" and text:
        value = {"text": {"type": "plain_text", "text": text[:75]}, "value": text}
    return {"type": element["type"], field: value}


def card(**values: str) -> ConstraintCard:
    """The card of a form that has nothing wrong with it."""
    parsed = forms.parse(form(values), today=TODAY)
    assert isinstance(parsed, ConstraintCard), parsed
    return parsed


def errors(of: forms.PlanForm, lang: str = "en") -> dict[str, str]:
    """The sentences beside the fields of a form that is not a card yet."""
    parsed = forms.parse(of, today=TODAY)
    assert isinstance(parsed, forms.FieldErrors), parsed
    return parsed.by_block(lang)


def decided(of: ConstraintCard, lang: Lang = Lang.en, *, today: date = TODAY) -> DecisionCard:
    """What the real engine says."""
    return decide(of, DATA, lang, today=today)


def experiment(of: ConstraintCard, decision: DecisionCard | None = None) -> Experiment:
    """OW-12, planned with this card."""
    revision = Revision(3, of, decision or decided(of), UserId("U1"), NOW)
    return Experiment(
        id=ExperimentId(7),
        team=TeamId("T1"),
        number=12,
        channel=ChannelId("C1"),
        owner=UserId("U1"),
        state=State.PLANNED,
        latest=revision,
        current=revision,
        version=1,
        created_at=NOW,
        changed_at=NOW,
    )


def without_model(of: ConstraintCard) -> ConstraintCard:
    """The card with the model, and all that was said about it, left to the engine."""
    return of.model_copy(
        update=dict.fromkeys(
            ("model_repo", "revision", "architecture", "license_id", "license_review", "price_seen")
        )
    )


def conflicts(of: DecisionCard) -> dict[str, Conflict]:
    """Conflicts and warnings by code."""
    return {c.code.value: c for c in (*of.conflicts, *of.warnings)}


def block_ids(view: Mapping[str, Any]) -> list[str]:
    """The inputs of a view from top to bottom."""
    return [b["block_id"] for b in view["blocks"] if b["type"] == "input"]


def shown(view: Mapping[str, Any]) -> dict[str, object]:
    """What the inputs of a view hold at first."""
    found: dict[str, object] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            first = element.get("initial_value") or element.get("initial_date")
            option = element.get("initial_option")
            found[block["block_id"]] = option["value"] if option else first
    return found


def text_of(view: Mapping[str, Any], block_id: str) -> str:
    """The words of a section."""
    return next(str(b["text"]["text"]) for b in view["blocks"] if b.get("block_id") == block_id)
