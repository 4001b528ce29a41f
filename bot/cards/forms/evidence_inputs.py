"""The inputs of an evidence item: label, hint with an example, and what is known already."""

from pydantic import JsonValue

from bot.cards import ids, say
from bot.cards.blocks import LABEL, capped, field
from bot.cards.forms.evidence_said import Said
from bot.cards.forms.evidence_sheet import LINK, PASTE, AttachForm, block_of
from bot.cards.i18n import words
from bot.cards.items import in_words
from bot.cards.text import Mrkdwn
from bot.domain.cases import table_in
from bot.domain.delivery import Block
from bot.domain.evidence import UNACCEPTED, Evidence
from bot.domain.evidence_fields import FIELDS, NOTE, Field, Kind, fields_of
from bot.domain.evidence_values import TEXT, BadValue, read_value
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private

TABLES = (Kind.CASES, Kind.PAIRS)
LONG = (Kind.TEXT, Kind.COMMAND, Kind.LISTING, *TABLES)
BEST = {"first_prompt_output": "output", "request_response": "response"}
"""The field that a message's text most likely is, where it is not the first text."""


def asked(item: Evidence, said: Said | None, *, private: bool) -> list[Field]:
    """The fields on screen: a table that the message holds is not asked for again."""
    taken = isinstance(taken_table(item, said), list)
    fields = fields_of(item.item, private=private)
    return [f for f in fields if not (taken and f.kind in TABLES)]


def taken_table(item: Evidence, said: Said | None) -> list[JsonValue] | BadValue | None:
    """The table in a message that is longer than a field, or why it is none.

    None where there is no such message, or the item has no table.
    """
    kind = next((f.kind for f in FIELDS.get(item.item, NOTE) if f.kind in TABLES), None)
    if kind is None or said is None or len(said.text) <= TEXT:
        return None
    try:
        rows = read_value(kind, said.text)
    except BadValue as bad:
        return bad
    return rows if isinstance(rows, list) else None


def known(item: Evidence, of: Field, *, private: bool) -> str:
    """What is known of a field, as text to go on from; "" for a table."""
    value = item.content.get(of.name)
    if value is None and private:
        stem, _, part = of.name.rpartition("_")
        whole = item.content.get(stem)
        value = whole.get(part) if isinstance(whole, dict) else None
    return str(value)[:TEXT] if isinstance(value, str | int | float) else ""


def label(item: str, of: Field, lang: str) -> Mrkdwn:
    """What a field is called."""
    say_, known_ = words(lang).evidence_form, item if item in FIELDS else "note"
    if _is_own(item, of):
        return say.spoken(lang, "evidence_form", f"label_{known_}_{of.name}")
    stem, _, part = of.name.rpartition("_")
    whole = say.spoken(lang, "evidence_form", f"label_{known_}_{stem}")
    return say_.label_sha256(whole) if part == "sha256" else say_.label_chars(whole)


def example(item: str, of: Field, lang: str) -> Mrkdwn:
    """A good value of a field."""
    known_ = item if item in FIELDS else "note"
    name = f"{known_}_{of.name}" if _is_own(item, of) else of.kind.value
    return say.spoken(lang, "evidence_form", f"example_{name}")


def input_of(x: Experiment, item: Evidence, of: Field, form: AttachForm, lang: str) -> Block:
    """The input of a field: what was typed, else what the message says, else what is known.

    Beside a message nothing is filled in that nobody has accepted: who attaches it gives no more.
    """
    private = is_private(x)
    hint = say.spoken(lang, "evidence_form", f"hint_{of.kind.value}", example(item.item, of, lang))
    block = block_of(x, item.item, of.name)
    text = form.typed.get(block)
    if text is None:
        text = _from_message(item, of, form.said, private=private)
    if text is None:
        text = "" if _vouched_by_none(item, form) else known(item, of, private=private)
        text = in_words(text, lang)
    return _text(block, label(item.item, of, lang), hint, text, many=of.kind in LONG)


def paste_input(form: AttachForm, lang: str) -> Block:
    """Where a paste-back goes."""
    say_ = words(lang).evidence_form
    text = form.typed.get(PASTE, "")
    return _text(PASTE, say_.label_paste(), say_.hint_paste(), text, many=True)


def link_input(form: AttachForm, item: Evidence, lang: str) -> Block:
    """Where it can be seen."""
    say_ = words(lang).evidence_form
    stands = "" if _vouched_by_none(item, form) else item.link or ""
    text = form.typed.get(LINK, stands)
    return _text(LINK, say_.label_link(), say_.hint_its_link(), text, many=False)


def _text(block: str, label_: object, hint: object, text: str, *, many: bool) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": ids.FIELD,
        "multiline": many,
        "max_length": TEXT,
        **({"initial_value": text} if text else {}),
    }
    return field(block, label_, element, hint=capped(hint, LABEL), optional=True)


def _from_message(item: Evidence, of: Field, said: Said | None, *, private: bool) -> str | None:
    """What the message says for this field; None where it says nothing."""
    if said is None:
        return None
    best = _best(item.item)
    if private:
        values = {f"{best}_sha256": said.sha256, f"{best}_chars": str(said.chars)}
        return values.get(of.name)
    fits = of.name == best and 0 < len(said.text) <= TEXT
    return said.text if fits and _can_be(of, said.text) else None


def _vouched_by_none(item: Evidence, form: AttachForm) -> bool:
    """Whether a message meets what is there to be read and was accepted by nobody."""
    return form.said is not None and item.state in UNACCEPTED


def _best(item: str) -> str:
    fields = FIELDS.get(item, NOTE)
    return BEST.get(item) or next((f.name for f in fields if f.kind in LONG), fields[0].name)


def _can_be(of: Field, text: str) -> bool:
    """Whether a text could be this field at all: a table must be one, a latency a number."""
    table = table_in(text)
    if table or of.kind in TABLES:
        return table == of.kind.value
    if of.kind is Kind.LISTING:  # the message is its link
        return True
    try:
        read_value(of.kind, text)
    except BadValue:
        return False
    return True


def _is_own(item: str, of: Field) -> bool:
    """Whether it is a field of the item, and not the hash or length that stands for one."""
    return of.name in {f.name for f in FIELDS.get(item, NOTE)}
