"""The only importer of SQLAlchemy: rows in, values of `bot.domain` out."""
