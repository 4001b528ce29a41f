"""What was put down as evidence, who is reminded of what, and who may send a capture."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _new_columns()
    _entries()
    _reminders()
    _capture_tokens()


def _new_columns() -> None:
    with op.batch_alter_table("channels") as channels:
        channels.add_column(sa.Column("remind_at", sa.Text(), nullable=True))
        channels.add_column(sa.Column("remind_every", sa.Integer(), nullable=True))
        for name in ("weekends", "muted"):
            channels.add_column(
                sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)
            )
    with op.batch_alter_table("experiments") as experiments:
        experiments.add_column(sa.Column("conclusion", sa.Text(), nullable=True))
        experiments.add_column(sa.Column("concluded_by", sa.Text(), nullable=True))
        experiments.add_column(sa.Column("concluded_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("evidence_items") as items:
        for name in ("by", "source", "link", "assignee", "template", "newer"):
            items.add_column(sa.Column(name, sa.Text(), nullable=True))
        items.add_column(sa.Column("content", sa.JSON(), nullable=True))
    op.create_index(
        "ix_evidence_items_assignee",
        "evidence_items",
        ["assignee"],
        unique=False,
        sqlite_where=sa.text("assignee IS NOT NULL"),
        postgresql_where=sa.text("assignee IS NOT NULL"),
    )
    with op.batch_alter_table("due") as due:
        due.alter_column("subject", existing_type=KEY, nullable=True)
        due.add_column(sa.Column("channel", sa.Text(), nullable=True))
    for name, table, columns, where in (
        ("ix_due_channel", "due", ["channel", "team", "kind"], "done_at IS NULL"),
        ("ix_experiments_running", "experiments", ["team", "channel"], "state = 'running'"),
    ):
        found = sa.text(where)
        op.create_index(
            name, table, columns, unique=False, sqlite_where=found, postgresql_where=found
        )


def _entries() -> None:
    op.create_table(
        "evidence_entries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("experiment", KEY, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        _of_experiment("evidence_entries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_entries")),
        sa.UniqueConstraint(
            "experiment", "item", "key", name=op.f("uq_evidence_entries_experiment_item_key")
        ),
    )


def _reminders() -> None:
    op.create_table(
        "reminding",
        sa.Column("experiment", KEY, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("snoozed_until", UtcDateTime(), nullable=True),
        sa.Column("muted", sa.Boolean(), nullable=False),
        _of_experiment("reminding"),
        sa.PrimaryKeyConstraint("experiment", name=op.f("pk_reminding")),
    )
    op.create_table(
        "reminders",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("team", "channel", name=op.f("pk_reminders")),
    )


def _capture_tokens() -> None:
    op.create_table(
        "capture_tokens",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("experiment", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        _of_experiment("capture_tokens"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_capture_tokens_sha256")),
    )
    op.create_index("ix_capture_tokens_experiment", "capture_tokens", ["experiment"], unique=False)


def _of_experiment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["experiment"],
        ["experiments.id"],
        name=op.f(f"fk_{table}_experiment_experiments"),
        ondelete="RESTRICT",
    )
