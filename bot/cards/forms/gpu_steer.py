"""The forms behind the buttons of a GPU run: its stop time, its owner, its price."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.cards import ids
from bot.cards.blocks import context, modal, section
from bot.cards.forms.form import inputs
from bot.cards.forms.gpu_fields import (
    Sentences,
    moment_field,
    moment_in,
    person_field,
    person_in,
    stop_time,
    text_field,
    usd_per_hour,
    wrong,
)
from bot.cards.forms.problems import Wrong
from bot.cards.gpu_plan import powerless
from bot.cards.gpu_say import run_name
from bot.cards.gpu_view import RunView
from bot.cards.i18n import words
from bot.cards.ids import GpuRef
from bot.cards.text import Mrkdwn, joined
from bot.domain.delivery import Block
from bot.domain.ids import UserId

AHEAD = timedelta(hours=2)
"""What is proposed where there is no stop time yet."""

AMOUNT = 20


def keep_modal(view: RunView, lang: str) -> Block:
    """*Keep until...*: another time for one that is near."""
    return shutdown_modal(view, lang, title=words(lang).gpu_forms.keep_title())


def shutdown_modal(view: RunView, lang: str, *, title: Mrkdwn | None = None) -> Block:
    """*Set shutdown*: a time, and who will see to it."""
    say, run = words(lang).gpu_forms, view.run
    known = run.deadline.at if run.deadline else None
    at = known if known is not None and known > view.now else view.now + AHEAD
    return modal(
        ids.SHUTDOWN_MODAL,
        title or say.shutdown_title(),
        [section(_who_stops(view, lang)), moment_field("at", at, lang)],
        submit=say.shutdown_submit(),
        close=say.close(),
        metadata=_ref(view),
    )


def read_shutdown(view: Mapping[str, Any], now: datetime, lang: str) -> datetime | Sentences:
    """The time that was chosen, ahead of `now`."""
    try:
        at = stop_time(moment_in(view, "at"), now)
    except Wrong as error:
        return Sentences({"at": wrong(error.code, lang, error.hint)})
    return Sentences({"at": wrong("no_time", lang)}) if at is None else at


def reassign_modal(view: RunView, lang: str) -> Block:
    """*Reassign*: one person to choose."""
    say = words(lang).gpu_forms
    return modal(
        ids.REASSIGN_MODAL,
        say.reassign_title(),
        [section(say.reassign_intro(run_name(view.run))), person_field("owner", None, lang)],
        submit=say.reassign_submit(),
        close=say.close(),
        metadata=_ref(view),
    )


def read_reassign(view: Mapping[str, Any]) -> UserId:
    """Who was chosen."""
    return person_in(inputs(view), "owner")


def price_modal(view: RunView, lang: str) -> Block:
    """*Set price*: USD an hour from now on."""
    say, run = words(lang).gpu_forms, view.run
    text = format(run.price_per_hour.normalize(), "f") if run.price_per_hour is not None else ""
    return modal(
        ids.PRICE_MODAL,
        say.price_title(),
        [
            section(say.price_intro(run_name(run))),
            text_field("price", text, lang, limit=AMOUNT),
            context(say.price_note()),
        ],
        submit=say.price_submit(),
        close=say.close(),
        metadata=_ref(view),
    )


def read_price(view: Mapping[str, Any], lang: str) -> Decimal | Sentences:
    """The price that was typed."""
    try:
        price = usd_per_hour(inputs(view).get("price", ""))
    except Wrong as error:
        return Sentences({"price": wrong(error.code, lang, error.hint)})
    return Sentences({"price": wrong("price", lang, "")}) if price is None else price


def _who_stops(view: RunView, lang: str) -> Mrkdwn:
    """Whether owroute will end it then, or can only remind."""
    say, run = words(lang).gpu_forms, view.run
    name = run_name(run)
    if run.is_guarded(view.now):
        return say.guard_stops(name)
    if run.can_stop and not (view.hold or view.shut):
        return say.owroute_stops(name)
    return joined(" ", say.only_declared(name, powerless(view, lang)), say.reminded())


def _ref(view: RunView) -> str:
    return GpuRef(g=view.run.id, n=view.run.generation).dump()
