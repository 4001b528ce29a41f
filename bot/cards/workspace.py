"""The workspace's settings of the GPU watch: the form, what was typed, and who changed what."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import time
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
from bot.cards.say import spoken
from bot.cards.text import Mrkdwn, channel, joined, mention
from bot.domain.delivery import Block, Message
from bot.domain.ids import ChannelId, UserId
from bot.domain.watch import MonthlyCap, Watching

Settled = tuple[Watching, MonthlyCap]
"""All that holds in a workspace for its GPUs."""

OFF = "off"
FEW, ALL = "stop_few", "stop_all"


def workspace_modal(watching: Watching, cap: MonthlyCap, lang: str) -> Block:
    """The settings as they are."""
    say = words(lang).workspace
    return modal(
        ids.WORKSPACE_MODAL,
        say.title(),
        [
            context(say.intro()),
            _ops(watching, lang),
            *budget_fields(cap, lang),
            _stoppers(watching, lang),
            _default_stop(watching, lang),
        ],
        submit=say.submit(),
        close=say.close(),
    )


def workspace_errors(view: Mapping[str, Any], lang: str) -> Mapping[str, Mrkdwn]:
    """The sentences beside the fields of what cannot be read."""
    return budget_errors(inputs(view), lang)


def parse_workspace(view: Mapping[str, Any], known: Watching) -> Settled:
    """The settings as they were filled in, where nothing is wrong; hold is not among them."""
    typed = inputs(view)
    at = typed.get("default_stop", OFF)
    filled = replace(
        known,
        ops=ChannelId(typed["ops"]) if typed.get("ops") else None,
        members_stop=typed.get("members_stop") == ALL,
        default_stop=None if at == OFF else time.fromisoformat(at),
    )
    return filled, parse_budget(typed)


def changes(before: Settled, after: Settled, lang: str) -> list[tuple[str, Mrkdwn, Mrkdwn]]:
    """What differs: the setting's name, and how it reads before and after."""
    old, new = _read(*before, lang), _read(*after, lang)
    return [(name, old[name], new[name]) for name in old if old[name] != new[name]]


def changed_note(by: UserId, before: Settled, after: Settled, lang: str) -> Message:
    """Who changed what, for the ops channel."""
    say = words(lang).workspace
    lines = [
        say.change(_label(name, lang), old, new) for name, old, new in changes(before, after, lang)
    ]
    text = joined("\n", say.changed(mention(by)), *(Mrkdwn(f"• {line}") for line in lines))
    return Message(text, (section(text),))


def _read(watching: Watching, cap: MonthlyCap, lang: str) -> dict[str, Mrkdwn]:
    say = words(lang).workspace
    return {
        "ops": channel(watching.ops) if watching.ops else say.nowhere(),
        **budget_read(cap, lang),
        "members_stop": spoken(lang, "workspace", ALL if watching.members_stop else FEW),
        "default_stop": _hour(watching.default_stop, lang),
    }


def _label(name: str, lang: str) -> Mrkdwn:
    if name in (BUDGET, SPENT):
        return budget_label(name, lang)
    return spoken(lang, "workspace", name)


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
    say = words(lang).workspace
    now = ALL if watching.members_stop else FEW
    named = ((name, spoken(lang, "workspace", name)) for name in (FEW, ALL))
    return field("members_stop", say.members_stop(), _select(named, now))


def _default_stop(watching: Watching, lang: str) -> Block:
    say, known = words(lang).workspace, watching.default_stop
    hours = sorted({time(n) for n in range(24)} | ({known} if known else set()))
    named = [(OFF, say.off()), *((at.isoformat("minutes"), _hour(at, lang)) for at in hours)]
    element = _select(named, known.isoformat("minutes") if known else OFF)
    return field("default_stop", say.default_stop(), element, hint=say.default_stop_hint())


def _select(named: Iterable[tuple[str, Mrkdwn]], now: str) -> Block:
    options = {value: option(text, value) for value, text in named}
    return {
        "type": "static_select",
        "action_id": ids.FIELD,
        "options": list(options.values()),
        "initial_option": options[now],
    }


def _hour(at: time | None, lang: str) -> Mrkdwn:
    return Mrkdwn(at.isoformat("minutes")) if at else words(lang).workspace.off()
