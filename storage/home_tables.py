"""The table of Home tabs."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, text

from storage.tables import metadata
from storage.types import UtcDateTime

homes = Table(
    "homes",
    metadata,
    Column("team", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("page_needs", Integer, nullable=False, server_default="0"),
    Column("page_plans", Integer, nullable=False, server_default="0"),
    Column("page_gpus", Integer, nullable=False, server_default="0"),
    Column("drawn", Text, nullable=False, server_default=text("''")),
    Column("hash", Text, nullable=False, server_default=text("''")),
    Column("greeted", Boolean, nullable=False, server_default=text("false")),
    Column("sees_all", Boolean, nullable=False, server_default=text("false")),
    Index("ix_homes_opened", "team", "opened_at"),
)
"""`sees_all`: an admin's, who is shown what the whole workspace runs."""
