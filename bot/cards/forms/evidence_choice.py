"""Which item an **Attach evidence** form is for, and what attaching to it replaces."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.cards.forms.evidence_said import MARK, Said
from bot.cards.forms.evidence_sheet import AttachForm
from bot.domain.capture import read_paste
from bot.domain.capture_form import Capture
from bot.domain.captured import BASELINE, entries_of
from bot.domain.cases import table_in
from bot.domain.evidence import Evidence, EvidenceState, missing
from bot.domain.plans import Experiment
from bot.errors import NothingAsked

ITEM_OF = {"cases": BASELINE, "pairs": "before_after_eval"}
"""The item that a table is for."""


def chosen_item(form: AttachForm, items: Sequence[Evidence], x: Experiment) -> Evidence:
    """The item chosen; else of those that need somebody what the message is, or the first.

    What is there and waits for Accept comes after what is not, and what is settled only where
    nothing is open: nobody is led to replace what is good.
    """
    there = [e for e in items if e.can_be_given]
    if not there:
        raise NothingAsked(x.label)
    meant = next((e for e in there if e.item == form.item), None)
    if meant is not None:
        return meant
    owed = [e for e in missing(items) if e in there] or there
    owed.sort(key=lambda e: e.state is EvidenceState.CLAIMED)
    fits = reads_as(form.said) if form.said else frozenset()
    return next((e for e in owed if e.item in fits), owed[0])


def reads_as(said: Said) -> frozenset[str]:
    """The items that a message is for by its form: a paste-back, or a table of cases."""
    if MARK in said.text:
        capture = read_paste(said.text)
        if isinstance(capture, Capture):
            at = datetime.min.replace(tzinfo=UTC)
            held = entries_of(capture, key="", by=None, at=at, private=True)
            return frozenset(e.item for e in held)
    table = table_in(said.text)
    return frozenset({ITEM_OF[table]} if table else ())


def replaces(item: Evidence) -> bool:
    """Whether attaching to it replaces what somebody gave or accepted, or what waits for that."""
    return item.state in (EvidenceState.GIVEN, EvidenceState.CLAIMED)
