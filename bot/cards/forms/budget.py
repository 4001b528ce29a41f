"""The fields of a budget, in whatever form they stand: the amount, and what follows."""

from collections.abc import Mapping
from decimal import Decimal

from bot.cards import ids
from bot.cards.blocks import field, option
from bot.cards.forms.numbers import decimal
from bot.cards.forms.problems import Wrong
from bot.cards.i18n import words
from bot.cards.say import hours, money, spoken
from bot.cards.text import Mrkdwn, one_line
from bot.domain.delivery import Block
from bot.domain.watch import MonthlyCap

BUDGET, SPENT = "budget", "budget_spent"
MOST = Decimal(10_000_000)
PLACES = 6
"""What money is counted to."""

LIMIT = 20
TELL, STOP = "tell", "stop"


def budget_fields(cap: MonthlyCap, lang: str, *, in_all: bool = False) -> list[Block]:
    """Both, with what holds now; `in_all`: not of a month."""
    say = words(lang).budget
    label = say.amount_in_all() if in_all else say.amount()
    amount: Block = {"type": "plain_text_input", "action_id": ids.FIELD, "max_length": LIMIT}
    if cap.cap:
        amount["initial_value"] = exact(cap.cap)
    choices = {name: option(spoken(lang, "budget", name), name) for name in (TELL, STOP)}
    then: Block = {
        "type": "static_select",
        "action_id": ids.FIELD,
        "options": list(choices.values()),
        "initial_option": choices[STOP if cap.stops else TELL],
    }
    return [
        field(BUDGET, label, amount, hint=say.amount_hint(), optional=True),
        field(SPENT, say.spent(), then),
    ]


def dollars(text: str) -> Decimal:
    """US dollars as typed, up to ten million and to the millionth. Raises `Wrong`."""
    amount = decimal(text)
    if amount > MOST or amount != round(amount, PLACES):
        raise Wrong("expected")
    return amount


def parse_budget(typed: Mapping[str, str]) -> MonthlyCap:
    """The cap as it was filled in; nothing typed is none. Raises `Wrong`."""
    text = typed.get(BUDGET, "").strip()
    amount = dollars(text) if text else Decimal(0)
    return MonthlyCap(amount, bool(amount) and typed.get(SPENT) == STOP)


def budget_errors(
    typed: Mapping[str, str], lang: str, *, in_all: bool = False
) -> Mapping[str, Mrkdwn]:
    """The sentence beside the field, where the amount cannot be read."""
    try:
        read = parse_budget(typed)
    except Wrong as wrong:
        say, shown = words(lang).budget, one_line(typed.get(BUDGET, ""), LIMIT)
        meant = wrong.code == "number"
        if meant:
            return {BUDGET: say.amount_meant(shown, wrong.hint)}
        return {BUDGET: say.amount_wrong_in_all(shown, MOST) if in_all else say.amount_wrong(shown)}
    if typed.get(BUDGET, "").strip() and not read.cap:
        return {BUDGET: words(lang).budget.amount_zero()}
    return {}


def budget_read(cap: MonthlyCap, lang: str) -> Mapping[str, Mrkdwn]:
    """How it reads, by field."""
    say = words(lang).budget
    amount = say.a_month(exact(cap.cap)) if cap.cap else say.nothing()
    return {BUDGET: amount, SPENT: spoken(lang, "budget", STOP if cap.stops else TELL)}


def exact(amount: Decimal) -> str:
    """500, 49.90, 0.000001: as somebody would type it, with all its places."""
    cents = amount % 1 and amount == round(amount, 2)
    return money(amount) if cents else hours(amount)


def typed_budget(cap: MonthlyCap) -> dict[str, str]:
    """Both fields as if somebody had filled them in."""
    return {BUDGET: exact(cap.cap) if cap.cap else "", SPENT: STOP if cap.stops else TELL}


def budget_label(name: str, lang: str) -> Mrkdwn:
    """What a field is called."""
    return spoken(lang, "budget", "amount" if name == BUDGET else "spent")
