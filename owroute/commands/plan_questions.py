"""The questions `owroute plan` and `compare` ask a person for what is missing on the card."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import typer

from bot.cards.forms.arguments import understood
from bot.cards.forms.convert import stop_after
from bot.cards.forms.fields import ALWAYS, FIELDS, HOURS, OFFICE, YES_NO
from bot.cards.forms.problems import Wrong, expected, label
from bot.clock import SystemClock
from engine.contract import AvailableRoute, BudgetLevel, ConstraintCard
from owroute.commands.plan_card import Fields, Wanting, card_of, merged
from owroute.commands.plan_flags import FLAGS, Kind
from owroute.commands.speech import Speech, plain, spoken

USUAL = {
    "available_route": AvailableRoute.undecided.value,
    "needs_service_api": "no",
    "needs_fine_tuning": "no",
    "budget_level": BudgetLevel.small.value,
}
"""What Enter alone means. Privacy has no default: nobody should say "public" by habit."""

_RENTS = (AvailableRoute.rented_gpu, AvailableRoute.undecided)

Answer = TypeVar("Answer")


def ask(
    fields: Fields, missing: Sequence[str], say: Speech, command: str = "plan"
) -> ConstraintCard:
    """The card, completed by its reader. Ctrl-D raises `typer.Abort`."""
    typer.echo(say.questions_begin(), err=True)
    for name in missing:
        fields = merged(fields, {name: _field(name, say)})
    if fields["available_route"] in _RENTS and not {"session_hours", "always_on"} & fields.keys():
        fields = merged(fields, _stop_plan(say))
    typer.echo(say.questions_again(f"owroute {command} {shlex.join(flags_of(fields))}"), err=True)
    return ConstraintCard.model_validate(fields)  # every answer was checked alone


def _field(name: str, say: Speech) -> Any:
    """One required field."""
    choices = {c: _label(name, c, say) for c in FIELDS[name].choices}
    menu = {} if tuple(choices) == YES_NO else numbered(choices)

    def read(text: str) -> Any:
        value: Any = chosen(name, text or USUAL.get(name, ""), choices)
        if FLAGS[name].kind is Kind.YES_NO and value in YES_NO:
            value = value == "yes"
        if _is_refused(name, value):
            raise Wrong("expected")
        return value

    title = plain(label(name, say.lang))
    if tuple(choices) == YES_NO:
        title = f"{title} ({'/'.join(choices.values())})"
    usual = USUAL.get(name)
    return _until_good(name, f"{title} [{choices[usual]}]" if usual else title, menu, read, say)


def _is_refused(name: str, value: Any) -> bool:
    """Whether the contract objects to this value, whatever else is missing."""
    made = card_of({name: value})
    return isinstance(made, Wanting) and any(problem.name == name for problem in made.wrong)


def _stop_plan(say: Speech) -> Fields:
    """When a rented GPU stops; left open, the decision will ask for it."""
    today = SystemClock().now().date()
    menu = {c: _label("stop_after", c, say) for c in (*HOURS, OFFICE, ALWAYS)}

    def read(text: str) -> Fields:
        word = understood("stop_after", text)[1]
        plan = stop_after(word, today) if word else {}
        named = {name: value for name, value in plan.items() if value is not None}
        if any(_is_refused(name, value) for name, value in named.items()):
            raise Wrong("expected")
        return named

    title = f"{plain(label('stop_after', say.lang))} ({say.may_stay_open()})"
    return _until_good("stop_after", title, menu, read, say)


def _until_good(
    name: str,
    title: str,
    menu: Mapping[str, str],
    read: Callable[[str], Answer],
    say: Speech,
) -> Answer:
    """Ask; explain what cannot be; ask again."""
    for key, shown in menu.items():
        typer.echo(f"  {key:>6}  {shown}", err=True)
    while True:
        text = typer.prompt(title, default="", show_default=False, err=True)
        try:
            return read(text.strip())
        except Wrong:
            typer.echo(f"  {plain(expected(name, say.lang))}", err=True)


def numbered(choices: Mapping[str, str]) -> dict[str, str]:
    """A menu: places from 1 and labels."""
    return {str(place): shown for place, shown in enumerate(choices.values(), start=1)}


def chosen(name: str, text: str, choices: Mapping[str, str]) -> str:
    """The choice that a place in the menu, a label or a wire name means; else the text itself."""
    if not choices:
        return text
    if text in numbered(choices) and tuple(choices) != YES_NO:
        return list(choices)[int(text) - 1]
    by_label = {shown.lower(): choice for choice, shown in choices.items()}
    return by_label.get(text.lower()) or understood(name, text)[1]


def _label(name: str, choice: str, say: Speech) -> str:
    if choice in HOURS:
        return spoken(say.lang, "form", "hours", choice)
    if choice in YES_NO:
        return spoken(say.lang, "form", choice)
    return spoken(say.lang, "form", f"{name}_{choice}")


def flags_of(fields: Fields) -> list[str]:
    """The fields as they could have been typed; what came only in a file stays there."""
    flat = {**fields, **(fields.get("hardware") or {})}
    typed: list[str] = []
    for name, value in flat.items():
        if name not in FLAGS or value is None:
            continue
        option = FLAGS[name].option
        if isinstance(value, bool):
            typed.append(option if value else f"--no-{option[2:]}")
        else:
            typed += [option, ",".join(value) if isinstance(value, list | tuple) else str(value)]
    return typed
