"""The kinds of rule that Block Kit is made of. Each is a function of value, pointer and report."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.limits.report import Report, Surface

Check = Callable[[Any, str, Report], None]


def string(most: int, *, least: int = 1) -> Check:
    """Text of `least` to `most` characters."""

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add(at, "must be a string", "type")
        elif len(value) < least:
            report.add(at, f"must be at least {least} characters long", "min_length")
        elif len(value) > most:
            report.add(at, f"must be at most {most} characters long", "max_length")

    return check


def boolean(value: Any, at: str, report: Report) -> None:
    """True or false."""
    if not isinstance(value, bool):
        report.add(at, "must be a boolean", "type")


def integer(least: int, most: int) -> Check:
    """A whole number between two bounds, both allowed."""

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.add(at, "must be an integer", "type")
        elif not least <= value <= most:
            report.add(at, f"must be between {least} and {most}", "range")

    return check


def number(value: Any, at: str, report: Report) -> None:
    """A JSON number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        report.add(at, "must be a number", "type")


def positive(value: Any, at: str, report: Report) -> None:
    """A JSON number above zero."""
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        report.add(at, "must be a number above 0", "range")


def choice(*allowed: object) -> Check:
    """One of a few values."""

    def check(value: Any, at: str, report: Report) -> None:
        if value not in allowed:
            report.add(at, f"must be one of {', '.join(map(str, allowed))}", "enum")

    return check


def listing(item: Check, least: int, most: int) -> Check:
    """A list of `least` to `most` items, each of which keeps a rule."""

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, list):
            report.add(at, "must be an array", "type")
            return
        if len(value) < least:
            report.add(at, f"must have at least {least} items", "min_items")
        if len(value) > most:
            report.add(at, f"must have at most {most} items", "max_items")
        for n, found in enumerate(value):
            item(found, f"{at}/{n}", report)

    return check


def record(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    *,
    kind: str | None = None,
) -> Check:
    """An object with these keys and no others; `kind` is the value of its `type`."""
    known = {**required, **(optional or {})}
    if kind is not None:
        known["type"] = choice(kind)

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(at, "must be an object", "type")
            return
        for key in required:
            if key not in value:
                report.add(at, f"missing required field: {key}", "required")
        for key, found in value.items():
            if key in known:
                known[key](found, f"{at}/{key}", report)
            else:
                report.add(at, f"unknown field: {key}", "additional_properties")

    return check


def typed(what: str, table: Mapping[str, Check]) -> Check:
    """An object whose `type` chooses the rule."""

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(at, "must be an object", "type")
            return
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in table:
            report.add(at, f"unsupported {what} type: {kind}", "enum")
            return
        table[kind](value, at, report)

    return check


def every(*checks: Check) -> Check:
    """All of these rules; the later ones only where the first found nothing."""

    def check(value: Any, at: str, report: Report) -> None:
        first, *others = checks
        before = len(report.problems)
        first(value, at, report)
        if len(report.problems) == before:
            for other in others:
                other(value, at, report)

    return check


def one_of(*keys: str) -> Check:
    """An object with exactly one of these keys."""

    def check(value: Any, at: str, report: Report) -> None:
        if sum(key in value for key in keys) != 1:
            report.add(at, f"must have exactly one of {', '.join(keys)}", "one_of")

    return check


def at_least_one_of(*keys: str) -> Check:
    """An object with one of these keys, or more."""

    def check(value: Any, at: str, report: Report) -> None:
        if not any(value.get(key) for key in keys):
            report.add(at, f"must have {' or '.join(keys)}", "required")

    return check


def distinct(key: str) -> Check:
    """A list of objects of which no two share the value of `key`."""

    def check(value: Any, at: str, report: Report) -> None:
        seen: set[object] = set()
        for n, item in enumerate(value):
            name = item.get(key)
            if name is not None and name in seen:
                report.add(f"{at}/{n}/{key}", f"{key} is used twice: {name}", "unique")
            seen.add(name)

    return check


def only_on(*surfaces: Surface) -> Check:
    """A block that some surfaces do not show."""

    def check(_value: Any, at: str, report: Report) -> None:
        if report.surface not in surfaces:
            report.add(at, f"unsupported on this surface: {report.surface}", "surface")

    return check


def newer(value: Any, at: str, report: Report) -> None:
    """A block that a workspace may not have yet; a switch of the sandbox refuses them."""
    if report.refuses_newer:
        report.add(at, f"unsupported block type: {value.get('type')}", "enum")
