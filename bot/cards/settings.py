"""A channel's settings: the form, what was typed in it, and the line that says who changed what."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from bot.cards import ids
from bot.cards.blocks import context, field, modal, option, section
from bot.cards.forms.budget import (
    BUDGET,
    SPENT,
    budget_errors,
    budget_fields,
    budget_label,
    budget_read,
    parse_budget,
)
from bot.cards.forms.form import inputs
from bot.cards.i18n import words
from bot.cards.ids import PlaceRef
from bot.cards.say import spoken
from bot.cards.text import Mrkdwn, channel, code, joined, mention, one_line
from bot.domain.delivery import Block, Message
from bot.domain.ids import UserId
from bot.domain.reminders import ReminderRules
from bot.domain.schedule import DAY, zone_named
from bot.domain.watch import MonthlyCap
from bot.domain.workspace import LANGUAGES, Channel

Settled = tuple[Channel, MonthlyCap]
"""All that holds in a channel."""

AUTO = "auto"
ZONE = 64
MINUTE = timedelta(minutes=1)
EVERY = {
    timedelta(hours=4): "every_4h",
    DAY: "every_1d",
    2 * DAY: "every_2d",
    7 * DAY: "every_7d",
}
"""The cadences that can be chosen; another one that holds is a choice as well."""


def settings_modal(
    here: Channel, cap: MonthlyCap, rules: ReminderRules, lang: str, *, zone: str, leads: bool
) -> Block:
    """The settings as they are; `zone` is what to begin with, `leads` offers the lead."""
    say = words(lang).settings
    fields = [
        _select("language", here.language or AUTO, [AUTO, *LANGUAGES], lang),
        _zone(zone, lang),
        _select("remind_every", _minutes(_every(here, rules)), _cadences(here, rules), lang),
        _select("remind_at", _hour(here, rules), _hours(here, rules), lang, hint=True),
        _select("weekends", _yes(here.weekends), ["yes", "no"], lang),
        _select("muted", _yes(here.muted), ["yes", "no"], lang),
        *budget_fields(cap, lang),
        *([_lead(here, lang)] if leads else []),
    ]
    return modal(
        ids.SETTINGS_MODAL,
        say.title(),
        [context(say.intro(channel(here.channel))), *fields],
        submit=say.submit(),
        close=say.close(),
        metadata=PlaceRef(c=here.channel).dump(),
    )


def parse_settings(
    view: Mapping[str, Any], here: Channel, rules: ReminderRules, *, leads: bool
) -> tuple[Channel, MonthlyCap]:
    """The settings as they were filled in, where `settings_errors` finds nothing wrong.

    What was left as the installation has it goes on following the installation.
    """
    typed = inputs(view)
    every = MINUTE * int(typed["remind_every"])
    at = time.fromisoformat(typed["remind_at"])
    filled = replace(
        here,
        language=typed["language"] if typed["language"] in LANGUAGES else None,
        tz=zone_named(typed["tz"]) or here.tz,
        remind_every=here.remind_every if every == _every(here, rules) else every,
        remind_at=here.remind_at if at == rules.cadence(here).hour else at,
        weekends=typed["weekends"] == "yes",
        muted=typed["muted"] == "yes",
        lead=(UserId(typed["lead"]) if typed.get("lead") else None) if leads else here.lead,
    )
    return filled, parse_budget(typed)


def settings_errors(view: Mapping[str, Any], lang: str) -> Mapping[str, Mrkdwn]:
    """The sentences beside the fields of what cannot be read."""
    typed, wrong = inputs(view), {}
    if zone_named(typed.get("tz", "")) is None:
        wrong["tz"] = words(lang).settings.tz_wrong(one_line(typed.get("tz", ""), ZONE))
    return {**wrong, **budget_errors(typed, lang)}


def changes(
    before: Settled, after: Settled, rules: ReminderRules, lang: str
) -> list[tuple[str, Mrkdwn, Mrkdwn]]:
    """What differs: the setting's name, and how it reads before and after."""
    old, new = _read(*before, rules, lang), _read(*after, rules, lang)
    return [(name, old[name], new[name]) for name in old if old[name] != new[name]]


def settings_read(here: Channel, cap: MonthlyCap, rules: ReminderRules, lang: str) -> Message:
    """What holds, for somebody who may not change it, and whom to ask."""
    say, read = words(lang).settings, _read(here, cap, rules, lang)
    head = say.intro_read(channel(here.channel))
    lines = [say.is_now(_label(name, lang), value) for name, value in read.items()]
    whom = say.ask_lead(mention(here.lead)) if here.lead else say.ask_admin()
    text = joined("\n", head, *(Mrkdwn(f"• {line}") for line in lines), whom)
    return Message(text, (section(text),))


def changed_note(
    by: UserId, before: Settled, after: Settled, rules: ReminderRules, lang: str
) -> Message:
    """Who changed what, for everybody in the channel."""
    say = words(lang).settings
    lines = [
        say.change(_label(name, lang), old, new)
        for name, old, new in changes(before, after, rules, lang)
    ]
    text = joined("\n", say.changed(mention(by)), *(Mrkdwn(f"• {line}") for line in lines))
    return Message(text, (section(text),))


def _label(name: str, lang: str) -> Mrkdwn:
    if name in (BUDGET, SPENT):
        return budget_label(name, lang)
    return spoken(lang, "settings", name)


def _read(here: Channel, cap: MonthlyCap, rules: ReminderRules, lang: str) -> dict[str, Mrkdwn]:
    say = words(lang).settings
    return {
        "language": spoken(lang, "settings", f"language_{here.language or AUTO}"),
        "tz": code(here.tz),
        "remind_every": _cadence_words(_minutes(_every(here, rules)), lang),
        "remind_at": Mrkdwn(_hour(here, rules)),
        "weekends": spoken(lang, "settings", _yes(here.weekends)),
        "muted": spoken(lang, "settings", _yes(here.muted)),
        **budget_read(cap, lang),
        "lead": mention(here.lead) if here.lead else say.nobody(),
    }


def _select(name: str, value: str, choices: list[str], lang: str, *, hint: bool = False) -> Block:
    options = {choice: option(_words(name, choice, lang), choice) for choice in choices}
    element: Block = {
        "type": "static_select",
        "action_id": ids.FIELD,
        "options": list(options.values()),
        "initial_option": options[value],
    }
    below = spoken(lang, "settings", f"{name}_hint") if hint else None
    return field(name, spoken(lang, "settings", name), element, hint=below)


def _words(name: str, choice: str, lang: str) -> Mrkdwn:
    if name == "remind_at":
        return Mrkdwn(choice)
    if name == "remind_every":
        return _cadence_words(choice, lang)
    return spoken(lang, "settings", f"language_{choice}" if name == "language" else choice)


def _cadence_words(minutes: str, lang: str) -> Mrkdwn:
    say, every = words(lang).settings, MINUTE * int(minutes)
    if every in EVERY:
        return spoken(lang, "settings", EVERY[every])
    return say.every_days(every // DAY) if every >= DAY else say.every_minutes(int(minutes))


def _zone(zone: str, lang: str) -> Block:
    say = words(lang).settings
    element = {
        "type": "plain_text_input",
        "action_id": ids.FIELD,
        "max_length": ZONE,
        "initial_value": zone,
    }
    return field("tz", say.tz(), element, hint=say.tz_hint())


def _lead(here: Channel, lang: str) -> Block:
    say = words(lang).settings
    element: Block = {"type": "users_select", "action_id": ids.FIELD}
    if here.lead:
        element["initial_user"] = here.lead
    return field("lead", say.lead(), element, hint=say.lead_hint(), optional=True)


def _cadences(here: Channel, rules: ReminderRules) -> list[str]:
    return [_minutes(every) for every in sorted({*EVERY, _every(here, rules)})]


def _hours(here: Channel, rules: ReminderRules) -> list[str]:
    """Whole hours outside the quiet ones, and the one that holds."""
    quiet = rules.quiet
    waking = [time(n) for n in range(24) if quiet is None or not quiet.hold(time(n))]
    return [at.isoformat("minutes") for at in sorted({*waking, rules.cadence(here).hour})]


def _every(here: Channel, rules: ReminderRules) -> timedelta:
    return here.remind_every or rules.every


def _hour(here: Channel, rules: ReminderRules) -> str:
    return rules.cadence(here).hour.isoformat("minutes")


def _minutes(every: timedelta) -> str:
    return str(every // MINUTE)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
