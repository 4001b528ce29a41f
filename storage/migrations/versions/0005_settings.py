"""Settings: people's own, working hours, named admins, prices that admins set, what is kept."""

import sqlalchemy as sa
from alembic import op

from storage.types import Money, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _places()
    op.create_table(
        "set_prices",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("gpu", sa.Text(), nullable=False),
        sa.Column("price", Money(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=True),
        sa.Column("set_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("team", "provider", "key", name=op.f("pk_set_prices")),
    )
    op.create_index(op.f("ix_outbox_settled_at"), "outbox", ["settled_at"])
    op.create_index(op.f("ix_gpu_alerts_made_at"), "gpu_alerts", ["made_at"])


def _people() -> None:
    for column in (
        sa.Column("own_tz", sa.Text(), nullable=True),
        sa.Column("own_quiet", sa.Text(), nullable=True),
        sa.Column("mutes", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("named_admin", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    ):
        op.add_column("people", column)


def _places() -> None:
    for column in (
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("greeted", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    ):
        op.add_column("channels", column)
    op.add_column("watching", sa.Column("defaults", sa.JSON(), nullable=True))
    op.add_column("watching", sa.Column("keep_days", sa.Integer(), nullable=True))
    op.execute("UPDATE watching SET keep_days = 365")
