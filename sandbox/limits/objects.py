"""Composition objects: texts, options, confirmation dialogs."""

from typing import Any

from sandbox.limits.report import Report
from sandbox.limits.shapes import (
    Check,
    boolean,
    choice,
    distinct,
    every,
    listing,
    record,
    string,
    typed,
)

ID = string(255)
ADDRESS = string(3000)


def plain(most: int) -> Check:
    """A plain_text object."""
    return record({"type": choice("plain_text"), "text": string(most)}, {"emoji": boolean})


def marked(most: int) -> Check:
    """A mrkdwn object."""
    return record({"type": choice("mrkdwn"), "text": string(most)}, {"verbatim": boolean})


def text(most: int) -> Check:
    """A text object of either kind."""
    return typed("text", {"plain_text": plain(most), "mrkdwn": marked(most)})


def option(*, rich: bool = False, linked: bool = False) -> Check:
    """A choice. Only radio buttons and checkboxes render mrkdwn (`rich`), only menus link."""
    label = text if rich else plain
    extra = {"url": ADDRESS} if linked else {}
    return record({"text": label(75), "value": string(150)}, {"description": label(75), **extra})


OPTIONS = every(listing(option(), 1, 100), distinct("value"))
GROUP = record({"label": plain(75), "options": OPTIONS})
GROUPS = listing(GROUP, 1, 100)
PLACEHOLDER = plain(150)
CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)


def offered(value: Any, at: str, report: Report) -> None:
    """What an element starts with must be among what it offers."""
    known = [*value.get("options", [])]
    for group in value.get("option_groups", []):
        known += group["options"]
    values = {found["value"] for found in known}
    first = value.get("initial_option")
    picked = [first] if first else value.get("initial_options", [])
    for found in picked:
        if found["value"] not in values:
            report.add(at, f"initial option is not among the options: {found['value']}", "enum")
