"""Who reads Chinese reads Chinese names of what an English plan asks for, and the other way."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache

import pytest

from bot.cards import decide, detail, evidence, home
from bot.cards.checklist import checklist as checklist_card
from bot.cards.errors import sentence
from bot.cards.forms.evidence import attach_modal
from bot.cards.forms.evidence_judge import assign_modal, reason_modal
from bot.cards.forms.evidence_sheet import AttachForm
from bot.cards.home_view import PlanNeed
from bot.cards.items import in_words, item_name, item_what
from bot.cards.record import files, summary
from bot.cards.reminders import reminder
from bot.domain.delivery import Handed, HandedOver, Message
from bot.domain.evidence import Evidence, missing
from bot.domain.home import Kind
from bot.domain.needs import Need
from bot.domain.plans import Experiment
from bot.domain.record import record_of
from bot.domain.reminders import Listing
from bot.domain.schedule import Cadence
from bot.errors import NotDecidable
from tests.cards.evidencing import ADA, PRICED, filled, lively
from tests.cards.homing import seen
from tests.cards.made import ALWAYS, planned
from tests.cards.recording import checked
from tests.cards.reminding import owed

ALWAYS_ON = {**PRICED, **ALWAYS}
OTHER = {"en": "zh_CN", "zh_CN": "en"}
LANGS = tuple(OTHER)


@cache
def plan(lang: str) -> tuple[Experiment, tuple[Evidence, ...]]:
    """An experiment planned in a language, and its checklist.

    What a route proves and copies back is a text of the decision, and reads like names of items.
    """
    x = planned(PRICED, lang)
    assert x.decision is not None
    route = x.decision.route.model_copy(update={"copy_back": (), "can_prove": ("x",)})
    shown_ = replace(x.shown, decision=x.decision.model_copy(update={"route": route}))
    x = replace(x, latest=shown_, current=shown_)
    return x, lively(x, lang)


def _record(x: Experiment, items: tuple[Evidence, ...], lang: str) -> Message:
    record = record_of(x, items, [])
    return summary(x, record, checked(record, lang), HandedOver(Handed.THERE, x.channel), lang)


def _page(x: Experiment, items: tuple[Evidence, ...], lang: str) -> str:
    """The Markdown file without the ids that stand behind names."""
    return re.sub(r" \(\w+\)", "", files(record_of(x, items, []), lang)[0].text)


def _attach(x: Experiment, items: tuple[Evidence, ...], lang: str) -> object:
    return [attach_modal(AttachForm(item=e.item), x, items, lang) for e in items if e.can_be_given]


def _reminder(x: Experiment, items: tuple[Evidence, ...], lang: str) -> Message:
    planner = OTHER[lang]  # who planned it has the other language
    both = Listing((owed(planner), owed(planner, 13)), ())
    return reminder(both, None, lang, Cadence()).message


CARDS: Mapping[str, Callable[[Experiment, tuple[Evidence, ...], str], object]] = {
    "checklist": checklist_card,
    "attach": _attach,
    "reject": lambda x, items, lang: reason_modal(x, items, None, "reject", lang),
    "waive": lambda x, items, lang: reason_modal(x, items, "stop_proof", "waive", lang),
    "assign": lambda x, items, lang: assign_modal(x, items, "stop_proof", lang),
    "attached": lambda x, items, lang: evidence.attached_note(x, items[:9], ADA, lang),
    "accepted": lambda x, items, lang: evidence.accepted_note(x, items[:4], ADA, lang),
    "rejected": lambda x, items, lang: evidence.rejected_note(x, items[0], "so", ADA, lang),
    "waived": lambda x, items, lang: evidence.waived_note(x, items[0], ADA, lang),
    "assigned": lambda x, items, lang: evidence.assigned_note(x, items[0], ADA, ADA, lang),
    "detail": lambda x, items, lang: detail.detail(x, items, lang).blocks,
    "decide": decide.decide_modal,
    "barred": lambda x, items, lang: sentence(
        NotDecidable("OW-1", missing(items), False, led=True), lang
    ),
    "home": lambda x, items, lang: home.home(
        seen([PlanNeed(Kind.ATTACH, Need(x, missing(items)))]), lang
    ),
    "record": _record,
    "record_page": _page,
    "reminder": _reminder,
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("card", CARDS)
def test_no_card_has_item_words_of_another_language(card: str, lang: str) -> None:
    x, items = plan(OTHER[lang])
    _, ours = plan(lang)
    read = "\n".join(shown(CARDS[card](x, items, lang)))
    foreign = {e.label for e in items} - {e.label for e in ours}
    foreign |= {e.template for e in items} - {e.template for e in ours}
    assert [w for w in sorted(foreign) if w in read] == []
    assert any(e.label in read for e in ours)


@pytest.mark.parametrize("lang", LANGS)
def test_what_owroute_has_written_itself_is_read_in_the_readers_language(lang: str) -> None:
    other = OTHER[lang]
    x = planned(PRICED, other)
    card = "\n".join(shown(checklist_card(x, filled(x, other), lang)))
    uses = {"en": "this use is allowed", "zh_CN": "允许这种用途"}
    form = "\n".join(
        shown(attach_modal(AttachForm(item="model_card_license"), x, filled(x, other), lang))
    )
    page = _page(x, filled(x, other), lang)
    for read in (card, form, page):
        assert uses[lang] in read
        assert uses[other] not in read


@pytest.mark.parametrize("fields", [PRICED, ALWAYS_ON], ids=["hours", "always"])
@pytest.mark.parametrize("lang", LANGS)
def test_what_is_derived_of_a_gpu_is_said_in_the_readers_language(
    lang: str, fields: Mapping[str, str]
) -> None:
    """All but what the engine itself says of the route: its goal, and what to copy back."""
    read, own = (
        {e.item: e.content for e in filled(planned(fields, of), of)} for of in (OTHER[lang], lang)
    )
    theirs = {"goal", "evidence_to_copy_back"}
    for item in ("gpu_plan", "budget_cap"):
        said = {n: in_words(str(v), lang) for n, v in read.get(item, {}).items() if n not in theirs}
        assert said == {n: v for n, v in own.get(item, {}).items() if n not in theirs}


def test_the_json_of_a_record_does_not_depend_on_who_reads_it() -> None:
    x, items = plan("en")
    record = record_of(x, items, [])
    assert files(record, "en")[1].text == files(record, "zh_CN")[1].text


def test_what_a_teams_rules_add_or_rename_keeps_its_words() -> None:
    _, items = plan("en")
    added = replace(items[0], item="our_note", label="our *note*", template="What we want.")
    renamed = replace(items[0], label="licence, as legal likes it", template="Ask legal.")
    for e in (added, renamed):
        assert (item_name(e, "zh_CN"), item_what(e, "zh_CN")) == (e.label, e.template)


def test_a_text_of_a_person_is_never_translated() -> None:
    assert in_words("this use is allowed, says legal", "zh_CN") == "this use is allowed, says legal"


def shown(card: object) -> Iterator[str]:
    """Every text that a person sees of a card."""
    if isinstance(card, Message):
        yield card.text
        card = list(card.blocks)
    if isinstance(card, str):
        yield card
    elif isinstance(card, Mapping):
        yield from (str(card[k]) for k in ("text", "initial_value") if isinstance(card.get(k), str))
        for value in card.values():
            yield from shown(value) if isinstance(value, Mapping | list | tuple) else ()
    elif isinstance(card, list | tuple):
        for part in card:
            yield from shown(part)
