"""The line that starts a guard on a machine, for one reader, and what a machine is answered."""

import re
import shlex
from datetime import datetime

from bot.cards import ids
from bot.cards.blocks import actions, button, context, preformatted, section
from bot.cards.i18n import words
from bot.cards.ids import GpuRef
from bot.cards.text import Mrkdwn, code, joined, one_line
from bot.domain.delivery import Block, Message
from bot.domain.fleet import Provider
from bot.domain.gpu import GpuRun
from bot.domain.registering import watched_provider
from bot.domain.schedule import zone_of

CAPTURE, GUARD = "owroute_capture.py", "owroute_guard.py"
TOKEN = "OWROUTE_GUARD_TOKEN"  # noqa: S105  # the name of a variable
PLACEHOLDER = "STOP_COMMAND"
_UNFILLED = re.compile(r"\{\w+\}")
USUAL = "+4h"
LABEL = 150

_VAST = (
    'curl -fsS -X PUT "https://console.vast.ai/api/v0/instances/$CONTAINER_ID/" '
    '-H "Authorization: Bearer $CONTAINER_API_KEY" -H "Content-Type: application/json" '
    """-d '{"state": "stopped"}'"""
)
STOPS = {
    Provider.RUNPOD: "runpodctl stop pod $RUNPOD_POD_ID || runpodctl pod stop $RUNPOD_POD_ID",
    Provider.VAST: _VAST,
    Provider.AWS: "sudo shutdown -h now",
}
"""What stops a machine from within, with the keys that its provider puts there."""


def guard_message(
    label: str,
    run: GpuRun | None,
    lang: str,
    *,
    zone: str,
    now: datetime,
    public_url: str | None,
    token: str | None,
) -> Message:
    """What to run. With a token it asks owroute, else it keeps the time by itself."""
    say_, address = words(lang).guard, f"{public_url}/guard" if token else None
    intro = say_.intro(label)
    if run is not None:
        intro = joined(" ", intro, say_.of_machine(code(one_line(run.label, LABEL))))
    line = guard_line(label, run, zone=zone, now=now, ask=address)
    lines = [f"export {TOKEN}={token}", line] if token else [line]
    blocks = (
        section(intro),
        section(say_.get() if public_url else say_.get_printed()),
        preformatted(get_lines(public_url)),
        section(say_.start()),
        preformatted("\n".join(lines)),
        *(context(note) for note in _notes(label, run, address, lang)),
        *([actions([_revoke(run, lang)])] if token and run is not None else []),
    )
    return Message(joined("\n", intro, line), blocks)


def revoked_message(run: GpuRun, lang: str) -> Message:
    """Its tokens open nothing any more."""
    said = words(lang).guard.revoked(code(one_line(run.label, LABEL)))
    return Message(said, (section(said),))


def get_lines(public_url: str | None) -> str:
    """How both files come to the machine; without a public address, how they are written."""
    if public_url is None:
        return f"owroute capture --print > {CAPTURE}\nowroute capture --print-guard > {GUARD}"
    first, second = (shlex.quote(f"{public_url}/{path}") for path in ("capture.py", "guard.py"))
    return f"curl -fsSL -o {CAPTURE} {first} -o {GUARD} {second}"


def guard_line(
    label: str, run: GpuRun | None, *, zone: str, now: datetime, ask: str | None = None
) -> str:
    """The one line, which goes on when its terminal is closed."""
    asked = ["python3", CAPTURE, "guard", label, "--until", _until(run, zone, now)]
    asked += ["--stop", stop_command(run), *(["--ask", ask] if ask else [])]
    return f"nohup {shlex.join(asked)} > guard.log 2>&1 &"


def stop_command(run: GpuRun | None) -> str:
    """What somebody typed for this machine, else what its provider has; else a placeholder.

    A command in which an id is still to be filled in stops nothing by itself.
    """
    if run is None:
        return PLACEHOLDER
    if run.stop_command and not _UNFILLED.search(run.stop_command):
        return run.stop_command
    said = watched_provider(run.machine.account) if run.is_manual else run.machine.provider
    return STOPS.get(said, PLACEHOLDER) if said is not None else PLACEHOLDER


def _until(run: GpuRun | None, zone: str, now: datetime) -> str:
    deadline = run.deadline if run is not None else None
    if deadline is None or deadline.at <= now:
        return USUAL
    return deadline.at.astimezone(zone_of(zone)).isoformat(timespec="minutes")


def _notes(label: str, run: GpuRun | None, address: str | None, lang: str) -> list[Mrkdwn]:
    say_ = words(lang).guard
    found = [say_.your_command(code(PLACEHOLDER))] if stop_command(run) == PLACEHOLDER else []
    if address is not None:
        return [*found, say_.asks(code(address)), say_.fails(), say_.token(label)]
    return [*found, say_.unseen(label) if run is None else say_.alone(), say_.fails()]


def _revoke(run: GpuRun, lang: str) -> Block:
    value = GpuRef(g=run.id, n=run.generation).dump()
    return button(words(lang).guard.revoke(), ids.REVOKE_GUARD, value=value)
