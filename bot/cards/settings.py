"""A channel's settings: the form, what was changed in it, and what it becomes.

A field that nobody touched changes nothing, whatever it showed: so what the installation decides
goes on being decided there, and two people who save at once overwrite only what both changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from bot.cards import ids
from bot.cards.blocks import actions, button, context, field, modal
from bot.cards.choosing import USUAL, Choice, chosen, hours, menu, yes_no
from bot.cards.forms.budget import (
    BUDGET,
    SPENT,
    budget_errors,
    budget_fields,
    parse_budget,
    typed_budget,
)
from bot.cards.forms.form import edited, inputs
from bot.cards.i18n import words
from bot.cards.ids import PlaceRef
from bot.cards.say import spoken
from bot.cards.settings_defaults import defaulted
from bot.cards.text import Mrkdwn, channel, one_line
from bot.domain.delivery import Block
from bot.domain.digest_when import DAYS, DigestMode, WeekTime
from bot.domain.ids import UserId
from bot.domain.reminders import ReminderRules
from bot.domain.schedule import DAY, WorkHours, zone_named
from bot.domain.watch import MonthlyCap
from bot.domain.workspace import LANGUAGES, Channel

Settled = tuple[Channel, MonthlyCap]
"""All that holds in a channel."""

Edit = Mapping[str, str]
"""What somebody changed, field to text; of fields that belong together all."""

AUTO = "auto"
SUGGESTED = "tz_suggested"
"""A time zone that the form began with where none was set: it counts while none is."""

ZONE = 64
MINUTE = timedelta(minutes=1)
EVERY = {
    timedelta(hours=4): "every_4h",
    DAY: "every_1d",
    2 * DAY: "every_2d",
    7 * DAY: "every_7d",
}
"""The cadences that can be chosen; another one that holds is a choice as well."""

WORK = ("work_start", "work_end")
DIGEST_AT = ("digest_day", "digest_hour")
TOGETHER = (WORK, DIGEST_AT)
READ_AS_ONE = (*TOGETHER, (BUDGET, SPENT))


def settings_modal(
    here: Channel, cap: MonthlyCap, rules: ReminderRules, lang: str, *, zone: str, leads: bool
) -> Block:
    """The settings as they are; `zone` is what to begin with, `leads` offers the lead."""
    say = words(lang).settings
    defaults = button(say.defaults(), ids.OPEN_DEFAULTS, value=here.channel)
    return modal(
        ids.SETTINGS_MODAL,
        say.title(),
        [
            context(say.intro(channel(here.channel))),
            _menu("language", lang, _languages(lang), here.language or AUTO),
            zone_field(zone, say.tz_hint(), lang),
            *_work(here, lang),
            *_reminders(here, rules, lang),
            *(_digest(here, rules, lang) if not here.channel.startswith("D") else []),
            *budget_fields(cap, lang),
            *([_lead(here, lang)] if leads else []),
            actions([defaults], block_id="defaults"),
        ],
        submit=say.submit(),
        close=say.close(),
        metadata=PlaceRef(c=here.channel, z=zone != here.tz).dump(),
    )


def settings_edit(view: Mapping[str, Any]) -> Edit:
    """What was changed in the form."""
    typed, found = inputs(view), edited(view)
    for together in TOGETHER:
        if not found.keys().isdisjoint(together):
            found |= {name: typed[name] for name in together if name in typed}
    place = PlaceRef.read(str(view.get("private_metadata") or ""))
    if place is not None and place.z and "tz" not in found:
        found[SUGGESTED] = typed.get("tz", "")
    return found


def settings_errors(view: Mapping[str, Any], lang: str) -> Mapping[str, Mrkdwn]:
    """The sentences beside the fields of what cannot be read."""
    typed, say = inputs(view), words(lang).settings
    wrong = dict(zone_errors(typed.get("tz", ""), lang))
    start, end = (typed.get(name, USUAL) for name in WORK)
    if (start == USUAL) != (end == USUAL):
        wrong["work_end" if end == USUAL else "work_start"] = say.work_both()
    elif start == end != USUAL:
        wrong["work_end"] = say.work_wrong(start)
    day, hour = (typed.get(name, USUAL) for name in DIGEST_AT)
    if (day == USUAL) != (hour == USUAL):
        wrong["digest_hour" if hour == USUAL else "digest_day"] = say.digest_both()
    return {**wrong, **budget_errors(typed, lang)}


def applied(before: Settled, edit: Edit) -> Settled:
    """What holds once an edit is made that `settings_errors` finds nothing wrong with."""
    here, cap = before
    if SUGGESTED in edit and here == Channel(here.team, here.channel):
        here = replace(here, tz=zone_named(edit[SUGGESTED]) or here.tz)
    for name, text in edit.items():
        here = _SET[name](here, text) if name in _SET else here
    if WORK[0] in edit:
        here = replace(here, hours=_span(edit[WORK[0]], edit[WORK[1]]))
    if DIGEST_AT[0] in edit:
        here = replace(here, digest_at=_week_time(edit[DIGEST_AT[0]], edit[DIGEST_AT[1]]))
    here = replace(here, defaults=defaulted(here.defaults, edit))
    if not edit.keys().isdisjoint((BUDGET, SPENT)):
        cap = parse_budget({**typed_budget(cap), **edit})
    return here, cap


def typed(settled: Settled) -> Edit:
    """All that holds as if somebody had filled it in; what the installation decides is absent."""
    here, cap = settled
    held, at = here.hours, here.digest_at
    every, hour = here.remind_every, here.remind_at
    return {
        "language": here.language or AUTO,
        "tz": here.tz,
        **dict(
            zip(WORK, map(chosen, (held.start, held.end) if held else (None, None)), strict=True)
        ),
        **({"remind_every": str(every // MINUTE)} if every else {}),
        **({"remind_at": chosen(hour)} if hour else {}),
        "weekends": yes_no(here.weekends),
        "muted": yes_no(here.muted),
        "digest": here.digest.value,
        "digest_day": str(at.weekday) if at else USUAL,
        "digest_hour": chosen(at.at if at else None),
        **typed_budget(cap),
        "lead": here.lead or "",
        **here.defaults,
    }


def muting() -> Edit:
    """*Mute*: neither reminders nor digests come to the channel."""
    return {"muted": "yes", "digest": DigestMode.PAUSED.value}


def zone_field(zone: str, hint: Mrkdwn, lang: str, *, optional: bool = False) -> Block:
    """A time zone by its name."""
    element: Block = {"type": "plain_text_input", "action_id": ids.FIELD, "max_length": ZONE}
    if zone:
        element["initial_value"] = zone
    return field("tz", words(lang).settings.tz(), element, hint=hint, optional=optional)


def zone_errors(typed: str, lang: str) -> Mapping[str, Mrkdwn]:
    """The sentence beside it, where there is no such zone."""
    if zone_named(typed) is not None:
        return {}
    return {"tz": words(lang).settings.tz_wrong(one_line(typed, ZONE))}


def cadence_words(every: timedelta, lang: str) -> Mrkdwn:
    """How often, in words."""
    say = words(lang).settings
    if every in EVERY:
        return spoken(lang, "settings", EVERY[every])
    return say.every_days(every // DAY) if every >= DAY else say.every_minutes(every // MINUTE)


def every_of(here: Channel, rules: ReminderRules) -> timedelta:
    """The cadence in force."""
    return here.remind_every or rules.every


_SET: Mapping[str, Callable[[Channel, str], Channel]] = {
    "language": lambda c, text: replace(c, language=text if text in LANGUAGES else None),
    "tz": lambda c, text: replace(c, tz=zone_named(text) or c.tz),
    "remind_every": lambda c, text: replace(c, remind_every=MINUTE * int(text)),
    "remind_at": lambda c, text: replace(c, remind_at=time.fromisoformat(text)),
    "weekends": lambda c, text: replace(c, weekends=text == "yes"),
    "muted": lambda c, text: replace(c, muted=text == "yes"),
    "digest": lambda c, text: replace(c, digest=_mode(c.digest, DigestMode(text))),
    "lead": lambda c, text: replace(c, lead=UserId(text) if text else None),
}


def _mode(before: DigestMode, wanted: DigestMode) -> DigestMode:
    """A pause keeps which weeks are wanted."""
    return before.paused if wanted.is_paused else wanted


def _span(start: str, end: str) -> WorkHours | None:
    if USUAL in (start, end):
        return None
    return WorkHours(time.fromisoformat(start), time.fromisoformat(end))


def _week_time(day: str, hour: str) -> WeekTime | None:
    return None if USUAL in (day, hour) else WeekTime(int(day), time.fromisoformat(hour))


def _work(here: Channel, lang: str) -> list[Block]:
    """When a working day begins and ends there."""
    say, set_ = words(lang).settings, here.hours
    known = (set_.start, set_.end) if set_ else (None, None)
    usual: Choice = (USUAL, say.work_usual())
    return [
        _menu(name, lang, [usual, *hours(at)], chosen(at), hint=name == WORK[1])
        for name, at in zip(WORK, known, strict=True)
    ]


def _reminders(here: Channel, rules: ReminderRules, lang: str) -> list[Block]:
    """How often, at which hour outside the quiet ones, on which days, and whether at all."""
    every, cadence = every_of(here, rules), rules.cadence(here)
    often = [(str(x // MINUTE), cadence_words(x, lang)) for x in sorted({*EVERY, every})]
    quiet, now = cadence.quiet, chosen(cadence.hour)
    waking = [
        (value, text)
        for value, text in hours(cadence.hour)
        if quiet is None or value == now or not quiet.hold(time.fromisoformat(value))
    ]
    switches = [(name, spoken(lang, "settings", name)) for name in ("yes", "no")]
    return [
        _menu("remind_every", lang, often, str(every // MINUTE)),
        _menu("remind_at", lang, waking, now, hint=True),
        _menu("weekends", lang, switches, yes_no(here.weekends)),
        _menu("muted", lang, switches, yes_no(here.muted)),
    ]


def day_name(weekday: int, lang: str) -> Mrkdwn:
    """Of 1, which is Monday, to 7."""
    return spoken(lang, "settings", f"day_{weekday}")


def _digest(here: Channel, rules: ReminderRules, lang: str) -> list[Block]:
    """Whether a weekly digest comes, and when."""
    say, at, usual = words(lang).settings, here.digest_at, rules.digest_at
    usual_day: Choice = (USUAL, say.digest_usual(day_name(usual.weekday, lang)))
    usual_hour: Choice = (USUAL, say.digest_usual(usual.at.isoformat("minutes")))
    offered = (DigestMode.ON, here.digest.paused, DigestMode.ALWAYS)
    modes = [(m.value, spoken(lang, "settings", f"digest_{m.value}")) for m in offered]
    days = [(str(n), day_name(n, lang)) for n in range(1, len(DAYS) + 1)]
    when = at.at if at else None
    return [
        _menu("digest", lang, modes, here.digest.value),
        _menu("digest_day", lang, [usual_day, *days], str(at.weekday) if at else USUAL),
        _menu("digest_hour", lang, [usual_hour, *hours(when)], chosen(when)),
    ]


def _languages(lang: str) -> list[Choice]:
    return [(x, spoken(lang, "settings", f"language_{x}")) for x in (AUTO, *LANGUAGES)]


def _menu(name: str, lang: str, choices: list[Choice], now: str, *, hint: bool = False) -> Block:
    below = spoken(lang, "settings", f"{name}_hint") if hint else None
    return menu(name, spoken(lang, "settings", name), choices, now, below)


def _lead(here: Channel, lang: str) -> Block:
    say = words(lang).settings
    element: Block = {"type": "users_select", "action_id": ids.FIELD}
    if here.lead:
        element["initial_user"] = here.lead
    return field("lead", say.lead(), element, hint=say.lead_hint(), optional=True)
