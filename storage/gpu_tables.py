"""The tables of the GPU watch: runs, what they cost, how they were ended, and who was told.

A run is kept whole as JSON (`run`); columns beside it are what queries and compare-and-set need.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.tables import Key, metadata
from storage.types import Money, UtcDateTime

gpu_runs = Table(
    "gpu_runs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("team", Text, ForeignKey("workspaces.team", ondelete="RESTRICT"), nullable=False),
    Column("provider", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("instance_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("experiment", Key, ForeignKey("experiments.id", ondelete="RESTRICT")),
    Column("channel", Text),
    Column("run", Text, nullable=False),
    UniqueConstraint("team", "provider", "account", "instance_id"),
    Index(
        "ix_gpu_runs_open",
        "team",
        "id",
        sqlite_where=text("state <> 'ended'"),
        postgresql_where=text("state <> 'ended'"),
    ),
    Index("ix_gpu_runs_experiment", "experiment"),
    Index(
        "ix_gpu_runs_channel",
        "team",
        "channel",
        sqlite_where=text("channel IS NOT NULL"),
        postgresql_where=text("channel IS NOT NULL"),
    ),
)

gpu_accruals = Table(
    "gpu_accruals",
    metadata,
    Column("id", Key, primary_key=True),
    Column("team", Text, nullable=False),
    Column("gpu", Key, ForeignKey("gpu_runs.id", ondelete="RESTRICT"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("price", Money),
    Column("source", Text),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("estimated", Boolean, nullable=False),
    UniqueConstraint("gpu", "kind", "since"),
    Index("ix_gpu_accruals_team", "team", "until"),
)

gpu_unattended = Table(
    "gpu_unattended",
    metadata,
    Column("id", Key, primary_key=True),
    Column("team", Text, nullable=False),
    Column("gpu", Key, ForeignKey("gpu_runs.id", ondelete="RESTRICT"), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    UniqueConstraint("gpu", "since"),
)

gpu_ends = Table(
    "gpu_ends",
    metadata,
    Column("key", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("gpu", Key, ForeignKey("gpu_runs.id", ondelete="RESTRICT"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("op", Text, nullable=False),
)

gpu_alerts = Table(
    "gpu_alerts",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("gpu", Key, ForeignKey("gpu_runs.id", ondelete="RESTRICT"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("day", Text, nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("number", Integer, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("standing", Boolean, nullable=False),
    Index("ix_gpu_alerts_gpu", "gpu"),
    Index("ix_gpu_alerts_day", "team", "place", "day"),
    Index("ix_gpu_alerts_made_at", "made_at"),
)

guard_tokens = Table(
    "guard_tokens",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("gpu", Key, ForeignKey("gpu_runs.id", ondelete="RESTRICT"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("used_at", UtcDateTime),
    Index("ix_guard_tokens_gpu", "gpu"),
)

watching = Table(
    "watching",
    metadata,
    Column("team", Text, primary_key=True),
    Column("hold", Boolean, nullable=False),
    Column("held_by", Text),
    Column("held_at", UtcDateTime),
    Column("default_stop", Text),
    Column("ops", Text),
    Column("members_stop", Boolean, nullable=False),
    Column("defaults", JSON),
    Column("keep_days", Integer),
)

set_prices = Table(
    "set_prices",
    metadata,
    Column("team", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("gpu", Text, nullable=False),
    Column("price", Money, nullable=False),
    Column("set_by", Text),
    Column("set_at", UtcDateTime),
)

fleet_accounts = Table(
    "fleet_accounts",
    metadata,
    Column("team", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("problem", Text),
    Column("since", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("complete_at", UtcDateTime),
    Column("told", Boolean, nullable=False),
    Column("may_stop", Boolean),
)

budgets = Table(
    "budgets",
    metadata,
    Column("team", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("cap", Money, nullable=False),
    Column("stops", Boolean, nullable=False),
    Column("set_by", Text),
    Column("set_at", UtcDateTime),
)

budget_marks = Table(
    "budget_marks",
    metadata,
    Column("key", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
)
