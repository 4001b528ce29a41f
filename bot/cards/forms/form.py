"""The plan form as a value, and its way through a view: what is visible and what is carried."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.cards.forms.fields import ALL, FIELDS, FIRST, MORE, stop_fields
from bot.cards.forms.problems import Problem
from bot.cards.text import Mrkdwn, unescaped
from bot.domain.ids import ChannelId, ExperimentId

METADATA = 3000
"""Characters Slack keeps for a view."""


@dataclass(frozen=True, slots=True)
class PlanForm:
    """What somebody has typed so far, field name to raw text; an empty field is absent.

    `channel` is where `/owroute` was typed, None when *Post to* must ask. `experiment` and
    `revision` name what is planned again. `notices` are shown on top until the card is submitted.
    """

    values: Mapping[str, str]
    more: bool = False
    channel: ChannelId | None = None
    experiment: ExperimentId | None = None
    revision: int | None = None
    notices: tuple[Problem, ...] = field(default=())

    @property
    def visible(self) -> tuple[str, ...]:
        """The inputs a person sees, in the order of the modal."""
        more = tuple(n for n in MORE if n != "owner" or self.experiment is None)
        return (
            *FIRST,
            *stop_fields(self.values),
            *(more if self.more else ()),
            *(("post_to",) if self.channel is None else ()),
        )

    @property
    def destination(self) -> ChannelId | None:
        """Where the card will be posted, once that is known."""
        chosen = self.values.get("post_to")
        return self.channel or (ChannelId(chosen) if chosen else None)


class Carried(BaseModel):
    """What a view carries in `private_metadata`, next to what is visible in it."""

    model_config = ConfigDict(frozen=True)

    v: Literal[1] = 1
    channel: str | None = None
    experiment: int | None = None
    revision: int | None = None
    more: bool = False
    hidden: dict[str, str] = {}
    notices: tuple[tuple[str, str, str], ...] = ()
    parent: str = ""

    def dump(self) -> str:
        """At most 3,000 characters; notices, which were shown already, make way first."""
        text = self.model_dump_json(exclude_defaults=True)
        if len(text) > METADATA:
            text = self.model_copy(update={"notices": ()}).model_dump_json(exclude_defaults=True)
        return text


def carried(form: PlanForm, visible: Iterable[str], parent: str = "") -> str:
    """The metadata of a view that shows `visible` of the form."""
    seen = frozenset(visible)
    hidden = {n: kept(n, v) for n, v in form.values.items() if n in FIELDS and n not in seen}
    return Carried(
        channel=form.channel,
        experiment=form.experiment,
        revision=form.revision,
        more=form.more,
        hidden=hidden,
        notices=tuple((p.name, p.code, p.hint) for p in form.notices),
        parent=parent,
    ).dump()


def kept(name: str, text: str) -> str:
    """A field's text as it is carried: on one line, without controls, within its limit."""
    line = " ".join(text.split()) if "\n" in text or "\r" in text else text
    clean = "".join(c for c in line if unicodedata.category(c) not in {"Cc", "Cs"})
    return clean[: ALL[name].limit]


def read(view: Mapping[str, Any]) -> PlanForm:
    """The form in a view payload. Odd payloads give an emptier form, never an error."""
    known = carried_by(view)
    typed = inputs(view)
    values = {n: t for n, t in {**known.hidden, **typed}.items() if n in FIELDS and t}
    return PlanForm(
        values=values,
        more=known.more,
        channel=ChannelId(known.channel) if known.channel else None,
        experiment=None if known.experiment is None else ExperimentId(known.experiment),
        revision=known.revision,
        notices=tuple(Problem(*n) for n in known.notices),
    )


def carried_by(view: Mapping[str, Any]) -> Carried:
    """What a view carries; nothing when another version of owroute drew it."""
    try:
        return Carried.model_validate_json(str(view.get("private_metadata") or "{}"))
    except ValidationError:
        return Carried()


def inputs(view: Mapping[str, Any]) -> dict[str, str]:
    """The visible inputs: block id to text, "" when empty.

    A view that was just opened reports no state yet: what it was drawn with stands for it.
    """
    state = _mapping(_mapping(view.get("state")).get("values"))
    if state:
        return {str(block): _text_of(_first(element)) for block, element in state.items()}
    return {
        str(b.get("block_id")): _text_of(_mapping(b.get("element")), "initial_")
        for b in _blocks(view)
        if b.get("type") == "input"
    }


def edited(view: Mapping[str, Any]) -> dict[str, str]:
    """The inputs that somebody has changed since the view was drawn: block id to text, trimmed."""
    drawn = inputs({**view, "state": None})
    typed = {name: text.strip() for name, text in inputs(view).items()}
    return {name: text for name, text in typed.items() if text != drawn.get(name, "").strip()}


def required(view: Mapping[str, Any]) -> frozenset[str]:
    """The inputs of a view that it was drawn with as not optional."""
    return frozenset(
        str(b.get("block_id"))
        for b in _blocks(view)
        if b.get("type") == "input" and b.get("optional") is False
    )


def section_text(view: Mapping[str, Any], block_id: str) -> str:
    """What a section of a view says, "" without one; Slack hands text back escaped."""
    found = (b for b in _blocks(view) if b.get("block_id") == block_id)
    text = next((_mapping(b.get("text")).get("text") for b in found), "")
    return unescaped(Mrkdwn(text)) if isinstance(text, str) else ""


def _blocks(view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    blocks = view.get("blocks")
    return [_mapping(b) for b in blocks] if isinstance(blocks, list) else []


def _text_of(element: Mapping[str, Any], prefix: str = "selected_") -> str:
    option = _mapping(element.get(f"{prefix}option"))
    plain = "value" if prefix == "selected_" else "initial_value"
    found = (
        option.get("value"),
        element.get(f"{prefix}user"),
        element.get(f"{prefix}conversation"),
        element.get(f"{prefix}date"),
        element.get(plain),
    )
    people = element.get(f"{prefix}users")
    if isinstance(people, list):
        return " ".join(str(user) for user in people)
    return next((v for v in found if isinstance(v, str)), "")


def _first(element: object) -> Mapping[str, Any]:
    return next((_mapping(v) for v in _mapping(element).values()), {})


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
