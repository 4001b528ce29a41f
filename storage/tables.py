"""The tables. A third shape beside contract and domain, which never leaves this package.

Each index serves a query that a test looks up in the plan; every foreign key is RESTRICT, because
rows here are promises and money. Texts have no length: only one of the two stores would enforce it.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.types import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in INTEGER keys

bot = Table(
    "bot",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("last_tick", UtcDateTime),
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("team", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("bot_user", Text, nullable=False),
    Column("next_number", Integer, nullable=False, server_default="1"),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),
)

people = Table(
    "people",
    metadata,
    Column("team", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("home_team", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("locale", Text),
    Column("tz", Text),
    Column("is_admin", Boolean, nullable=False),
    Column("is_guest", Boolean, nullable=False),
    Column("is_bot", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("own_tz", Text),
    Column("own_quiet", Text),
    Column("mutes", Text, nullable=False, server_default=text("''")),
    Column("named_admin", Boolean, nullable=False, server_default=text("false")),
)

channels = Table(
    "channels",
    metadata,
    Column("team", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("language", Text),
    Column("tz", Text, nullable=False),
    Column("lead", Text),
    Column("defaults", JSON, nullable=False),
    Column("remind_at", Text),
    Column("remind_every", Integer),
    Column("weekends", Boolean, nullable=False, server_default=text("false")),
    Column("muted", Boolean, nullable=False, server_default=text("false")),
    Column("digest", Text, nullable=False, server_default="on"),
    Column("digest_at", Text),
    Column("hours", Text),
    Column("greeted", Boolean, nullable=False, server_default=text("false")),
    Column("gone", Boolean, nullable=False, server_default=text("false")),
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", Key, primary_key=True),
    Column("team", Text, ForeignKey("workspaces.team", ondelete="RESTRICT"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("latest", Integer, nullable=False),
    Column("current", Integer),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("conclusion", Text),
    Column("concluded_by", Text),
    Column("concluded_at", UtcDateTime),
    UniqueConstraint("team", "number"),
    Index(
        "ix_experiments_concluded",
        "team",
        "concluded_at",
        sqlite_where=text("concluded_at IS NOT NULL"),
        postgresql_where=text("concluded_at IS NOT NULL"),
    ),
    Index("ix_experiments_channel", "team", "channel", "state", "id"),
    Index("ix_experiments_owner", "team", "owner", "state", "id"),
    Index(
        "ix_experiments_running",
        "team",
        "channel",
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
)

constraint_cards = Table(
    "constraint_cards",
    metadata,
    Column("experiment", Key, ForeignKey("experiments.id", ondelete="RESTRICT"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("team", Text, nullable=False),
    Column("request_id", Text),
    Column("card", Text, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("problem", Text),
    UniqueConstraint("team", "request_id"),
    Index("ix_constraint_cards_submitter", "team", "submitted_by", "submitted_at"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("experiment", Key, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("plan_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["experiment", "revision"],
        ["constraint_cards.experiment", "constraint_cards.revision"],
        ondelete="RESTRICT",
    ),
)

evidence_items = Table(
    "evidence_items",
    metadata,
    Column("experiment", Key, ForeignKey("experiments.id", ondelete="RESTRICT"), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("by", Text),
    Column("source", Text),
    Column("content", JSON),
    Column("link", Text),
    Column("assignee", Text),
    Column("template", Text),
    Column("newer", Text),
    Index(
        "ix_evidence_items_assignee",
        "assignee",
        sqlite_where=text("assignee IS NOT NULL"),
        postgresql_where=text("assignee IS NOT NULL"),
    ),
)

evidence_entries = Table(
    "evidence_entries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("experiment", Key, ForeignKey("experiments.id", ondelete="RESTRICT"), nullable=False),
    Column("item", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("content", JSON, nullable=False),
    Column("link", Text),
    Column("by", Text),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("experiment", "item", "key"),
)

reminding = Table(
    "reminding",
    metadata,
    Column("experiment", Key, ForeignKey("experiments.id", ondelete="RESTRICT"), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("snoozed_until", UtcDateTime),
    Column("muted", Boolean, nullable=False),
)

reminders = Table(
    "reminders",
    metadata,
    Column("team", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

capture_tokens = Table(
    "capture_tokens",
    metadata,
    Column("id", Key, primary_key=True),
    Column("sha256", Text, nullable=False, unique=True),
    Column("team", Text, nullable=False),
    Column("experiment", Key, ForeignKey("experiments.id", ondelete="RESTRICT"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index("ix_capture_tokens_experiment", "experiment"),
)

due = Table(
    "due",
    metadata,
    Column("id", Key, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("subject", Key),
    Column("channel", Text),
    Column("revision", Integer),
    Column("due_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("lease_token", Text),
    Column("lease_until", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index(
        "ix_due_open",
        "due_at",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index(
        "ix_due_channel",
        "channel",
        "team",
        "kind",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index(
        "ix_due_subject",
        "subject",
        "kind",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index(
        "ix_due_done",
        "done_at",
        sqlite_where=text("done_at IS NOT NULL"),
        postgresql_where=text("done_at IS NOT NULL"),
    ),
)

UNSETTLED = text("settled_at IS NULL")

outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("thread", Text),
    Column("version", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("fallback", Text),
    Column("repeatable", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("lease_token", Text),
    Column("lease_until", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("first_try_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("error", Text),
    Index("ix_outbox_settled_at", "settled_at"),
    Index(
        "ix_outbox_open",
        "team",
        "channel",
        "id",
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    ),
    Index("ix_outbox_thread", "team", "thread"),
    Index(
        "ix_outbox_subject",
        "team",
        "subject",
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    ),
)

posts = Table(
    "posts",
    metadata,
    Column("team", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

inbound_dedupe = Table(
    "inbound_dedupe",
    metadata,
    Column("key", Text, primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Key, primary_key=True),
    Column("team", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index("ix_audit_team", "team", "id"),
)
