"""**Reject**, **Waive**, **Assign**: one item, and a reason or a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards import ids, say
from bot.cards.blocks import OPTION, PLACEHOLDER, capped, field, modal, option, plain, section
from bot.cards.forms.evidence_said import clean
from bot.cards.forms.evidence_sheet import Sheet, sheet_of
from bot.cards.forms.form import inputs
from bot.cards.i18n import words
from bot.cards.items import item_name
from bot.domain.delivery import Block
from bot.domain.evidence import Evidence, missing
from bot.domain.plans import Experiment
from bot.domain.record_waived import FEEDS
from bot.domain.seen import seen_as
from bot.errors import NoSuchItem

REASON, PERSON, ITEM = "reason", "person", "item"
REASON_LIMIT = 300
CHOICES = 100
SEEN = "seen."
"""Before an item's name: what was shown of it."""

NONE_SEEN: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was submitted: the act, the item, and why or to whom."""

    sheet: Sheet
    act: str
    item: str
    text: str
    seen: str = ""


def reason_modal(
    x: Experiment,
    items: Sequence[Evidence],
    item: str | None,
    act: str,
    lang: str,
    *,
    back: str = "",
    seen: Mapping[str, str] | None = None,
) -> Block:
    """Why an item is rejected or waived; without an item, which one of those that can be.

    `seen` is what was shown of it where the button stood; else it is what is here now.
    """
    say_ = words(lang).evidence
    if item is None:
        given = _open_to(items, act)
        if not given:
            raise NoSuchItem(x.label)
        head = say.spoken(lang, "evidence", f"{act}_which", x.label)
        first = [_choice(given, lang)]
    else:
        given = [_named(x, items, item)]
        label = item_name(given[0], lang)
        head, first = say.spoken(lang, "evidence", f"{act}_about", label, x.label), []
    reason = {
        "type": "plain_text_input",
        "action_id": ids.FIELD,
        "multiline": True,
        "min_length": 3,
        "max_length": REASON_LIMIT,
        "placeholder": plain(say_.example_reason(), PLACEHOLDER),
    }
    return modal(
        ids.REASON_MODAL,
        say.spoken(lang, "evidence", f"{act}_title"),
        [
            section(head),
            *_costs(item, act, lang),
            *first,
            field(REASON, say_.label_reason(), reason),
        ],
        submit=say.spoken(lang, "evidence", f"{act}_submit"),
        close=say_.cancel(),
        metadata=_sheet(x, item, act, back, seen or {e.item: seen_as([e]) for e in given}),
    )


def assign_modal(
    x: Experiment, items: Sequence[Evidence], item: str, lang: str, *, back: str = ""
) -> Block:
    """Who is asked for an item from now on."""
    say_, found = words(lang).evidence, _named(x, items, item)
    person = {
        "type": "users_select",
        "action_id": ids.FIELD,
        "initial_user": found.assignee or x.owner,
    }
    return modal(
        ids.ASSIGN_MODAL,
        say_.assign_title(),
        [
            section(say_.assign_about(item_name(found, lang), x.label)),
            field(PERSON, say_.label_person(), person),
        ],
        submit=say_.assign_submit(),
        close=say_.cancel(),
        metadata=_sheet(x, item, ids.ASSIGN_CHOICE, back),
    )


def read_judgement(view: Mapping[str, Any]) -> Judgement:
    """What was submitted in either of them; "" where nothing was chosen."""
    sheet, typed = sheet_of(view), inputs(view)
    text = clean(typed.get(REASON) or typed.get(PERSON) or "")
    item = typed.get(ITEM) or sheet.item
    seen = sheet.typed.get(f"{SEEN}{item}", "")
    return Judgement(sheet, sheet.typed.get("act", ""), item, text.strip(), seen)


def _open_to(items: Sequence[Evidence], act: str) -> list[Evidence]:
    """What can be rejected, or waived."""
    if act == ids.WAIVE_CHOICE:
        return list(missing(items))[:CHOICES]
    return [e for e in items if e.counts and e.can_be_rejected][:CHOICES]


def _costs(item: str | None, act: str, lang: str) -> list[Block]:
    """What is lost where the item is part of the record's nine fields."""
    fields = FEEDS.get(item or "", ()) if act == ids.WAIVE_CHOICE else ()
    named = [str(say.spoken(lang, "record", f"field_{name}")) for name in fields]
    return [section(words(lang).evidence.waive_costs(say.listed(named, lang)))] if named else []


def _choice(given: Sequence[Evidence], lang: str) -> Block:
    element = {
        "type": "static_select",
        "action_id": ids.FIELD,
        "options": [option(capped(item_name(e, lang), OPTION), e.item) for e in given[:CHOICES]],
    }
    return field(ITEM, words(lang).evidence_form.label_item(), element)


def _named(x: Experiment, items: Sequence[Evidence], item: str) -> Evidence:
    found = next((e for e in items if e.item == item and e.can_be_given), None)
    if found is None:
        raise NoSuchItem(x.label)
    return found


def _sheet(
    x: Experiment, item: str | None, act: str, back: str, seen: Mapping[str, str] = NONE_SEEN
) -> str:
    typed = {"act": act, **{f"{SEEN}{name}": text for name, text in seen.items()}}
    return Sheet(e=x.id, r=x.latest.number, item=item or "", back=back, typed=typed).dump()
