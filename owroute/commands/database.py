"""`owroute db upgrade`: the migrations on their own, for those who want them before the start."""

import typer

from owroute.commands.speech import Speech


def register(app: typer.Typer, say: Speech) -> None:
    """Add the group."""
    database = typer.Typer(rich_markup_mode=None)
    app.add_typer(database, name="db", help=say.help_db())

    @database.callback()
    def db() -> None:
        """Keeps `upgrade` a word of its own while it is the only command here."""

    @database.command("upgrade", help=say.help_db_upgrade())
    def upgrade() -> None:
        from owroute.commands import operator  # noqa: PLC0415  # heavy, and only here

        operator.upgrade(say)
