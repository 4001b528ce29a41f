"""What new constraint cards begin with in a channel or a workspace: the form, and its outcome.

The names are those of the constraint card's own fields, and so are their words and their checks.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from bot.cards import ids
from bot.cards.blocks import PLACEHOLDER, context, field, modal, plain
from bot.cards.choosing import USUAL, Choice, menu
from bot.cards.forms.convert import providers_in
from bot.cards.forms.elements import choice_words, text_input
from bot.cards.forms.fields import FIELDS
from bot.cards.forms.form import edited, inputs
from bot.cards.forms.parse import ORDER, problem_with
from bot.cards.forms.problems import FieldErrors, expected, label
from bot.cards.i18n import words
from bot.cards.ids import PlaceRef
from bot.cards.say import listed
from bot.cards.text import Mrkdwn, channel, code, joined, one_line
from bot.domain.delivery import Block
from bot.domain.ids import ChannelId

Defaults = Mapping[str, str]

NAMES = (
    "privacy",
    "available_route",
    "budget_level",
    "max_monthly",
    "needs_service_api",
    "needs_fine_tuning",
    "stop_after",
    "commercial_use",
    "monthly_active_users",
    "eu_entity",
    "providers_allowed",
    "region",
    "max_hourly",
)
"""In the order of the form."""

PROVIDERS = "providers_allowed"
SHOWN, NEAR = 60, 0.6
"""Characters of a name in a sentence, and how much it resembles one that may be meant."""


def defaults_modal(
    held: Defaults,
    above: Defaults,
    lang: str,
    place: ChannelId | None = None,
    *,
    providers: Sequence[str] = (),
) -> Block:
    """What is set in a channel, or with no `place` in the workspace; `above` holds for the rest.

    `providers` are those that the engine knows; none where it does not say in time.
    """
    say = words(lang).settings_defaults
    intro = say.intro_of(channel(place)) if place else say.intro()
    return modal(
        ids.DEFAULTS_MODAL if place else ids.WORKSPACE_DEFAULTS_MODAL,
        say.title(),
        [context(intro), *(_field(name, held, above, lang, providers) for name in NAMES)],
        submit=words(lang).settings.submit(),
        close=words(lang).settings.close(),
        metadata=PlaceRef(c=place).dump() if place else "",
    )


def defaults_edit(view: Mapping[str, Any]) -> Defaults:
    """What was changed in the form."""
    return {n: text for n, text in edited(view).items() if n in NAMES}


def names_providers(view: Mapping[str, Any]) -> bool:
    """Whether providers were typed now: only then somebody need know which there are."""
    return bool(edited(view).get(PROVIDERS))


def defaults_errors(
    view: Mapping[str, Any], lang: str, *, providers: Sequence[str] = ()
) -> Mapping[str, str]:
    """The sentences beside the fields of what a constraint card could not hold either.

    And of a provider that was typed now and is none of `providers`, where these are known.
    """
    typed = {n: t.strip() for n, t in inputs(view).items() if n in NAMES and t.strip()}
    checked = (problem_with(n, t, date.min) for n, t in typed.items() if t != USUAL)
    wrong = FieldErrors(tuple(p for p in checked if p), NAMES, ORDER).by_block(lang)
    return {**_strangers(edited(view).get(PROVIDERS, ""), providers, lang), **wrong}


def _strangers(typed: str, known: Sequence[str], lang: str) -> Mapping[str, str]:
    """The sentence about the first provider of whom nothing is known, and who may be meant."""
    named = providers_in(typed)
    stranger = next((name for name in named if name not in known), None)
    if not known or stranger is None:
        return {}
    say, shown = words(lang).settings_defaults, one_line(stranger, SHOWN)
    near = get_close_matches(stranger, known, n=1, cutoff=NEAR)
    said = say.provider_meant(shown, near[0]) if near else say.provider_unknown(shown)
    return {PROVIDERS: joined(" ", said, say.providers_known(listed(known, lang)))}


def defaulted(held: Defaults, edit: Mapping[str, str]) -> dict[str, str]:
    """What is set once an edit is made; other fields of it are none of these."""
    mine = {n: text for n, text in edit.items() if n in NAMES}
    return {n: text for n, text in {**held, **mine}.items() if text not in ("", USUAL)}


def defaults_read(held: Defaults, lang: str) -> dict[str, Mrkdwn]:
    """How each reads, by field."""
    none = words(lang).settings_defaults.no_default()
    return {n: value_words(n, held[n], lang) if held.get(n) else none for n in NAMES}


def value_words(name: str, value: str, lang: str) -> Mrkdwn:
    """A default as people read it."""
    return choice_words(name, value, lang) if FIELDS[name].choices else code(value)


def _hint(name: str, lang: str, providers: Sequence[str]) -> Mrkdwn:
    say = words(lang).settings_defaults
    if name == "max_monthly":
        return joined(" ", say.large_asks(), expected(name, lang))
    if name == PROVIDERS and providers:
        return joined(" ", say.providers_hint(), say.providers_known(listed(providers, lang)))
    return expected(name, lang)


def _field(
    name: str, held: Defaults, above: Defaults, lang: str, providers: Sequence[str]
) -> Block:
    item, now = FIELDS[name], held.get(name, "")
    if item.choices:
        choices: list[Choice] = [(c, choice_words(name, c, lang)) for c in item.choices]
        return menu(name, label(name, lang), [_none(name, above, lang), *choices], now or USUAL)
    element = text_input(item, now, lang)
    if above.get(name):
        as_above = words(lang).settings_defaults.as_above(above[name])
        element["placeholder"] = plain(as_above, PLACEHOLDER)
    return field(name, label(name, lang), element, hint=_hint(name, lang, providers), optional=True)


def _none(name: str, above: Defaults, lang: str) -> Choice:
    say = words(lang).settings_defaults
    if not above.get(name):
        return USUAL, say.no_default()
    return USUAL, say.as_above(value_words(name, above[name], lang))
