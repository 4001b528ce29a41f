"""The JSON Schema of an experiment record: `python -m bot.domain.record_schema` writes it anew."""

import json
from pathlib import Path

from bot.domain.record_model import Record

PLACE = Path(__file__).parents[2] / "docs" / "record.schema.json"
HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:owroute:experiment-record:1",
    "title": "owroute experiment record",
}


def schema() -> str:
    """The schema as a text: sorted keys, one line feed at the end."""
    made = {**Record.model_json_schema(mode="serialization", by_alias=True), **HEAD}
    return json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    PLACE.write_text(schema(), "utf-8")
