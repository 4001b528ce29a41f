"""The workspace's settings: the form, what was changed in it, and who changed what."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any

from bot.cards import ids
from bot.cards.blocks import actions, button, context, field, modal, section
from bot.cards.choosing import Choice, hours, menu
from bot.cards.forms.budget import (
    BUDGET,
    SPENT,
    budget_errors,
    budget_fields,
    budget_label,
    budget_read,
    parse_budget,
    typed_budget,
)
from bot.cards.forms.form import edited, inputs
from bot.cards.forms.problems import label as default_label
from bot.cards.gpu_admin import hold_button, hold_facts
from bot.cards.i18n import words
from bot.cards.say import spoken
from bot.cards.settings_defaults import NAMES, defaulted, defaults_read
from bot.cards.settings_said import Change, differences
from bot.cards.text import Mrkdwn, channel, joined, mention
from bot.domain.delivery import Block, Message
from bot.domain.ids import ChannelId, UserId
from bot.domain.schedule import DAY
from bot.domain.watch import NO_CAP, MonthlyCap, Watching

READ_AS_ONE = ((BUDGET, SPENT),)
OFF = "off"
FEW, ALL = "stop_few", "stop_all"
KEPT = (90, 180, 365, 730)
"""Days for which what is over can be kept; else for good."""

FOR_GOOD = "for_good"


@dataclass(frozen=True, slots=True)
class Settled:
    """All that holds in a workspace. `admins` are those whom admins named beside Slack's."""

    watching: Watching
    cap: MonthlyCap = NO_CAP
    admins: tuple[UserId, ...] = ()


def workspace_modal(held: Settled, lang: str) -> Block:
    """The settings as they are."""
    say, watching = words(lang).workspace, held.watching
    more = [
        button(words(lang).settings.defaults(), ids.OPEN_DEFAULTS),
        button(say.prices(), ids.OPEN_PRICES),
    ]
    return modal(
        ids.WORKSPACE_MODAL,
        say.title(),
        [
            context(say.intro()),
            section(say.hold_on() if watching.hold else say.hold_off()),
            *(context(fact) for fact in hold_facts(watching, lang)),
            actions([hold_button(watching, lang)], block_id="hold"),
            _admins(held, lang),
            _ops(watching, lang),
            *budget_fields(held.cap, lang),
            _stoppers(watching, lang),
            _default_stop(watching, lang),
            _keep(watching, lang),
            actions(more, block_id="more"),
        ],
        submit=say.submit(),
        close=say.close(),
    )


def workspace_edit(view: Mapping[str, Any]) -> Mapping[str, str]:
    """What was changed in the form."""
    return edited(view)


def workspace_errors(view: Mapping[str, Any], lang: str) -> Mapping[str, Mrkdwn]:
    """The sentences beside the fields of what cannot be read."""
    return budget_errors(inputs(view), lang)


def applied(before: Settled, edit: Mapping[str, str]) -> Settled:
    """What holds once an edit is made that `workspace_errors` finds nothing wrong with."""
    watching = before.watching
    for name, text in edit.items():
        watching = _SET[name](watching, text) if name in _SET else watching
    watching = replace(watching, defaults=defaulted(watching.defaults, edit))
    admins, cap = before.admins, before.cap
    if "admins" in edit:
        admins = tuple(sorted(map(UserId, edit["admins"].split())))
    if not edit.keys().isdisjoint((BUDGET, SPENT)):
        cap = parse_budget({**typed_budget(cap), **edit})
    return Settled(watching, cap, admins)


def typed(held: Settled) -> Mapping[str, str]:
    """All that holds as if somebody had filled it in."""
    watching, stop = held.watching, held.watching.default_stop
    return {
        "admins": " ".join(held.admins),
        "ops": watching.ops or "",
        **typed_budget(held.cap),
        "members_stop": ALL if watching.members_stop else FEW,
        "default_stop": stop.isoformat("minutes") if stop else OFF,
        "keep": str(watching.keep.days) if watching.keep else FOR_GOOD,
        **watching.defaults,
    }


_SET: Mapping[str, Callable[[Watching, str], Watching]] = {
    "ops": lambda w, text: replace(w, ops=ChannelId(text) if text else None),
    "members_stop": lambda w, text: replace(w, members_stop=text == ALL),
    "default_stop": lambda w, text: replace(
        w, default_stop=None if text == OFF else time.fromisoformat(text)
    ),
    "keep": lambda w, text: replace(w, keep=None if text == FOR_GOOD else int(text) * DAY),
}


def changes(before: Settled, after: Settled, lang: str) -> list[Change]:
    """What differs: the setting's name, and how it reads before and after."""
    return differences(_read(before, lang), _read(after, lang))


def changed_note(by: UserId, before: Settled, after: Settled, lang: str) -> Message:
    """Who changed what, for the ops channel."""
    say, lines = words(lang).workspace, change_lines(changes(before, after, lang), lang)
    text = joined("\n", say.changed(mention(by)), *(Mrkdwn(f"• {line}") for line in lines))
    return Message(text, (section(text),))


def change_lines(found: Iterable[Change], lang: str) -> list[Mrkdwn]:
    """Each in one line: what it was, what it is."""
    say = words(lang).workspace
    return [say.change(_label(name, lang), old, new) for name, old, new in found]


def _read(held: Settled, lang: str) -> dict[str, Mrkdwn]:
    say, watching = words(lang).workspace, held.watching
    default_stop = watching.default_stop
    return {
        "admins": joined(", ", *map(mention, held.admins)) if held.admins else say.nowhere(),
        "ops": channel(watching.ops) if watching.ops else say.nowhere(),
        **budget_read(held.cap, lang),
        "members_stop": spoken(lang, "workspace", ALL if watching.members_stop else FEW),
        "default_stop": Mrkdwn(default_stop.isoformat("minutes")) if default_stop else say.off(),
        "keep": _kept(watching.keep, lang),
        **defaults_read(watching.defaults, lang),
    }


def _label(name: str, lang: str) -> Mrkdwn:
    if name in (BUDGET, SPENT):
        return budget_label(name, lang)
    return default_label(name, lang) if name in NAMES else spoken(lang, "workspace", name)


def _admins(held: Settled, lang: str) -> Block:
    say = words(lang).workspace
    element: Block = {"type": "multi_users_select", "action_id": ids.FIELD}
    if held.admins:
        element["initial_users"] = list(held.admins)
    return field("admins", say.admins(), element, hint=say.admins_hint(), optional=True)


def _ops(watching: Watching, lang: str) -> Block:
    say = words(lang).workspace
    element: Block = {
        "type": "conversations_select",
        "action_id": ids.FIELD,
        "filter": {
            "include": ["public", "private"],
            "exclude_bot_users": True,
            "exclude_external_shared_channels": True,
        },
    }
    if watching.ops:
        element["initial_conversation"] = watching.ops
    return field("ops", say.ops(), element, hint=say.ops_hint(), optional=True)


def _stoppers(watching: Watching, lang: str) -> Block:
    now = ALL if watching.members_stop else FEW
    named = [(name, spoken(lang, "workspace", name)) for name in (FEW, ALL)]
    return menu("members_stop", words(lang).workspace.members_stop(), named, now)


def _default_stop(watching: Watching, lang: str) -> Block:
    say, known = words(lang).workspace, watching.default_stop
    named: list[Choice] = [(OFF, say.off()), *hours(known)]
    now = known.isoformat("minutes") if known else OFF
    return menu("default_stop", say.default_stop(), named, now, say.default_stop_hint())


def _keep(watching: Watching, lang: str) -> Block:
    say, known = words(lang).workspace, watching.keep
    days = sorted({*KEPT, *([known.days] if known else [])})
    named = [(str(n), _kept(n * DAY, lang)) for n in days]
    now = str(known.days) if known else FOR_GOOD
    return menu("keep", say.keep(), [*named, (FOR_GOOD, say.for_good())], now, say.keep_hint())


def _kept(keep: timedelta | None, lang: str) -> Mrkdwn:
    say = words(lang).workspace
    return say.for_days(keep.days) if keep else say.for_good()
