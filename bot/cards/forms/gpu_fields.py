"""Inputs of the GPU forms, and how what was typed in them is read.

A field's words are macros of `gpu_forms.j2`: `label_name`, `hint_name`. What is wrong with one is a
sentence beside it; nothing that was typed is lost.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from bot.cards import ids
from bot.cards.blocks import PLACEHOLDER, field, plain
from bot.cards.forms.numbers import decimal
from bot.cards.forms.problems import Wrong
from bot.cards.say import spoken
from bot.cards.text import STRIP, Mrkdwn
from bot.domain.delivery import Block
from bot.domain.ids import UserId
from bot.domain.money import price_of
from bot.domain.steering import LONGEST

LINE = 500
"""Characters of a link or command."""

_CURRENCY = re.compile(
    r"[€£¥₹₩₽元]|\b(eur|euro|gbp|cny|rmb|jpy|inr|chf|krw|cad|aud)\w*\b", re.IGNORECASE
)
_USER = re.compile(r"[UW][A-Z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is wrong, by the block it stands beside."""

    by_block: Mapping[str, str]


def text_field(
    name: str,
    text: str,
    lang: str,
    *,
    limit: int,
    optional: bool = False,
    example: bool = False,
) -> Block:
    """A line of text."""
    element: Block = {"type": "plain_text_input", "action_id": ids.FIELD, "max_length": limit}
    if text:
        element["initial_value"] = text[:limit]
    if example:
        said = spoken(lang, "gpu_forms", f"example_{name}")
        element["placeholder"] = plain(said, PLACEHOLDER)
    return _labelled(name, element, lang, optional=optional)


def moment_field(name: str, at: datetime | None, lang: str, *, optional: bool = False) -> Block:
    """A day and a time, in the zone of who fills it in."""
    element: Block = {"type": "datetimepicker", "action_id": ids.FIELD}
    if at is not None:
        element["initial_date_time"] = int(shown_moment(at).timestamp())
    return _labelled(name, element, lang, optional=optional)


def shown_moment(at: datetime) -> datetime:
    """An instant as a field can show it: to the minute."""
    return at.replace(second=0, microsecond=0)


def person_field(name: str, user: UserId | None, lang: str) -> Block:
    """Somebody of the workspace."""
    element: Block = {"type": "users_select", "action_id": ids.FIELD}
    if user is not None:
        element["initial_user"] = user
    return _labelled(name, element, lang)


def machine_field(name: str, value: str, lang: str) -> Block:
    """GPUs by a typeahead: `2 x L4`."""
    element: Block = {
        "type": "external_select",
        "action_id": ids.GPU_SEARCH,
        "min_query_length": 1,
        "placeholder": plain(spoken(lang, "gpu_forms", f"example_{name}"), PLACEHOLDER),
    }
    if value:
        element["initial_option"] = {"text": plain(value, 75), "value": value[:75]}
    return _labelled(name, element, lang, optional=True)


def _labelled(name: str, element: Block, lang: str, *, optional: bool = False) -> Block:
    label = spoken(lang, "gpu_forms", f"label_{name}")
    hint = spoken(lang, "gpu_forms", f"hint_{name}")
    return field(name, label, element, hint=hint or None, optional=optional)


def moment_in(view: Mapping[str, Any], name: str) -> datetime | None:
    """The instant that was chosen; None where there is none."""
    state = view.get("state") or {}
    inputs = (state.get("values") or {}).get(name) or {}
    chosen = next((v.get("selected_date_time") for v in inputs.values()), None)
    return datetime.fromtimestamp(chosen, UTC) if isinstance(chosen, int) else None


def wrong(code: str, lang: str, *values: object) -> Mrkdwn:
    """The sentence of what is wrong."""
    return spoken(lang, "gpu_forms", f"wrong_{code}", *values)


def stop_time(at: datetime | None, now: datetime) -> datetime | None:
    """A stop time that lies ahead, at most a month. Raises `Wrong`."""
    if at is None:
        return None
    if at <= now:
        raise Wrong("past")
    if at > now + LONGEST:
        raise Wrong("far", str(LONGEST.days))
    return at


def usd_per_hour(text: str, gpus: int = 1) -> Decimal | None:
    """US dollars an hour for the whole machine; None where nothing was typed. Raises `Wrong`."""
    typed = text.strip()
    if not typed:
        return None
    if _CURRENCY.search(typed):
        raise Wrong("currency")
    try:
        amount = decimal(typed)
    except Wrong as error:
        raise Wrong("price_meant" if error.code == "number" else "price", error.hint) from error
    if not amount:
        raise Wrong("free")
    price = price_of(amount, gpus)
    if price is None:
        raise Wrong("dear")
    return price


def web_address(text: str) -> str | None:
    """An https address; None where nothing was typed. Raises `Wrong`."""
    typed = text.strip()
    if not typed:
        return None
    odd = not typed.isascii() or re.search(r"[\s<>|\"'`\\]", typed)
    try:
        parts = urlsplit(typed)
        host = parts.hostname
    except ValueError:
        raise Wrong("address") from None
    if odd or parts.scheme != "https" or not host or "." not in host or "@" in parts.netloc:
        raise Wrong("address")
    return typed


def one_command(text: str) -> str | None:
    """A command on one line; None where nothing was typed."""
    return " ".join(STRIP.sub("", text).split()) or None


def person_in(typed: Mapping[str, str], name: str) -> UserId:
    """Who was chosen; "" for nobody, whom no workspace knows."""
    chosen = typed.get(name, "")
    return UserId(chosen if _USER.fullmatch(chosen) else "")
