"""A channel's settings in words: what holds, and who changed what."""

from collections.abc import Iterable, Sequence

from bot.cards import ids
from bot.cards.blocks import actions, button, section
from bot.cards.choosing import yes_no
from bot.cards.forms.budget import BUDGET, SPENT, budget_label, budget_read
from bot.cards.forms.problems import label as default_label
from bot.cards.i18n import words
from bot.cards.say import spoken
from bot.cards.settings import AUTO, Settled, cadence_words, day_name, every_of
from bot.cards.settings_defaults import NAMES, defaults_read
from bot.cards.text import Mrkdwn, channel, code, joined, mention
from bot.domain.delivery import Message
from bot.domain.ids import UserId
from bot.domain.reminders import ReminderRules
from bot.domain.watch import MonthlyCap
from bot.domain.workspace import Channel

Change = tuple[str, Mrkdwn, Mrkdwn]
"""The setting's name, and how it reads before and after."""


def changes(before: Settled, after: Settled, rules: ReminderRules, lang: str) -> list[Change]:
    """What differs."""
    return differences(_read(*before, rules, lang), _read(*after, rules, lang))


def differences(old: dict[str, Mrkdwn], new: dict[str, Mrkdwn]) -> list[Change]:
    """What reads otherwise."""
    return [(name, old[name], new[name]) for name in old if old[name] != new[name]]


def settings_read(here: Channel, cap: MonthlyCap, rules: ReminderRules, lang: str) -> Message:
    """What holds, for somebody who may not change it, and whom to ask."""
    say, read = words(lang).settings, _read(here, cap, rules, lang)
    head = say.intro_read(channel(here.channel))
    shown = {n: value for n, value in read.items() if n not in NAMES or here.defaults.get(n)}
    lines = [say.is_now(_label(name, lang), value) for name, value in shown.items()]
    whom = say.ask_lead(mention(here.lead)) if here.lead else say.ask_admin()
    found = _listed(head, lines, whom)
    mine = actions([button(words(lang).personal.title(), ids.OPEN_MINE)])
    return Message(found.text, (*found.blocks, mine))


def changed_note(
    by: UserId, before: Settled, after: Settled, rules: ReminderRules, lang: str
) -> Message:
    """Who changed what, for everybody in the channel."""
    say = words(lang).settings
    return _listed(
        say.changed(mention(by)), change_lines(changes(before, after, rules, lang), lang)
    )


def change_lines(found: Iterable[Change], lang: str) -> list[Mrkdwn]:
    """Each in one line: what it was, what it is."""
    say = words(lang).settings
    return [say.change(_label(name, lang), old, new) for name, old, new in found]


def saved_note(lines: Sequence[Mrkdwn], lang: str, *, edited: bool) -> Message:
    """What was changed, for whoever did it, where nobody else is told.

    `edited`: something was filled in; where that changes nothing it holds already, e.g. since the
    form was submitted before.
    """
    say = words(lang).settings
    if lines:
        return _listed(say.saved(), lines)
    return _listed(say.saved_already() if edited else say.saved_nothing(), ())


def _listed(head: Mrkdwn, lines: Iterable[Mrkdwn], *last: Mrkdwn) -> Message:
    text = joined("\n", head, *(Mrkdwn(f"• {line}") for line in lines), *last)
    return Message(text, (section(text),))


def _label(name: str, lang: str) -> Mrkdwn:
    if name in (BUDGET, SPENT):
        return budget_label(name, lang)
    return default_label(name, lang) if name in NAMES else spoken(lang, "settings", name)


def _read(here: Channel, cap: MonthlyCap, rules: ReminderRules, lang: str) -> dict[str, Mrkdwn]:
    say = words(lang).settings
    return {
        "language": spoken(lang, "settings", f"language_{here.language or AUTO}"),
        "tz": code(here.tz),
        "work": _work(here, lang),
        "remind_every": cadence_words(every_of(here, rules), lang),
        "remind_at": Mrkdwn(rules.cadence(here).hour.isoformat("minutes")),
        "weekends": spoken(lang, "settings", yes_no(here.weekends)),
        "muted": spoken(lang, "settings", yes_no(here.muted)),
        "digest": spoken(lang, "settings", f"digest_{here.digest.value}"),
        "digest_at": _digest_at(here, rules, lang),
        **budget_read(cap, lang),
        "lead": mention(here.lead) if here.lead else say.nobody(),
        **defaults_read(here.defaults, lang),
    }


def _work(here: Channel, lang: str) -> Mrkdwn:
    if here.hours is None:
        return words(lang).settings.work_usual()
    span = (here.hours.start, here.hours.end)
    return Mrkdwn("–".join(at.isoformat("minutes") for at in span))


def _digest_at(here: Channel, rules: ReminderRules, lang: str) -> Mrkdwn:
    at = here.digest_at or rules.digest_at
    told = joined(" ", day_name(at.weekday, lang), at.at.isoformat("minutes"))
    return told if here.digest_at else words(lang).settings.digest_usual(told)
