"""Prices that admins set for GPUs whose provider tells none: the form, and what was typed in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.cards import ids
from bot.cards.blocks import context, field, modal, paragraphs, section
from bot.cards.choosing import menu
from bot.cards.forms.budget import dollars, exact
from bot.cards.forms.form import inputs
from bot.cards.forms.problems import Wrong
from bot.cards.gpu_say import NAME, PROVIDERS, code_of
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, joined, mention, one_line
from bot.domain.delivery import Block, Message
from bot.domain.fleet import Provider
from bot.domain.ids import UserId
from bot.domain.watch import SetPrice

SHOWN = 40
"""Prices and unpriced kinds that are listed; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What is set, and of which kinds something runs that has no price."""

    held: Sequence[SetPrice]
    lacking: Sequence[tuple[Provider, str]] = ()


def prices_modal(prices: Prices, lang: str) -> Block:
    """What is set, and a row to set, change or remove one."""
    say = words(lang).prices_set
    first, gpu = prices.lacking[0] if prices.lacking else (next(iter(PROVIDERS)), "")
    providers = [(p.value, Mrkdwn(name)) for p, name in PROVIDERS.items()]
    typed: Block = {"type": "plain_text_input", "action_id": ids.FIELD, "max_length": NAME}
    if gpu:
        typed["initial_value"] = one_line(gpu, NAME)
    amount: Block = {"type": "plain_text_input", "action_id": ids.FIELD, "max_length": 20}
    return modal(
        ids.PRICES_MODAL,
        say.title(),
        [
            context(say.intro()),
            *_listed(prices, lang),
            menu("provider", say.provider(), providers, first.value),
            field("gpu", say.gpu(), typed, hint=say.gpu_hint()),
            field("price", say.price(), amount, hint=say.price_hint(), optional=True),
        ],
        submit=words(lang).settings.submit(),
        close=words(lang).settings.close(),
    )


def price_errors(view: Mapping[str, Any], lang: str) -> Mapping[str, Mrkdwn]:
    """The sentences beside the fields of what cannot be read."""
    typed, say, wrong = inputs(view), words(lang).prices_set, {}
    if not one_line(typed.get("gpu", ""), NAME):
        wrong["gpu"] = say.gpu_wrong()
    try:
        parse_price(view)
    except Wrong:
        wrong["price"] = say.price_wrong(one_line(typed.get("price", ""), NAME))
    return wrong


def parse_price(view: Mapping[str, Any]) -> SetPrice:
    """The price as typed; nothing removes what is set. Raises `Wrong`, also for zero."""
    typed = inputs(view)
    text = typed.get("price", "").strip()
    price = dollars(text) if text else Decimal(0)
    if text and not price:
        raise Wrong("expected")
    return SetPrice(Provider(typed["provider"]), one_line(typed.get("gpu", ""), NAME), price)


def price_words(price: SetPrice | None, lang: str) -> Mrkdwn:
    """What it costs, or that nothing is set."""
    say = words(lang).prices_set
    return say.an_hour(exact(price.price)) if price and price.price else say.not_set()


def kind_words(provider: Provider, gpu: str) -> Mrkdwn:
    """Which GPU of whom."""
    return joined(" ", Mrkdwn(PROVIDERS.get(provider, provider.value)), code_of(gpu))


def _listed(prices: Prices, lang: str) -> list[Block]:
    say = words(lang).prices_set
    lines = [say.held(kind_words(p.provider, p.gpu), price_words(p, lang)) for p in prices.held]
    lines += [say.lacks(kind_words(*kind)) for kind in prices.lacking]
    beyond = [say.more(len(lines) - SHOWN)] if len(lines) > SHOWN else []
    return paragraphs([*lines[:SHOWN], *beyond])


def price_note(by: UserId, before: SetPrice | None, after: SetPrice, lang: str) -> Message:
    """Who set which price, for the ops channel."""
    say, kind = words(lang).prices_set, kind_words(after.provider, after.gpu)
    text = say.changed(mention(by), kind, price_words(before, lang), price_words(after, lang))
    return Message(text, (section(text),))
