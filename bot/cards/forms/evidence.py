"""**Attach evidence**: an item, its fields with what is known already, a paste-back, a link.

From a message shortcut also the experiment is chosen, and the message stands below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.cards import ids, say
from bot.cards.blocks import OPTION, capped, context, field, headline, modal, option, section
from bot.cards.evidence import state_word
from bot.cards.forms.evidence_choice import chosen_item, replaces
from bot.cards.forms.evidence_inputs import (
    TABLES,
    asked,
    input_of,
    link_input,
    paste_input,
    taken_table,
)
from bot.cards.forms.evidence_said import Said, shown
from bot.cards.forms.evidence_sheet import (
    EXPERIMENT,
    ITEM,
    LINK,
    PASTE,
    AttachForm,
    Sheet,
    fit_for,
    keeps_link,
)
from bot.cards.forms.model_card import offer
from bot.cards.i18n import words
from bot.cards.items import item_name, item_what
from bot.cards.text import Mrkdwn, joined, mention, moment, one_line
from bot.domain.captured import BASELINE, is_baseline
from bot.domain.delivery import Block
from bot.domain.evidence import Evidence, EvidenceState, missing
from bot.domain.evidence_fields import FIELDS, NOTE
from bot.domain.evidence_values import BadValue
from bot.domain.ids import UserId
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private

CHOICES = 100
TASK = 50


def attach_modal(
    form: AttachForm,
    x: Experiment,
    items: Sequence[Evidence],
    lang: str,
    *,
    others: Sequence[Experiment] = (),
) -> Block:
    """The form for one item. `others` are the experiments a message may be for, `x` among them.

    Raises `NothingAsked` for an experiment without a checklist.
    """
    say_, private = words(lang).evidence_form, is_private(x)
    item = chosen_item(form, items, x)
    said = fit_for(form.said, x) if form.said else None
    form = replace(form, said=said)
    inputs = [input_of(x, item, f, form, lang) for f in asked(item, said, private=private)]
    sheet = _sheet(form, x, item, [*(str(b["block_id"]) for b in inputs), PASTE, LINK])
    return modal(
        ids.ATTACH_MODAL,
        say_.title(),
        [
            *_head(x, item, lang),
            *([_experiments(x, others, lang)] if others else []),
            _items(x, item, items, lang),
            *_told(item, said, lang, private=private),
            *offer(x, item.item, lang),
            *inputs,
            paste_input(form, lang),
            *([] if said and keeps_link(said, x) else [link_input(form, item, lang)]),
            *(_message(said, x, lang) if said else ()),
        ],
        submit=say_.replace() if replaces(item) else say_.submit(),
        close=say_.close(),
        metadata=sheet.dump(),
    )


def _head(x: Experiment, item: Evidence, lang: str) -> list[Block]:
    """For which experiment, how much to fill in, and what is replaced."""
    say_ = words(lang).evidence_form
    head = headline("clipboard", x.label, one_line(x.shown.card.task, TASK))
    told = [section(_replaced(item, lang))] if replaces(item) else []
    return [head, *told, context(say_.all_or_paste())]


def _replaced(item: Evidence, lang: str) -> Mrkdwn:
    """What goes when something else is attached: what stands, or what waits for Accept."""
    say_, when = words(lang).evidence_form, moment(item.changed_at)
    if item.state is EvidenceState.CLAIMED:
        return say_.replaces_doubted() if item.is_doubted else say_.replaces_captured(when)
    return say_.replaces(mention(item.by), when) if item.by else say_.replaces_derived(when)


def _sheet(form: AttachForm, x: Experiment, item: Evidence, on_screen: Sequence[str]) -> Sheet:
    return Sheet(
        e=x.id,
        r=x.latest.number,
        item=item.item,
        p=is_private(x),
        back=form.back,
        said=form.said.withheld if form.said else None,
        typed={n: t for n, t in form.typed.items() if t and n not in on_screen},
    )


def _experiments(x: Experiment, others: Sequence[Experiment], lang: str) -> Block:
    by_id = {o.id: o for o in (x, *others)}
    options = {
        str(o.id): option(joined(" · ", o.label, one_line(o.shown.card.task, TASK)), str(o.id))
        for o in list(by_id.values())[:CHOICES]
    }
    return _select(EXPERIMENT, words(lang).evidence_form.label_experiment(), options, str(x.id))


def _items(x: Experiment, item: Evidence, items: Sequence[Evidence], lang: str) -> Block:
    """The items that can be given, those that need somebody first."""
    there = [e for e in items if e.can_be_given]
    owed = [e for e in missing(items) if e in there]
    others = [e for e in there if e not in owed and e != item]
    options = {e.item: _option(e, lang) for e in (*owed, item, *others)[:CHOICES]}
    label = words(lang).evidence_form.label_item()
    return _select(f"{ITEM}.{x.id}", label, options, item.item)


def _option(item: Evidence, lang: str) -> Block:
    name = joined(" · ", item_name(item, lang), state_word(item, lang))
    return option(capped(name, OPTION), item.item)


def _select(name: str, label: Mrkdwn, options: Mapping[str, Block], chosen: str) -> Block:
    element = {
        "type": "static_select",
        "action_id": ids.EVIDENCE_ITEM,
        "options": list(options.values()),
        "initial_option": options[chosen],
    }
    return field(name, label, element, dispatch=True)


def _told(item: Evidence, said: Said | None, lang: str, *, private: bool) -> Iterator[Block]:
    """What to know before typing."""
    say_, fields = words(lang).evidence_form, FIELDS.get(item.item, NOTE)
    tables = any(f.kind in TABLES for f in fields)
    rows = item.content.get("cases") or item.content.get("pairs")
    what = item_what(item, lang)
    lines: list[object] = [what] if what else []
    if private and any(f.private for f in fields):
        lines.append(say_.withheld())
    if private and tables:
        lines.append(say_.withheld_table())
    if tables and isinstance(rows, list) and rows:
        lines.append(say_.has_table(len(rows)) if _stands(item) else say_.no_baseline(len(rows)))
    table = taken_table(item, said)
    if isinstance(table, list):
        lines.append(say_.table_taken(len(table)))
    elif isinstance(table, BadValue):
        why = say.spoken(lang, "evidence_wrong", table.code, table.hint)
        lines.append(say_.table_refused(why))
    if lines:
        yield context(*lines)


def _stands(item: Evidence) -> bool:
    """Whether the table that is there may be left as it is."""
    return item.item != BASELINE or is_baseline(item.content)


def _message(said: Said, x: Experiment, lang: str) -> Iterator[Block]:
    """The message it comes from, or what of it is kept."""
    say_ = words(lang).evidence_form
    if said.text:
        yield section(say_.from_message(mention(UserId(said.author))))
        yield from shown(said)
    else:
        yield context(say_.message_withheld(said.chars))
    if not keeps_link(said, x):
        yield context(say_.link_dropped())
