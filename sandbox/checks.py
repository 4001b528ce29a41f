"""What Slack's client refuses to submit, input by input."""

import re
from decimal import Decimal

from sandbox.inputs import LIST_FIELDS, VALUE_FIELD
from sandbox.model import Json
from sandbox.views import OpenView
from sandbox.words import Say, say

ADDRESS = re.compile(r"https?://[^\s/.]+(\.[^\s/.]+)*(:\d+)?(/\S*)?")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def problems(view: OpenView, locale: str) -> dict[str, str]:
    """Sentences for the inputs that block the submit button, by block id."""
    found: dict[str, str] = {}
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = view.typed[block["block_id"], element["action_id"]]
        sentence = _problem(block, element, value, locale)
        if sentence:
            found[block["block_id"]] = sentence
    return found


def _problem(block: Json, element: Json, value: Json, locale: str) -> str | None:
    field = VALUE_FIELD[element["type"]]
    held = value[field]
    if held is None or (field in LIST_FIELDS and not held):
        return None if block.get("optional") else say(Say.REQUIRED, locale)
    match element["type"]:
        case "number_input":
            return _number(element, held, locale)
        case "url_text_input":
            return None if ADDRESS.fullmatch(held) else say(Say.NOT_AN_ADDRESS, locale)
        case "email_text_input":
            return None if EMAIL.fullmatch(held) else say(Say.NOT_AN_EMAIL, locale)
        case "plain_text_input":
            return _length(element, held, locale)
        case _:
            return None


def _number(element: Json, held: str, locale: str) -> str | None:
    if not NUMBER.fullmatch(held):
        return say(Say.NOT_A_NUMBER, locale)
    number = Decimal(held)
    if not element["is_decimal_allowed"] and number != number.to_integral_value():
        return say(Say.NOT_WHOLE, locale)
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < Decimal(low):
        return say(Say.TOO_SMALL, locale, limit=low)
    if high is not None and number > Decimal(high):
        return say(Say.TOO_LARGE, locale, limit=high)
    return None


def _length(element: Json, held: str, locale: str) -> str | None:
    if len(held) < element.get("min_length", 0):
        return say(Say.TOO_SHORT, locale, limit=element["min_length"])
    if len(held) > element.get("max_length", 3000):
        return say(Say.TOO_LONG, locale, limit=element.get("max_length", 3000))
    return None
