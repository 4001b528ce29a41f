"""Home tabs that people opened: what Slack shows there, and which page of it."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pages = [
        sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        for name in ("page_needs", "page_plans", "page_gpus")
    ]
    op.create_table(
        "homes",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        *pages,
        sa.Column("drawn", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("hash", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("greeted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sees_all", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("team", "user", name=op.f("pk_homes")),
    )
    op.create_index("ix_homes_opened", "homes", ["team", "opened_at"])
