"""`owroute serve`: the bot, until SIGTERM or Ctrl-C."""

import typer

from owroute.commands.speech import Speech


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    @app.command("serve", help=say.help_serve())
    def serve() -> None:
        from owroute.commands import operator  # noqa: PLC0415  # heavy, and only here

        operator.serve_bot(say)
