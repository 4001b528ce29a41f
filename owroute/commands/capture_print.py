"""What `owroute capture` does."""

import typer

from bot.domain.capture import command_line
from bot.domain.plans import number_of
from capture import script
from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech
from owroute.words import translator


def run(say: Speech, *, line: str | None, whole: bool, private: bool) -> None:
    """The script, byte for byte, or one line; asked for neither or both, it says what to type."""
    _ = translator(say.lang)
    if whole == (line is not None) or (whole and private):
        stop(
            Code.BAD_INPUT,
            _("Type either --print for the script or --line OW-12 for the command, not both."),
        )
    if line is None:
        typer.echo(script(), nl=False)
        return
    number = number_of(line)
    if not number:
        stop(
            Code.BAD_INPUT,
            _("{line} is no experiment: type its number as in OW-12.").replace("{line}", line),
        )
    typer.echo(command_line(f"OW-{number}", private=private))
