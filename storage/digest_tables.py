"""The places that get digests, each with when it is next looked at."""

from sqlalchemy import Column, Index, Table, Text

from storage.tables import metadata
from storage.types import UtcDateTime

digests = Table(
    "digests",
    metadata,
    Column("team", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("since", UtcDateTime),
    Column("next_at", UtcDateTime, nullable=False),
    Column("week", Text),
    Column("posted_week", Text),
    Index("ix_digests_next", "next_at"),
)
"""`channel` is empty for the workspace's own digest, which goes to its admins."""
