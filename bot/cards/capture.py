"""The capture command: one line to run where the model runs, and what a machine is answered."""

import shlex
from collections.abc import Sequence
from datetime import timedelta

from bot.cards import ids, say
from bot.cards.blocks import actions, button, context, preformatted, section
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.items import item_name
from bot.cards.text import Mrkdwn, code, joined, mention
from bot.domain.delivery import Block, File, HandedOver, Message
from bot.domain.evidence import Evidence
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private
from bot.domain.tokens import LIFE, USES
from engine.contract import Route, RuntimeCommand

SCRIPT = "owroute_capture.py"
TOKEN = "OWROUTE_CAPTURE_TOKEN"  # noqa: S105  # the name of a variable
LOCAL = "127.0.0.1:8000"
"""Where an OpenAI-compatible server listens by habit, for an experiment without a decision."""


def capture_message(
    x: Experiment, lang: str, *, public_url: str | None = None, token: str | None = None
) -> Message:
    """What to run, for one reader. With a token it sends, else it prints a paste-back."""
    say_, address = words(lang).capture, f"{public_url}/capture" if token else None
    notes = [say_.reads(), _where_to(x, public_url, address, lang)]
    if is_private(x):
        notes.append(say_.private())
    if token:
        notes.append(say_.token(x.label, LIFE // timedelta(hours=1), USES))
    lines = [capture_line(x, address)]
    if token:
        lines.insert(0, _variable(x, token))
    blocks = (
        section(say_.intro(x.label)),
        section(say_.get() if public_url else say_.get_printed()),
        preformatted(get_line(x, public_url)),
        actions([_share(x, lang), *([_guard(x, lang)] if _on_rented(x) else [])]),
        section(say_.cases()),
        preformatted("\n".join(lines)),
        *(context(note) for note in notes),
        *([_revoke(x, lang)] if token else []),
    )
    return Message(joined("\n", say_.intro(x.label), capture_line(x, address)), blocks)


def revoked_message(x: Experiment, lang: str) -> Message:
    """The experiment's tokens open nothing any more."""
    said = words(lang).capture.revoked(x.label)
    return Message(said, (section(said),))


def script_message(lang: str, script: str) -> Message:
    """The script itself, with the words above it in the thread."""
    said = words(lang).capture.script(code(SCRIPT))
    return Message(said, files=(File(SCRIPT, SCRIPT, script),))


def shared_message(x: Experiment, handed: HandedOver, lang: str) -> Message:
    """Where the script is to be found, for who asked for it."""
    place = say.place_words(handed.place, lang)
    said = say.spoken(lang, "capture", f"script_{handed.how.value}", code(SCRIPT), x.label, place)
    return Message(said, (section(said),))


def get_line(x: Experiment, public_url: str | None) -> str:
    """How the script comes to the machine; without a public address, how it is written at all."""
    if public_url is None:
        return f"owroute capture --print > {SCRIPT}"
    return _shell(x, f"curl -fsSL -o {SCRIPT} {shlex.quote(f'{public_url}/capture.py')}")


def capture_line(x: Experiment, send_to: str | None = None) -> str:
    """The one line to run: against the decision's endpoint, or its program where none serves."""
    words_ = ["python3", SCRIPT, x.label, *_model(x), "--cases", "cases.csv"]
    if x.decision is not None and x.decision.model is not None:
        words_ += ["--repo", x.decision.model.weights.repo]
    if is_private(x):
        words_.append("--private")
    if send_to is not None:
        words_ += ["--send", send_to]
    return _shell(x, shlex.join(words_))


def kept_line(label: str, claimed: int, partly: Sequence[Evidence], lang: str) -> Mrkdwn:
    """What became of a capture, for the terminal that sent it."""
    say_ = words(lang).capture
    if not claimed and not partly:
        return say_.known(label)
    said = [say_.kept(claimed, label)] if claimed else []
    names = say.listed([item_name(e, lang) for e in partly], lang)
    return joined(" ", *said, *([say_.partly(names, n=len(partly))] if partly else []))


def _model(x: Experiment) -> list[str]:
    """The endpoint that serves it, or the program that answers a prompt."""
    commands = x.decision.runtime_commands if x.decision else ()
    command = next(iter(commands), None)
    if command is None or command.bind:
        return ["--endpoint", f"http://{command.bind if command else LOCAL}/v1"]
    return ["--command", _program(command)]


def _program(command: RuntimeCommand) -> str:
    """The program with `{prompt}` where its example asks something; else it reads its input."""
    *first, last = command.argv
    asks = " " in last
    return " ".join([shlex.join(first if asks else command.argv), *(["{prompt}"] if asks else [])])


def _where_to(x: Experiment, public_url: str | None, address: str | None, lang: str) -> Mrkdwn:
    say_ = words(lang).capture
    if address is not None:
        return say_.sends(code(address))
    return say_.prints_only(mention(x.owner)) if public_url else say_.prints()


def _variable(x: Experiment, token: str) -> str:
    """The token in the environment: not in the line that others see in a list of processes."""
    return f"%env {TOKEN}={token}" if _in_notebook(x) else f"export {TOKEN}={token}"


def _shell(x: Experiment, line: str) -> str:
    """A line for a terminal, or for a cell of a notebook."""
    return f"!{line}" if _in_notebook(x) else line


def _in_notebook(x: Experiment) -> bool:
    return x.decision is not None and x.decision.route.route is Route.free_colab


def _on_rented(x: Experiment) -> bool:
    return x.decision is not None and x.decision.route.route is Route.rented_gpu


def _share(x: Experiment, lang: str) -> Block:
    return button(words(lang).capture.share(), ids.SHARE_SCRIPT, value=_ref(x))


def _guard(x: Experiment, lang: str) -> Block:
    return button(words(lang).guard.command(), ids.PLAN_GUARD, value=_ref(x))


def _revoke(x: Experiment, lang: str) -> Block:
    return actions([button(words(lang).capture.revoke(), ids.REVOKE, value=_ref(x))])


def _ref(x: Experiment) -> str:
    return PlanRef(e=x.id, r=x.latest.number).dump()
