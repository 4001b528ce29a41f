"""GPU runs, what they cost, how they were ended, who was told, and what holds for the watch."""

import sqlalchemy as sa
from alembic import op

from storage.types import Money, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _settings()
    _runs()
    _guards()
    _due()


def _settings() -> None:
    op.create_table(
        "budget_marks",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_budget_marks")),
    )
    op.create_table(
        "budgets",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("cap", Money(), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=True),
        sa.Column("set_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("team", "scope", "subject", name=op.f("pk_budgets")),
    )
    op.create_table(
        "fleet_accounts",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("complete_at", UtcDateTime(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("may_stop", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint(
            "team", "provider", "account", "region", name=op.f("pk_fleet_accounts")
        ),
    )
    op.create_table(
        "watching",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("hold", sa.Boolean(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=True),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        sa.Column("default_stop", sa.Text(), nullable=True),
        sa.Column("ops", sa.Text(), nullable=True),
        sa.Column("members_stop", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("team", name=op.f("pk_watching")),
    )


def _runs() -> None:
    op.create_table(
        "gpu_runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("experiment", KEY, nullable=True),
        sa.Column("run", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment"],
            ["experiments.id"],
            name=op.f("fk_gpu_runs_experiment_experiments"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["team"],
            ["workspaces.team"],
            name=op.f("fk_gpu_runs_team_workspaces"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gpu_runs")),
        sa.UniqueConstraint(
            "team",
            "provider",
            "account",
            "instance_id",
            name=op.f("uq_gpu_runs_team_provider_account_instance_id"),
        ),
    )
    op.create_index("ix_gpu_runs_experiment", "gpu_runs", ["experiment"], unique=False)
    op.create_index(
        "ix_gpu_runs_open",
        "gpu_runs",
        ["team", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "gpu_accruals",
        sa.Column("id", KEY, nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("gpu", KEY, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("price", Money(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gpu"], ["gpu_runs.id"], name=op.f("fk_gpu_accruals_gpu_gpu_runs"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gpu_accruals")),
        sa.UniqueConstraint("gpu", "kind", "since", name=op.f("uq_gpu_accruals_gpu_kind_since")),
    )
    op.create_index("ix_gpu_accruals_team", "gpu_accruals", ["team", "until"], unique=False)
    op.create_table(
        "gpu_alerts",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("gpu", KEY, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gpu"], ["gpu_runs.id"], name=op.f("fk_gpu_alerts_gpu_gpu_runs"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_gpu_alerts")),
    )
    op.create_index("ix_gpu_alerts_day", "gpu_alerts", ["team", "place", "day"], unique=False)
    op.create_index("ix_gpu_alerts_gpu", "gpu_alerts", ["gpu"], unique=False)
    op.create_table(
        "gpu_ends",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("gpu", KEY, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gpu"], ["gpu_runs.id"], name=op.f("fk_gpu_ends_gpu_gpu_runs"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gpu_ends")),
    )


def _guards() -> None:
    op.create_table(
        "guard_tokens",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("gpu", KEY, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["gpu"], ["gpu_runs.id"], name=op.f("fk_guard_tokens_gpu_gpu_runs"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_guard_tokens")),
    )
    op.create_index("ix_guard_tokens_gpu", "guard_tokens", ["gpu"], unique=False)


def _due() -> None:
    for name, columns, where in (
        ("ix_due_subject", ["subject", "kind"], "done_at IS NULL"),
        ("ix_due_done", ["done_at"], "done_at IS NOT NULL"),
    ):
        found = sa.text(where)
        op.create_index(
            name, "due", columns, unique=False, sqlite_where=found, postgresql_where=found
        )
