"""Who gets a digest and when, which runs were in nobody's charge, and whose channel a run is of."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LOOK = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Its next time is not known: it is looked at with the next tick."""


def upgrade() -> None:
    _columns()
    _tables()
    _runs()
    _places()


def _columns() -> None:
    with op.batch_alter_table("channels") as channels:
        channels.add_column(sa.Column("digest", sa.Text(), server_default="on", nullable=False))
        channels.add_column(sa.Column("digest_at", sa.Text(), nullable=True))
    with op.batch_alter_table("gpu_runs") as runs:
        runs.add_column(sa.Column("channel", sa.Text(), nullable=True))
    for name, table, columns in (
        ("ix_gpu_runs_channel", "gpu_runs", ["team", "channel"]),
        ("ix_experiments_concluded", "experiments", ["team", "concluded_at"]),
    ):
        found = sa.text(f"{columns[-1]} IS NOT NULL")
        op.create_index(
            name, table, columns, unique=False, sqlite_where=found, postgresql_where=found
        )


def _tables() -> None:
    op.create_table(
        "digests",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("week", sa.Text(), nullable=True),
        sa.Column("posted_week", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("team", "channel", name=op.f("pk_digests")),
    )
    op.create_index("ix_digests_next", "digests", ["next_at"], unique=False)
    op.create_table(
        "gpu_unattended",
        sa.Column("id", KEY, nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("gpu", KEY, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["gpu"],
            ["gpu_runs.id"],
            name=op.f("fk_gpu_unattended_gpu_gpu_runs"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gpu_unattended")),
        sa.UniqueConstraint("gpu", "since", name=op.f("uq_gpu_unattended_gpu_since")),
    )


def _runs() -> None:
    """What is kept within a run so far becomes columns and rows that queries find."""
    runs = sa.table(
        "gpu_runs",
        sa.column("id", KEY),
        sa.column("team", sa.Text()),
        sa.column("channel", sa.Text()),
        sa.column("state", sa.Text()),
        sa.column("run", sa.Text()),
    )
    unattended = sa.table(
        "gpu_unattended",
        sa.column("team", sa.Text()),
        sa.column("gpu", KEY),
        sa.column("since", UtcDateTime()),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(runs)).all():
        run = json.loads(row.run)
        if channel := run.get("channel"):
            connection.execute(sa.update(runs).where(runs.c.id == row.id).values(channel=channel))
        since, over = run.get("planless_since"), ("stopped", "ended")
        if since and row.state not in over and not run.get("disowned"):
            values = {"team": row.team, "gpu": row.id, "since": datetime.fromisoformat(since)}
            connection.execute(sa.insert(unattended).values(values))


def _places() -> None:
    known = sa.text("""
    INSERT INTO digests (team, channel, next_at)
    SELECT p.team, p.channel, CASE WHEN w.removed_at IS NULL THEN :look ELSE :never END FROM (
        SELECT team, channel FROM experiments UNION SELECT team, channel FROM channels
        UNION SELECT team, channel FROM gpu_runs WHERE channel IS NOT NULL
        UNION SELECT team, '' FROM workspaces
    ) p LEFT JOIN workspaces w ON w.team = p.team
    """)
    look = sa.bindparam("look", LOOK, type_=UtcDateTime())
    never = sa.bindparam("never", NEVER, type_=UtcDateTime())
    op.get_bind().execute(known.bindparams(look, never))
