"""A submitted **Attach evidence** form: entries, or what is wrong beside each field.

Any text may be a paste-back of the capture script: what it holds becomes claims, and the rest of
the form then counts only where somebody has typed something.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from bot.cards import say
from bot.cards.forms.evidence_choice import chosen_item
from bot.cards.forms.evidence_inputs import TABLES, asked, known, taken_table
from bot.cards.forms.evidence_said import MARK, Said
from bot.cards.forms.evidence_sheet import (
    EXPERIMENT,
    LINK,
    PASTE,
    AttachForm,
    block_of,
    experiment_in,
    fit_for,
    form_in,
    keeps_link,
    sheet_of,
)
from bot.cards.items import same_words
from bot.cards.model_card import weights
from bot.domain.capture import BadPaste, read_paste
from bot.domain.capture_form import Capture
from bot.domain.captured import BASELINE, entries_of, is_baseline
from bot.domain.evidence import UNACCEPTED, Content, Entry, Evidence, EvidenceState, Source
from bot.domain.evidence_fields import Field, Kind
from bot.domain.evidence_values import TEXT, BadValue, read_value
from bot.domain.ids import UserId
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private
from bot.errors import NowPrivate

MESSAGE = "message"
"""Stands for the message's text, which is no input."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a field; `code` names a macro of `evidence_wrong.j2`."""

    code: str
    values: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class AttachErrors:
    """What is wrong, by block id."""

    problems: Mapping[str, Wrong]

    def by_block(self, lang: str) -> dict[str, str]:
        """A sentence below each field that says what to type."""
        return {
            block: str(say.spoken(lang, "evidence_wrong", wrong.code, *wrong.values))
            for block, wrong in self.problems.items()
        }


@dataclass(frozen=True, slots=True)
class _Reader:
    """A form, read for one item of one experiment as it is now."""

    x: Experiment
    item: Evidence
    form: AttachForm
    texts: Mapping[str, str]
    by: UserId
    at: datetime
    key: str

    @property
    def private(self) -> bool:
        return is_private(self.x)

    @property
    def said(self) -> Said | None:
        said = self.form.said
        return fit_for(said, self.x) if said else None

    def block(self, field: Field) -> str:
        return block_of(self.x, self.item.item, field.name)


def read_attached(
    view: Mapping[str, Any],
    x: Experiment,
    items: Sequence[Evidence],
    *,
    by: UserId,
    at: datetime,
) -> tuple[Entry, ...] | AttachErrors:
    """What to keep of a submitted form. Pure.

    Raises `NowPrivate` when words were typed for an experiment that has become private since.
    """
    if is_private(x) and not sheet_of(view).p:
        raise NowPrivate(x.label)
    if experiment_in(view) != sheet_of(view).e:
        return AttachErrors({EXPERIMENT: Wrong("moved")})
    form = form_in(view)
    item = chosen_item(form, items, x)
    read = _Reader(x, item, form, form.typed, by, at, str(view["id"]))
    pasted = _pasted(read, items)
    if isinstance(pasted, AttachErrors):
        return pasted
    captured, places = pasted
    link, wrong = _link(read, places)
    content, problems = _content(read, places, linked=link is not None or bool(wrong))
    typed = _typed(read, places)
    if captured and not typed:
        return captured if not wrong else AttachErrors(wrong)
    if not (typed or wrong) and _untouched(read, link):
        first = next(iter(asked(item, None, private=read.private)))
        return AttachErrors({**problems, read.block(first): Wrong("nothing_new")})
    if typed and item.state is EvidenceState.MISSING:  # what is empty can come later
        problems = {block: w for block, w in problems.items() if w.code != "empty"}
    if problems or wrong:
        return AttachErrors({**problems, **wrong})
    entry = Entry(read.key, item.item, Source.TYPED, content, at, by=by, link=link)
    return (*(e for e in captured if e.item != item.item), entry)


def _pasted(
    read: _Reader, items: Sequence[Evidence]
) -> tuple[tuple[Entry, ...], frozenset[str]] | AttachErrors:
    """The claims of all paste-backs, and the blocks that they stand in."""
    texts = {**read.texts, **({MESSAGE: read.said.text} if read.said else {})}
    found: dict[str, Entry] = {}
    problems: dict[str, Wrong] = {}
    places = frozenset(block for block, text in texts.items() if MARK in text)
    for block in places:
        at = PASTE if block == MESSAGE else block
        capture = read_paste(texts[block])
        entries = _claims(capture, read, items)
        if isinstance(entries, Wrong):
            problems[at] = entries
        else:
            found |= {e.item: e for e in entries}
    if PASTE not in places and read.texts.get(PASTE, "").strip():
        problems[PASTE] = Wrong("paste_not_a_paste")
    return AttachErrors(problems) if problems else (tuple(found.values()), places)


def _claims(
    capture: Capture | BadPaste, read: _Reader, items: Sequence[Evidence]
) -> tuple[Entry, ...] | Wrong:
    if isinstance(capture, BadPaste):
        return Wrong(f"paste_{capture.reason.value}", (capture.hint or "?",))
    if capture.experiment.upper() != read.x.label:
        return Wrong("paste_other", (capture.experiment.upper(), read.x.label))
    entries = entries_of(
        capture, key=read.key, by=read.by, at=read.at, private=read.private, runs=weights(read.x)
    )
    wanted = {e.item for e in items if e.can_be_given}
    fitting = tuple(e for e in entries if e.item in wanted)
    return fitting or Wrong("paste_nothing", (read.x.label,))


def _typed(read: _Reader, places: frozenset[str]) -> bool:
    """Whether somebody has typed something of their own into the item's fields."""
    for field in asked(read.item, read.said, private=read.private):
        text = read.texts.get(read.block(field), "").strip()
        stood = known(read.item, field, private=read.private).strip()
        own = text and not same_words(text, stood)
        if own and read.block(field) not in places:
            return True
    return False


def _untouched(read: _Reader, link: str | None) -> bool:
    """Whether a form in which nothing was typed would give what nobody has accepted."""
    linked = link is not None and link != read.item.link
    return read.item.state in UNACCEPTED and read.said is None and not linked


def _content(
    read: _Reader, places: frozenset[str], *, linked: bool
) -> tuple[Content, dict[str, Wrong]]:
    """The values of the item's fields, and what is wrong with the others.

    What is `linked` to need not name the machine itself.
    """
    content: dict[str, JsonValue] = {}
    problems: dict[str, Wrong] = {}
    for field in asked(read.item, read.said, private=read.private):
        block = read.block(field)
        text = "" if block in places else read.texts.get(block, "")
        try:
            kind = Kind.TEXT if linked and field.kind is Kind.LISTING else field.kind
            content[field.name] = read_value(kind, text, private=read.private)
        except BadValue as bad:
            if not (bad.code == "empty" and _may_stay_empty(read.item, field)):
                problems[block] = Wrong(bad.code, (bad.hint,))
    return {**content, **_of_the_message(read)}, problems


def _may_stay_empty(item: Evidence, field: Field) -> bool:
    """A table that is there already is kept by leaving its field empty, if it can stand.

    One that nobody has accepted is typed, or accepted in the checklist.
    """
    there = field.kind in TABLES and bool(item.content.get(field.name))
    there = there and item.state not in UNACCEPTED
    return field.optional or (there and (item.item != BASELINE or is_baseline(item.content)))


def _of_the_message(read: _Reader) -> Content:
    """Who said it and, where that may be, what; else its hash and length. A table is taken."""
    said = read.said
    if said is None:
        return {}
    table = taken_table(read.item, said)
    rows: Content = {}
    if isinstance(table, list):
        name = next(f.name for f in asked(read.item, None, private=False) if f.kind in TABLES)
        rows = {name: table}
    withheld: JsonValue = {"sha256": said.sha256, "chars": said.chars}
    short = said.text and len(said.text) <= TEXT and MARK not in said.text
    return {**rows, "author": said.author, MESSAGE: said.text if short else withheld}


def _link(read: _Reader, places: frozenset[str]) -> tuple[str | None, dict[str, Wrong]]:
    """Where it can be seen: the message, or what was typed."""
    said = read.said
    if said and keeps_link(said, read.x):
        return said.link, {}
    text = "" if LINK in places else read.texts.get(LINK, "")
    if not text.strip():
        return None, {}
    try:
        return str(read_value(Kind.LINK, text)), {}
    except BadValue as bad:
        return None, {LINK: Wrong(bad.code, (bad.hint,))}
