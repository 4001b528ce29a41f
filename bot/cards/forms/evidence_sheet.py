"""What an **Attach evidence** view remembers, and the form that is read back out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.cards.forms.evidence_said import Said, clean, text_in
from bot.cards.forms.form import METADATA, inputs
from bot.domain.ids import ExperimentId
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private
from bot.errors import OldButton

ITEM, EXPERIMENT, PASTE, LINK = "item", "experiment", "paste", "link"
"""Block ids: the two choices (that of an item with its experiment), the paste-back, the link."""


class Sheet(BaseModel):
    """What the view remembers: for whom it was drawn, and what is typed but not on screen.

    `p`: whether it asked for hashes instead of words; `back`: where the checklist it was opened
    from can be shown anew.
    """

    model_config = ConfigDict(frozen=True)

    v: Literal[1] = 1
    e: ExperimentId
    r: int
    item: str
    p: bool = False
    back: str = ""
    said: Said | None = None
    typed: dict[str, str] = {}

    def dump(self) -> str:
        """At most 3,000 characters; the longest of what is typed makes way."""
        sheet = self
        while len(text := sheet.model_dump_json(exclude_none=True)) > METADATA and sheet.typed:
            longest = max(sheet.typed, key=lambda name: len(sheet.typed[name]))
            left = {n: t for n, t in sheet.typed.items() if n != longest}
            sheet = sheet.model_copy(update={"typed": left})
        return text


@dataclass(frozen=True, slots=True)
class AttachForm:
    """What somebody has chosen and typed so far: block id to text."""

    item: str | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    back: str = ""
    said: Said | None = None


def sheet_of(view: Mapping[str, Any]) -> Sheet:
    """What a view remembers; `OldButton` when another version of owroute drew it."""
    try:
        return Sheet.model_validate_json(str(view.get("private_metadata") or ""))
    except ValidationError:
        raise OldButton from None


def form_in(view: Mapping[str, Any]) -> AttachForm:
    """The form in a view: what is chosen, and everything typed. Another experiment asks anew."""
    sheet = sheet_of(view)
    texts = {name: clean(text) for name, text in inputs(view).items()}
    said = sheet.said.model_copy(update={"text": text_in(view)}) if sheet.said else None
    item = next((t for n, t in texts.items() if n.startswith(f"{ITEM}.")), "")
    typed = {**sheet.typed, **{n: t for n, t in texts.items() if not _is_choice(n)}}
    moved = experiment_in(view) != sheet.e
    return AttachForm(None if moved else item or sheet.item, typed, sheet.back, said)


def experiment_in(view: Mapping[str, Any]) -> ExperimentId:
    """The experiment chosen in a view."""
    chosen = inputs(view).get(EXPERIMENT) or ""
    return ExperimentId(int(chosen)) if chosen.isdecimal() else sheet_of(view).e


def block_of(x: Experiment, item: str, name: str) -> str:
    """The block id of a field: what is typed for one item never stands in another's."""
    return f"{x.id}.{item}.{name}"


def keeps_link(said: Said, x: Experiment) -> bool:
    """Whether the link to a message may stand in an experiment: a private place stays private."""
    return not said.hidden or said.channel == x.channel


def fit_for(said: Said, x: Experiment) -> Said:
    """The message as far as an experiment may have it: no words of guarded data or of elsewhere."""
    return said.fit_for(private=is_private(x) or not keeps_link(said, x))


def _is_choice(name: str) -> bool:
    return name == EXPERIMENT or name.startswith(f"{ITEM}.")
