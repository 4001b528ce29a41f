"""A field as a Block Kit input. Block and action ids never change, so typed input survives."""

from collections.abc import Mapping
from datetime import date
from typing import assert_never

from bot.cards import ids
from bot.cards.blocks import PLACEHOLDER, field, option, plain
from bot.cards.forms.convert import is_stop_choice
from bot.cards.forms.fields import ALL, FIRST, HOURS, YES_NO, Field, Kind
from bot.cards.forms.form import kept
from bot.cards.forms.problems import label
from bot.cards.i18n import words
from bot.cards.say import spoken
from bot.cards.text import Mrkdwn
from bot.domain.delivery import Block

_HINTED = frozenset(
    {
        "stop_after",
        "review_date",
        "max_monthly",
        "model",
        "hardware",
        "ram_gib",
        "context_tokens",
        "concurrency",
        "providers_allowed",
        "access_rule",
        "tenancy",
        "license_review",
        "revision",
        "config_json",
        "params_billion",
        "price_seen",
    }
)
_EXAMPLES = frozenset(
    {"task", "access_rule", "region", "providers_allowed", "license_id", "license_review"}
)
_TYPEAHEAD = {Kind.MODEL: ids.MODEL_SEARCH, Kind.HARDWARE: ids.HARDWARE_SEARCH}


def entry(
    name: str,
    values: Mapping[str, str],
    lang: str,
    *,
    required: bool | None = None,
    dispatch: bool = True,
) -> Block:
    """The labelled input of a field, filled with its value; choices report themselves at once."""
    kind = ALL[name].kind
    text = values.get(name, "")
    needed = name in (*FIRST, "post_to") if required is None else required
    return field(
        name,
        label(name, lang),
        _element(ALL[name], text, lang),
        hint=spoken(lang, "form", f"hint_{name}") if name in _HINTED else None,
        optional=not needed,
        dispatch=dispatch and kind in (Kind.CHOICE, Kind.DATE, Kind.MODEL, Kind.HARDWARE),
    )


def _element(item: Field, text: str, lang: str) -> Block:
    match item.kind:
        case Kind.TEXT:
            return text_input(item, text, lang)
        case Kind.CHOICE:
            return _select(item, text, lang)
        case Kind.DATE:
            day = text if _is_day(text) else ""
            return _initial({"type": "datepicker", "action_id": ids.FIELD}, "date", day)
        case Kind.PERSON:
            return _initial({"type": "users_select", "action_id": ids.FIELD}, "user", text)
        case Kind.PLACE:
            return _conversations(text)
        case Kind.MODEL | Kind.HARDWARE:
            return _typeahead(item, text, lang)
        case _:
            assert_never(item.kind)


def text_input(item: Field, text: str, lang: str) -> Block:
    """A line of text, as typed so far."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": ids.FIELD,
        "max_length": item.limit,
    }
    if item.name == "config_json":
        element["multiline"] = True
    if item.name in _EXAMPLES:
        example = spoken(lang, "form", f"example_{item.name}")
        element["placeholder"] = plain(example, PLACEHOLDER)
    return _initial(element, "value", kept(item.name, text))


def choice_words(name: str, value: str, lang: str) -> Mrkdwn:
    """What a choice is called."""
    choices = ALL[name].choices
    if name == "stop_after" and (value in HOURS or value not in choices):
        return words(lang).form.hours(value)
    return spoken(lang, "form", value if choices == YES_NO else f"{name}_{value}")


def _select(item: Field, text: str, lang: str) -> Block:
    own_hours = item.name == "stop_after" and text not in item.choices and is_stop_choice(text)
    choices = (text, *item.choices) if own_hours else item.choices
    options = {c: option(choice_words(item.name, c, lang), c) for c in choices}
    element: Block = {
        "type": "static_select",
        "action_id": ids.FIELD,
        "options": list(options.values()),
        "placeholder": plain(words(lang).form.choose(), PLACEHOLDER),
    }
    return _initial(element, "option", options.get(text))


def _typeahead(item: Field, text: str, lang: str) -> Block:
    example = spoken(lang, "form", f"example_{item.name}")
    element: Block = {
        "type": "external_select",
        "action_id": _TYPEAHEAD[item.kind],
        "min_query_length": 1,
        "placeholder": plain(example, PLACEHOLDER),
    }
    value = kept(item.name, text)
    return _initial(element, "option", option(value, value) if value else None)


def _conversations(text: str) -> Block:
    element: Block = {
        "type": "conversations_select",
        "action_id": ids.FIELD,
        "filter": {
            "include": ["public", "private"],
            "exclude_bot_users": True,
            "exclude_external_shared_channels": True,
        },
    }
    if not text:  # Slack ignores an initial conversation next to this
        return {**element, "default_to_current_conversation": True}
    return _initial(element, "conversation", text)


def _initial(element: Block, what: str, value: object) -> Block:
    return {**element, f"initial_{what}": value} if value else element


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
