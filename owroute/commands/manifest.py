"""`owroute manifest`: the Slack app's manifest, in every variant."""

from typing import Annotated

import typer

from owroute.commands.speech import Speech


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    @app.command("manifest", help=say.help_manifest())
    def manifest(
        with_: Annotated[
            str, typer.Option("--with", metavar="reconcile,intro", help=say.help_manifest_with())
        ] = "",
        http: Annotated[
            str | None, typer.Option(metavar="URL", help=say.help_manifest_http())
        ] = None,
    ) -> None:
        from owroute.commands import manifest_print  # noqa: PLC0415  # heavy, and only here

        manifest_print.print_manifest(with_, http, say)
