"""What leads see of their channels and admins of the workspace, in a few lines each."""

from decimal import ROUND_DOWN, Decimal

from bot.cards import ids
from bot.cards.blocks import button, context, divider, header, section
from bot.cards.digest_status import again_button
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
        *(block for o in seen.overviews for block in _place(o, lang)),
        *([context(words(lang).status.more(more))] if more else []),
    ]


def _place(o: Overview, lang: str) -> list[Block]:
    """Its lines, and *Send again* where its last digest may not have arrived."""
    lines = section(_overview(o, lang), accessory=_beside(o, lang))
    if o.lost is None:
        return [lines]
    again = again_button(o.place, o.lost, lang)
    return [lines, section(words(lang).digest_status.lost(), accessory=again)]


def _beside(o: Overview, lang: str) -> Block:
    """The digest of the workspace; of a channel its settings, which it alone has."""
    say_ = words(lang).help
    if o.place is None:
        return button(say_.digest_button(), ids.OPEN_DIGEST)
    return button(say_.settings_button(), ids.OPEN_SETTINGS, value=PlaceRef(c=o.place).dump())


def _overview(o: Overview, lang: str) -> Mrkdwn:
    say_ = words(lang).home
    name = bold(channel(o.place)) if o.place else say_.whole()
    late = say_.late(o.late) if o.late else say_.none_late()
    month, burn = joined(" · ", _month(o, lang), late), burning(o.burn, lang)
    if not o.burn.running:
        return joined("\n", name, joined(" ", burn, month))
    return joined("\n", name, burn, month)


def _month(o: Overview, lang: str) -> Mrkdwn:
    """What the month has cost, beside its budget where there is one."""
    say_, cost = words(lang).home, spent_words(o.month, lang)
    if not o.cap.cap:
        return say_.month(cost)
    share = (o.month.known * 100 / o.cap.cap).quantize(Decimal(1), ROUND_DOWN)
    return say_.month_of(cost, usd(o.cap.cap, lang), f"{share:f}")
