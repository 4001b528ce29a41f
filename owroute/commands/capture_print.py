"""What `owroute capture` does."""

import typer

from bot.domain.capture import command_line
from bot.domain.plans import number_of
from capture import guard_script, script
from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech
from owroute.words import translator


def run(say: Speech, *, line: str | None, whole: bool, guard: bool, private: bool) -> None:
    """A script, byte for byte, or one line; asked for none or several, it says what to type."""
    _ = translator(say.lang)
    if whole + guard + (line is not None) != 1 or (line is None and private):
        stop(
            Code.BAD_INPUT,
            _("Type one of --print for the script, --print-guard or --line OW-12 for the command."),
        )
    if line is None:
        typer.echo(guard_script() if guard else script(), nl=False)
        return
    number = number_of(line)
    if not number:
        stop(
            Code.BAD_INPUT,
            _("{line} is no experiment: type its number as in OW-12.").replace("{line}", line),
        )
    typer.echo(command_line(f"OW-{number}", private=private))
