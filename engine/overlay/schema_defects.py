"""What pydantic finds in a data file, as defects with a way to the value and words of our own."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.overlay.findings import Defect, Steps, quoted

_TYPES = {
    "string_type": "type_text",
    "string_sub_type": "type_text",
    "int_type": "type_number",
    "int_parsing": "type_number",
    "int_from_float": "type_number",
    "decimal_type": "type_number",
    "decimal_parsing": "type_number",
    "decimal_text": "type_number",
    "bool_type": "type_boolean",
    "bool_parsing": "type_boolean",
    "tuple_type": "type_list",
    "list_type": "type_list",
    "dict_type": "type_mapping",
    "model_type": "type_mapping",
    "date_type": "type_date",
    "date_from_datetime_parsing": "type_date",
    "date_from_datetime_inexact": "type_date",
    "date_text": "type_date",
    "extra_forbidden": "field_unknown",
    "missing": "field_missing",
    "enum": "value_unknown",
    "literal_error": "value_unknown",
    "greater_than": "value_range",
    "greater_than_equal": "value_range",
    "less_than": "value_range",
    "less_than_equal": "value_range",
    "string_pattern_mismatch": "value_form",
    "too_short": "value_short",
    "string_too_short": "value_short",
}
"""pydantic's types of errors by the sentence that tells them; others are told with their reason."""

_OURS = frozenset({"condition_unknown", "fix_unknown", "order_partial", "rule_fix", "rule_refusal"})
"""Types that the data's own models raise; their sentences have the same names."""


def schema_defects(
    path: str, data: Mapping[str, Any], keys: Mapping[str, str], error: ValidationError
) -> Iterator[Defect]:
    """One defect per error; `keys` name the lists of `data` whose entries are known by an id."""
    for one in error.errors(include_url=False):
        yield Defect(path, _steps(data, keys, one["loc"]), *_told(path, one))


def _told(path: str, one: ErrorDetails) -> tuple[str, Mapping[str, object]]:
    names = [step for step in one["loc"] if isinstance(step, str) and step != "[key]"]
    field = names[-1] if names else path
    code = one["type"] if one["type"] in _OURS else _TYPES.get(one["type"], "value_wrong")
    context = one.get("ctx") or {}
    values = {
        "field": field,
        "value": quoted(one["input"]),
        "known": context.get("expected", ""),
        "reason": one["msg"].removeprefix("Value error, "),
    }
    return code, values | context


def _steps(data: Mapping[str, Any], keys: Mapping[str, str], way: tuple[int | str, ...]) -> Steps:
    """The way pydantic names, with an entry's id in the place of its number in the merged list."""
    if len(way) > 1 and isinstance(way[1], int) and way[0] in keys:
        field, place = str(way[0]), way[1]
        return (field, data[field][place][keys[field]], *way[2:])
    return way
