"""A person's own settings: the form, what was changed in it, and what it becomes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from bot.cards import ids
from bot.cards.blocks import context, modal
from bot.cards.choosing import USUAL, chosen, hours, menu, yes_no
from bot.cards.forms.form import edited, inputs
from bot.cards.i18n import words
from bot.cards.say import spoken
from bot.cards.settings import zone_errors, zone_field
from bot.cards.settings_said import differences
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
    hint = say.tz_hint(person.tz) if person.tz else say.tz_unknown()
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


def typed(own: Own) -> Mapping[str, str]:
    """What holds as if somebody had filled it in."""
    mutes = {f"mute_{kind.value}": yes_no(kind in own.mutes) for kind in Mute}
    found = {"tz": own.tz or "", "quiet": _mode(own), **mutes}
    if own.quiet is None or own.usual:
        return found
    ends = map(chosen, (own.quiet.start, own.quiet.end))
    return {**found, **dict(zip(QUIET[1:], ends, strict=True))}


def own_changes(before: Own, after: Own, lang: str) -> list[Mrkdwn]:
    """What differs, each in one line."""
    say, told = words(lang).settings, []
    for name, old, new in differences(_read(before, lang), _read(after, lang)):
        label = say.tz() if name == "tz" else spoken(lang, "personal", name)
        told.append(say.change(label, old, new))
    return told


def _read(own: Own, lang: str) -> dict[str, Mrkdwn]:
    say = words(lang).personal
    usual = say.quiet_as_all() if own.usual else say.quiet_never()
    mutes = {
        f"mute_{k.value}": spoken(lang, "personal", f"hear_{yes_no(k in own.mutes)}") for k in Mute
    }
    return {
        "tz": code(own.tz) if own.tz else say.tz_slack(),
        "quiet": _span(own.quiet) if own.quiet and not own.usual else usual,
        **mutes,
    }


def _mode(own: Own) -> str:
    return USUAL if own.usual else OWN if own.quiet else NEVER


def _quiet(own: Own, installation: QuietHours | None, lang: str) -> list[Block]:
    """Whether and when somebody is not to be disturbed."""
    say, now = words(lang).personal, own.quiet or installation or NIGHT
    usual = say.quiet_usual(_span(installation)) if installation else say.quiet_usual_none()
    modes = [(USUAL, usual), (NEVER, say.quiet_never()), (OWN, say.quiet_own())]
    ends = zip(QUIET[1:], (now.start, now.end), strict=True)
    return [
        menu("quiet", say.quiet(), modes, _mode(own), say.quiet_hint()),
        *(
            menu(name, spoken(lang, "personal", name), hours(at), at.isoformat("minutes"))
            for name, at in ends
        ),
    ]


def _span(hours_: QuietHours) -> Mrkdwn:
    start, end = (at.isoformat("minutes") for at in (hours_.start, hours_.end))
    return joined("–", start, end)
