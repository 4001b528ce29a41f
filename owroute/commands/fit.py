"""`owroute fit`: whether a model fits in the memory of some hardware, without Slack."""

from inspect import Signature
from typing import Any

import typer

from owroute.commands.fit_flags import FLAGS
from owroute.commands.plan_flags import keyword, parameter
from owroute.commands.speech import Speech


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    def fit(*, model: str | None, json: bool, **typed: Any) -> None:
        from owroute.commands import fit_run  # noqa: PLC0415  # heavy, and only here

        raise typer.Exit(fit_run.fit(model, typed, say, as_json=json))

    fit.__signature__ = Signature(  # type: ignore[attr-defined]  # mypy does not know that functions may have one
        [
            keyword(
                "model",
                str | None,
                typer.Argument(metavar="MODEL", help=say.help_fit_model(), show_default=False),
            ),
            *(parameter(flag, say) for flag in FLAGS.values()),
            keyword("json", bool, typer.Option("--json", help=say.help_fit_json()), default=False),
        ]
    )
    app.command("fit", help=say.help_fit(), epilog=say.help_fit_exits())(fit)
