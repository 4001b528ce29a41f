"""The constraint card's fields as flags: one table for the help, the parsing and the questions.

A flag has the wire's name with dashes. `architecture` and `price_seen` have parts of their own and
come in a file only (`--card`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

from owroute.commands.speech import Speech, spoken


class Kind(Enum):
    """How a flag's text becomes a value of the card."""

    TEXT = auto()
    CHOICE = auto()
    YES_NO = auto()
    WHOLE = auto()
    DECIMAL = auto()
    NAMES = auto()


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `form` names the modal's field with the same words; without it they are ours."""

    name: str
    kind: Kind = Kind.TEXT
    form: str | None = None

    @property
    def option(self) -> str:
        """As it is typed."""
        return f"--{self.name.replace('_', '-')}"

    def expected(self, say: Speech) -> str:
        """What to type, with an example or the choices."""
        template, name = ("form_wrong", self.form) if self.form else ("cli", self.name)
        return spoken(say.lang, template, f"expect_{name}")


def _like_the_form(name: str, kind: Kind = Kind.TEXT, form: str | None = None) -> Flag:
    return Flag(name, kind, form or name)


FLAGS: Mapping[str, Flag] = {
    flag.name: flag
    for flag in (
        _like_the_form("task"),
        _like_the_form("privacy", Kind.CHOICE),
        _like_the_form("available_route", Kind.CHOICE),
        Flag("needs_service_api", Kind.YES_NO),
        Flag("needs_fine_tuning", Kind.YES_NO),
        _like_the_form("budget_level", Kind.CHOICE),
        Flag("session_hours", Kind.DECIMAL),
        Flag("always_on", Kind.YES_NO),
        _like_the_form("review_date"),
        _like_the_form("model_repo", form="model"),
        _like_the_form("revision"),
        _like_the_form("license_id"),
        _like_the_form("license_review"),
        Flag("gpu_id"),
        Flag("gpu_count", Kind.WHOLE),
        _like_the_form("ram_gib", Kind.DECIMAL),
        Flag("disk_gib", Kind.DECIMAL),
        _like_the_form("context_tokens", Kind.WHOLE),
        _like_the_form("concurrency", Kind.WHOLE),
        Flag("kv_dtype", Kind.CHOICE),
        Flag("hours_per_day", Kind.DECIMAL),
        _like_the_form("days_per_month", Kind.WHOLE),
        _like_the_form("max_hourly", Kind.DECIMAL),
        _like_the_form("max_monthly", Kind.DECIMAL),
        Flag("commercial_use", Kind.YES_NO),
        _like_the_form("monthly_active_users", Kind.WHOLE),
        Flag("eu_entity", Kind.YES_NO),
        Flag("distributes_model", Kind.YES_NO),
        _like_the_form("region"),
        _like_the_form("providers_allowed", Kind.NAMES),
        Flag("regulated_providers", Kind.NAMES),
        _like_the_form("access_rule"),
        _like_the_form("tenancy", Kind.CHOICE),
        Flag("eval_failures_recorded", Kind.YES_NO),
        Flag("public_endpoint", Kind.YES_NO),
        Flag("machine_name"),
        Flag("fallback_route", Kind.CHOICE),
        Flag("as_of"),
    )
}

HARDWARE = ("gpu_id", "gpu_count", "ram_gib", "disk_gib")
"""Flags that are parts of the card's `hardware`."""


def signature(say: Speech, *others: Parameter) -> Signature:
    """The command's parameters: a flag per field, None where it was not typed, and `others`."""
    flags = (parameter(flag, say) for flag in FLAGS.values())
    return Signature([*flags, *others])


def parameter(flag: Flag, say: Speech) -> Parameter:
    """A flag as Typer reads it."""
    helped = flag.expected(say)
    if flag.kind is Kind.YES_NO:
        names = f"{flag.option}/--no-{flag.option[2:]}"
        return keyword(flag.name, bool | None, typer.Option(names, help=helped, show_default=False))
    return keyword(flag.name, str | None, typer.Option(flag.option, metavar="…", help=helped))


def keyword(name: str, kind: Any, option: Any, default: Any = None) -> Parameter:
    """One parameter as Typer reads it."""
    annotation = Annotated[kind, option]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
