"""What leads see of their channels and admins of the workspace, in a few lines each."""

from decimal import ROUND_HALF_UP, Decimal

from bot.cards import ids
from bot.cards.blocks import button, context, divider, header, section
from bot.cards.gpu_money import spent_words, usd
from bot.cards.home_mine import burning
from bot.cards.home_view import HomeSeen, Overview
from bot.cards.i18n import words
from bot.cards.ids import PlaceRef
from bot.cards.text import Mrkdwn, bold, channel, joined
from bot.domain.delivery import Block


def overviews(seen: HomeSeen, lang: str) -> list[Block]:
    """The workspace for an admin, then the channels somebody leads; nothing for all others."""
    if not seen.overviews:
        return []
    say_ = words(lang).home
    title = say_.workspace() if seen.is_admin else say_.channels()
    shown = {o.place for o in seen.overviews}
    more = sum(place not in shown for place in seen.led)
    return [
        divider(),
        header(title),
        *(section(_overview(o, lang), accessory=_settings(o, lang)) for o in seen.overviews),
        *([context(words(lang).status.more(more))] if more else []),
    ]


def _settings(o: Overview, lang: str) -> Block | None:
    """The settings of a channel, beside it; the workspace's stand below."""
    if o.place is None:
        return None
    text = words(lang).help.settings_button()
    return button(text, ids.OPEN_SETTINGS, value=PlaceRef(c=o.place).dump())


def _overview(o: Overview, lang: str) -> Mrkdwn:
    say_ = words(lang).home
    name = bold(channel(o.place)) if o.place else say_.whole()
    late = say_.late(o.late) if o.late else say_.none_late()
    return joined("\n", name, burning(o.burn, lang), joined(" · ", _month(o, lang), late))


def _month(o: Overview, lang: str) -> Mrkdwn:
    """What the month has cost, beside its budget where there is one."""
    say_, cost = words(lang).home, spent_words(o.month, lang)
    if not o.cap.cap:
        return say_.month(cost)
    share = (o.month.known * 100 / o.cap.cap).quantize(Decimal(1), ROUND_HALF_UP)
    return say_.month_of(cost, usd(o.cap.cap, lang), f"{share:f}")
