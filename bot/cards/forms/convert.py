"""One field's text becomes fields of the constraint card, or `Wrong`.

Only what the contract cannot know is decided here: how people write numbers, models and hours.
Ranges and patterns are the contract's own and are checked by building the card.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bot.cards.forms.fields import (
    ALWAYS,
    ALWAYS_DAYS,
    FIELDS,
    LONGEST_SESSION,
    OFFICE,
    OFFICE_DAYS,
    REPO_LIMIT,
    REVIEW_DAYS,
    default_of,
)
from bot.cards.forms.numbers import decimal, whole
from bot.cards.forms.problems import Wrong
from bot.domain.architecture import NotAConfig, config_of, shapes

Values = dict[str, Any]
"""Arguments of `ConstraintCard`, with `gpu_id`, `gpu_count` and `ram_gib` of its hardware."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_HUB = re.compile(r"https?://(www\.)?(huggingface\.co|hf\.co)/", re.IGNORECASE)
COUNTED = re.compile(r"([0-9]{1,3})\s*[x×*]\s*(\S.*)", re.IGNORECASE)


def convert(name: str, text: str, today: date) -> Values:
    """The card's fields that one field's text stands for. Raises `Wrong`."""
    return _CONVERT[name](text, today)


def model(text: str) -> Values:
    """`owner/name`, `owner/name@commit` or the model's page on the Hub."""
    repo, at, revision = _HUB.sub("", text.strip()).rstrip("/").partition("@")
    if len(repo) > REPO_LIMIT:
        raise Wrong("expected")
    if at:
        return {"model_repo": repo, **commit(revision)}
    return {"model_repo": repo, "revision": None}


def commit(text: str) -> Values:
    """40 hex digits; a branch or tag moves and is refused by name."""
    revision = text.strip().lower()
    if not _COMMIT.fullmatch(revision):
        raise Wrong("branch", text.strip()[:40])
    return {"revision": revision}


def hardware(text: str) -> Values:
    """`l4`, `RTX 4090` or `2 x L4`; which GPU a name stands for is the engine's to say."""
    typed = text.strip()
    counted = COUNTED.fullmatch(typed)
    count, gpu = (int(counted[1]), counted[2]) if counted else (1, typed)
    return {"gpu_id": gpu, "gpu_count": count}


def stop_after(text: str, today: date) -> Values:
    """Hours, `office` or `always`; each states the whole stop plan, so that none is left over."""
    plan: Values = {"session_hours": None, "always_on": False, "review_date": None}
    match text.strip().lower():
        case "office":
            return {**plan, "session_hours": Decimal(8), "days_per_month": OFFICE_DAYS}
        case "always":
            review = today + timedelta(days=REVIEW_DAYS)
            days = {"days_per_month": ALWAYS_DAYS, "review_date": review}
            return {**plan, "always_on": True, **days}
        case hours:
            usual = int(default_of("days_per_month"))
            return {**plan, "session_hours": decimal(hours), "days_per_month": usual}


def review_date(text: str, today: date) -> Values:
    """A day after today, as YYYY-MM-DD."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip()):
        raise Wrong("expected")
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Wrong("expected") from None
    if day <= today:
        raise Wrong("past", today.isoformat())
    return {"review_date": day}


def is_stop_choice(text: str) -> bool:
    """Whether *Stop after* can show this: one of its choices, or a number of hours."""
    if text in (OFFICE, ALWAYS):
        return True
    try:
        return 0 < decimal(text) <= LONGEST_SESSION
    except Wrong:
        return False


def _choice(name: str) -> Callable[[str, date], Values]:
    def chosen(text: str, _: date) -> Values:
        if text not in FIELDS[name].choices:
            raise Wrong("expected")
        return {name: text}

    return chosen


def _yes(name: str) -> Callable[[str, date], Values]:
    def answered(text: str, _: date) -> Values:
        if text not in FIELDS[name].choices:
            raise Wrong("expected")
        return {name: text == "yes"}

    return answered


def _number(name: str, read: Callable[[str], int | Decimal]) -> Callable[[str, date], Values]:
    return lambda text, _: {name: read(text)}


def _as_is(name: str) -> Callable[[str, date], Values]:
    return lambda text, _: {name: text}


def _elsewhere(shape: str) -> Callable[[str, date], Values]:
    """What belongs to the experiment or to the form, and adds nothing to the card."""

    def checked(text: str, _: date) -> Values:
        if not re.fullmatch(shape, text):
            raise Wrong("expected")
        return {}

    return checked


def providers_in(text: str) -> tuple[str, ...]:
    """Names of providers, however they are separated."""
    return tuple(n.strip().lower() for n in re.split(r"[,，、;\s]+", text) if n.strip())


def _providers(text: str, _: date) -> Values:
    return {"providers_allowed": providers_in(text)}


def _config(text: str) -> Values:
    try:
        return {"config": shapes(config_of(text))}
    except NotAConfig as lack:
        raise Wrong("config_key" if lack.key else "config_json", lack.key) from None


_CONVERT: Mapping[str, Callable[[str, date], Values]] = {
    "task": _as_is("task"),
    "privacy": _choice("privacy"),
    "available_route": _choice("available_route"),
    "needs_service_api": _yes("needs_service_api"),
    "needs_fine_tuning": _yes("needs_fine_tuning"),
    "budget_level": _choice("budget_level"),
    "stop_after": stop_after,
    "review_date": review_date,
    "max_monthly": _number("max_monthly", decimal),
    "model": lambda text, _: model(text),
    "hardware": lambda text, _: hardware(text),
    "ram_gib": _number("ram_gib", decimal),
    "context_tokens": _number("context_tokens", whole),
    "concurrency": _number("concurrency", whole),
    "owner": _elsewhere(r"[UW][A-Z0-9]{1,20}"),
    "post_to": _elsewhere(r"[CG][A-Z0-9]{1,20}"),
    "commercial_use": _yes("commercial_use"),
    "monthly_active_users": _number("monthly_active_users", whole),
    "eu_entity": _yes("eu_entity"),
    "providers_allowed": _providers,
    "region": lambda text, _: {"region": text.strip()},
    "max_hourly": _number("max_hourly", decimal),
    "days_per_month": _number("days_per_month", whole),
    "access_rule": _as_is("access_rule"),
    "tenancy": _choice("tenancy"),
    "license_id": _as_is("license_id"),
    "license_review": _as_is("license_review"),
    "licensed_model": lambda _, __: {},
    "revision": lambda text, _: commit(text),
    "config_json": lambda text, _: _config(text),
    "params_billion": lambda text, _: {"params_total": int(decimal(text) * 10**9)},
    "price_seen": _number("hourly", decimal),
}
