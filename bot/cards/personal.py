"""A person's own settings: the form, what was changed in it, and what it becomes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from bot.cards import ids
from bot.cards.blocks import context, modal
from bot.cards.choosing import USUAL, hours, menu, yes_no
from bot.cards.forms.form import edited, inputs
from bot.cards.i18n import words
from bot.cards.say import spoken
from bot.cards.settings import zone_errors, zone_field
from bot.cards.text import Mrkdwn, code, joined
from bot.domain.delivery import Block
from bot.domain.personal import Mute, Own
from bot.domain.reminders import NIGHT
from bot.domain.schedule import QuietHours, zone_named
from bot.domain.workspace import Person

NEVER, OWN = "never", "own"
QUIET = ("quiet", "quiet_start", "quiet_end")


def personal_modal(person: Person, installation: QuietHours | None, lang: str) -> Block:
    """The settings as they are; `installation` are the quiet hours where somebody has none."""
    say, own = words(lang).personal, person.own
    hint = say.tz_hint(code(person.tz)) if person.tz else say.tz_unknown()
    mutes = [(name, spoken(lang, "personal", f"hear_{name}")) for name in ("no", "yes")]
    return modal(
        ids.MINE_MODAL,
        say.title(),
        [
            context(say.intro()),
            zone_field(own.tz or "", hint, lang, optional=True),
            *_quiet(own, installation, lang),
            *(
                menu(
                    f"mute_{kind.value}",
                    spoken(lang, "personal", f"mute_{kind.value}"),
                    mutes,
                    yes_no(kind in own.mutes),
                    spoken(lang, "personal", f"mute_{kind.value}_hint"),
                )
                for kind in Mute
            ),
        ],
        submit=words(lang).settings.submit(),
        close=words(lang).settings.close(),
    )


def personal_edit(view: Mapping[str, Any]) -> Mapping[str, str]:
    """What was changed in the form; who chooses hours wants quiet hours of their own."""
    typed, found = inputs(view), edited(view)
    if found.keys().isdisjoint(QUIET):
        return found
    hours_ = {name: typed[name] for name in QUIET if name in typed}
    chose = "quiet" not in found
    return {**found, **hours_, **({"quiet": OWN} if chose else {})}


def personal_errors(view: Mapping[str, Any], lang: str) -> Mapping[str, Mrkdwn]:
    """The sentences beside the fields of what cannot be read."""
    typed, edit = inputs(view), personal_edit(view)
    wrong = dict(zone_errors(typed["tz"], lang)) if typed.get("tz", "").strip() else {}
    start = typed.get("quiet_start", "")
    if edit.get("quiet") == OWN and start == typed.get("quiet_end"):
        wrong["quiet_end"] = words(lang).personal.quiet_wrong(start)
    return wrong


def applied(own: Own, edit: Mapping[str, str]) -> Own:
    """What holds once an edit is made that `personal_errors` finds nothing wrong with."""
    if "tz" in edit:
        own = replace(own, tz=zone_named(edit["tz"]) if edit["tz"] else None)
    if "quiet" in edit:
        mine = edit["quiet"] == OWN
        span = [time.fromisoformat(edit[name]) for name in QUIET[1:]] if mine else None
        quiet = QuietHours(*span) if span else None
        own = replace(own, usual=edit["quiet"] == USUAL, quiet=quiet)
    for kind in Mute:
        wanted = edit.get(f"mute_{kind.value}")
        if wanted is not None:
            others = own.mutes - {kind}
            own = replace(own, mutes=others | {kind} if wanted == "yes" else others)
    return own


def own_read(own: Own) -> str:
    """How it reads in the audit."""
    quiet = "usual" if own.usual else _span(own.quiet) if own.quiet else NEVER
    mutes = " ".join(sorted(own.mutes)) or "none"
    return f"tz={own.tz or 'slack'}; quiet={quiet}; mutes={mutes}"


def _quiet(own: Own, installation: QuietHours | None, lang: str) -> list[Block]:
    """Whether and when somebody is not to be disturbed."""
    say, now = words(lang).personal, own.quiet or installation or NIGHT
    usual = say.quiet_usual(_span(installation)) if installation else say.quiet_usual_none()
    modes = [(USUAL, usual), (NEVER, say.quiet_never()), (OWN, say.quiet_own())]
    mode = USUAL if own.usual else OWN if own.quiet else NEVER
    ends = zip(QUIET[1:], (now.start, now.end), strict=True)
    return [
        menu("quiet", say.quiet(), modes, mode, say.quiet_hint()),
        *(
            menu(name, spoken(lang, "personal", name), hours(at), at.isoformat("minutes"))
            for name, at in ends
        ),
    ]


def _span(hours_: QuietHours) -> Mrkdwn:
    start, end = (at.isoformat("minutes") for at in (hours_.start, hours_.end))
    return joined("–", start, end)
