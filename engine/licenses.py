"""Licences: the table, and what one means for a card. A reading aid, not legal advice."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from engine.conditions import ALWAYS, Facts, When, matches
from engine.contract import (
    ConflictCode,
    ConstraintCard,
    LicenseDecision,
    LicenseVerdict,
    Wire,
)
from engine.datafile import DataFile, by_key, short

UNKNOWN_LICENCE = "https://huggingface.co/docs/hub/repositories-licenses"
"""What to read about a licence that is not in the table."""


class Commerce(StrEnum):
    """What a licence says of commercial use."""

    yes = "yes"
    conditional = "conditional"
    no = "no"
    unknown = "unknown"


class EuClause(StrEnum):
    """Whom in the European Union a licence leaves out."""

    none = "none"
    multimodal = "multimodal"


class Condition(Wire):
    """Something to keep, and the cards it speaks to."""

    text: str
    when: When = ALWAYS


class License(Wire):
    """One licence of licenses.yaml; `mau_limit` counts monthly active users."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    commercial_use: Commerce
    mau_limit: int | None = None
    eu_clause: EuClause = EuClause.none
    needs_review: bool = False
    conditions: tuple[Annotated[Condition, short("text")], ...] = ()
    source_url: str
    source: str


class LicensesFile(DataFile):
    """licenses.yaml, by id."""

    licenses: Annotated[dict[str, License], by_key("id")]

    def find(self, license_id: str) -> License | None:
        """By id, else by alias, whatever the spelling; None for one that is not in the table."""
        return self._by_name.get(license_id) or self._by_name.get(normal(license_id))

    @cached_property
    def _by_name(self) -> dict[str, License]:
        entries = self.licenses.values()
        aliases = {normal(alias): entry for entry in entries for alias in entry.aliases}
        return aliases | {normal(entry.id): entry for entry in entries}


@dataclass(frozen=True, slots=True)
class Reading:
    """Licences read for a card: the verdict, every code, and which of the table bind.

    `limit` is the smallest limit of monthly users among them.
    """

    license_id: str
    verdict: LicenseDecision
    codes: tuple[ConflictCode, ...]
    binding: tuple[str, ...]
    limit: int | None

    @property
    def refused(self) -> bool:
        """Whether the licence forbids what the card is for."""
        return self.verdict is LicenseDecision.refuse

    @property
    def chosen_unasked(self) -> bool:
        """Whether a model under it may be chosen for people who have not named it."""
        return self.verdict in (LicenseDecision.allow, LicenseDecision.allow_with_conditions)


@dataclass(frozen=True, slots=True)
class Use:
    """What a model is to be used for, as far as licences ask; `reviewed` by a person."""

    commercial: bool
    users: int
    european: bool
    reviewed: bool


def use_of(card: ConstraintCard) -> Use:
    """The use that a card states."""
    return Use(
        card.commercial_use,
        card.monthly_active_users or 0,
        bool(card.eu_entity),
        card.license_review is not None,
    )


def read_license(ids: Sequence[str], use: Use, table: LicensesFile, *, multimodal: bool) -> Reading:
    """First match gives the verdict, all codes are collected; a base model's licence binds too."""
    own = table.find(ids[0])
    found = [lic for lic in map(table.find, ids) if lic is not None]
    unknown = own is None or any(lic.needs_review for lic in found)
    refusals = tuple(code for lic in found for code in _refusals(lic, use, multimodal=multimodal))
    codes: tuple[ConflictCode, ...] = ()
    if unknown and not use.reviewed:
        verdict, codes = LicenseDecision.needs_review, (ConflictCode.LICENSE_UNKNOWN, *refusals)
    elif refusals:
        verdict, codes = LicenseDecision.refuse, refusals
    elif unknown or any(lic.conditions or lic.commercial_use is not Commerce.yes for lic in found):
        verdict = LicenseDecision.allow_with_conditions
    else:
        verdict = LicenseDecision.allow
    return Reading(
        license_id=own.id if own else ids[0],
        verdict=verdict,
        codes=tuple(dict.fromkeys(codes)),
        binding=tuple(lic.id for lic in found),
        limit=min((lic.mau_limit for lic in found if lic.mau_limit), default=None),
    )


def license_verdict(reading: Reading, facts: Facts, table: LicensesFile) -> LicenseVerdict:
    """The reading in words: the conditions that speak to this card."""
    found = [table.licenses[license_id] for license_id in reading.binding]
    conditions = (c.text for lic in found for c in lic.conditions if matches(c.when, facts))
    return LicenseVerdict(
        license_id=reading.license_id,
        verdict=reading.verdict,
        conditions=tuple(dict.fromkeys(conditions)),
        codes=reading.codes,
        source_url=found[0].source_url if found else UNKNOWN_LICENCE,
    )


def _refusals(lic: License, use: Use, *, multimodal: bool) -> Iterator[ConflictCode]:
    if lic.commercial_use is Commerce.no and use.commercial:
        yield ConflictCode.LICENSE_COMMERCIAL
    if lic.mau_limit is not None and use.users > lic.mau_limit:
        yield ConflictCode.LICENSE_MAU
    if lic.eu_clause is EuClause.multimodal and multimodal and use.european:
        yield ConflictCode.LICENSE_EU


def normal(license_id: str) -> str:
    """`Apache 2.0`, `apache-2.0` and `Apache_2.0` are one id."""
    return re.sub(r"[\s_-]+", "-", license_id.strip().lower())
