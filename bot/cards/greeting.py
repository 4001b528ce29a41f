"""The first message in a channel: what owroute does there, who added it, and how to quiet it."""

from bot.cards import ids
from bot.cards.blocks import actions, button, context, section
from bot.cards.i18n import words
from bot.cards.ids import PlaceRef
from bot.cards.reminders import hour_of, place_of
from bot.cards.settings import cadence_words
from bot.cards.text import Mrkdwn, joined, mention
from bot.domain.delivery import Message
from bot.domain.ids import UserId
from bot.domain.schedule import DAY, Cadence
from bot.domain.workspace import Channel


def greeting(here: Channel, inviter: UserId | None, cadence: Cadence, lang: str) -> Message:
    """Said once in a channel. `inviter` is who added owroute, as far as Slack says."""
    say, help_ = words(lang).greeting, words(lang).help
    head = say.added_by(mention(inviter)) if inviter else say.added()
    does = [
        say.decides(),
        _reminds(cadence, lang),
        say.digests(),
        say.watches(),
    ]
    lead = say.lead(mention(here.lead)) if here.lead else say.no_lead()
    lines = joined("\n", *(Mrkdwn(f"• {line}") for line in does))
    place = PlaceRef(c=here.channel).dump()
    row = [
        button(help_.plan_button(), ids.OPEN_PLAN, style="primary"),
        button(help_.settings_button(), ids.OPEN_SETTINGS),
        button(say.mute(), ids.MUTE_CHANNEL, value=place, says=say.mute_says()),
        button(help_.help_button(), ids.OPEN_HELP),
    ]
    blocks = (section(head), section(lines), section(lead), actions(row), context(say.reads()))
    return Message(joined("\n", head, lines, lead), blocks)


def _reminds(cadence: Cadence, lang: str) -> Mrkdwn:
    """How often what is missing is asked for, and on which days."""
    say, often = words(lang).greeting, cadence_words(cadence.every, lang)
    if cadence.every == DAY and not cadence.weekends:
        return say.reminds_each_workday(hour_of(cadence.hour), place_of(cadence.zone))
    when = say.at(often, hour_of(cadence.hour), place_of(cadence.zone)) if cadence.days else often
    return say.reminds(when) if cadence.weekends else say.reminds_workdays(when)
