"""The catalogue as lists to page through: what `GET` answers, filtered, with its version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from pydantic import JsonValue

from engine.conditions import spelled
from engine.contract import (
    DataVersion,
    FamilyItem,
    HardwareItem,
    Lang,
    LicenseItem,
    ModelItem,
    OfferItem,
    Page,
    RejectionCode,
    RuleEffect,
    RuleItem,
    RuntimeItem,
    Wire,
)
from engine.load import EngineData
from engine.rules import AdaptationRule, ConflictRule, PlanRule, RejectionWords, Ruleset

_Row = TypeVar("_Row", bound=Wire)


class UnknownCursor(Exception):
    """The cursor names no entry of the list."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[_Row]):
    """All entries of one list by id, in their order, with the version they belong to."""

    shape: type[Page[_Row]]
    entries: Mapping[str, _Row]
    version: DataVersion
    reviewed: date

    def page(self, filters: Mapping[str, object], limit: int, cursor: str | None) -> Page[_Row]:
        """At most `limit` entries after the cursor (the id of the last one seen) that match.

        A filter matches an equal field, or a list that holds its value. UnknownCursor otherwise.
        """
        ids = list(self.entries)
        if cursor is not None and cursor not in self.entries:
            raise UnknownCursor(cursor)
        rest = ids[ids.index(cursor) + 1 :] if cursor is not None else ids
        found = [i for i in rest if _passes(self.entries[i], filters)]
        return self.shape(
            items=tuple(self.entries[i] for i in found[:limit]),
            next=found[limit - 1] if len(found) > limit else None,
            version=self.version.version,
            sha256=self.version.sha256,
            as_of=self.reviewed,
        )


@dataclass(frozen=True, slots=True)
class Listings:
    """Every list in one language."""

    families: Listing[FamilyItem]
    models: Listing[ModelItem]
    hardware: Listing[HardwareItem]
    offers: Listing[OfferItem]
    licenses: Listing[LicenseItem]
    runtimes: Listing[RuntimeItem]
    rules: Listing[RuleItem]


def listings(data: EngineData, lang: Lang) -> Listings:
    """The lists, built once."""
    rules, catalog = data.rules[lang], data.catalog
    ruleset, shelf = data.ruleset_version, data.catalog_version
    return Listings(
        families=Listing(Page[FamilyItem], _families(rules), ruleset, rules.families.reviewed),
        models=Listing(Page[ModelItem], catalog.models.models, shelf, catalog.models.reviewed),
        hardware=Listing(
            Page[HardwareItem], catalog.hardware.hardware, shelf, catalog.hardware.reviewed
        ),
        offers=Listing(Page[OfferItem], catalog.offers, data.offers_version, catalog.priced_on),
        licenses=Listing(Page[LicenseItem], _licenses(rules), ruleset, rules.licenses.reviewed),
        runtimes=Listing(Page[RuntimeItem], _runtimes(rules), ruleset, rules.runtimes.reviewed),
        rules=Listing(Page[RuleItem], _rules(rules), ruleset, rules.conflicts.reviewed),
    )


def _passes(entry: Wire, filters: Mapping[str, object]) -> bool:
    values = entry.model_dump(mode="json", include=set(filters))
    return all(_holds(values[name], wanted) for name, wanted in filters.items())


def _holds(value: JsonValue, wanted: object) -> bool:
    if isinstance(value, list):
        return spelled(wanted) in [spelled(v) for v in value]
    return spelled(value) == spelled(wanted)


def _families(rules: Ruleset) -> dict[str, FamilyItem]:
    return {
        family.id: FamilyItem(
            family_id=family.id,
            family=family.family,
            fit=family.fit,
            runtime=family.runtime,
            routes=family.routes,
            serves=family.serves,
            only_when_named=family.only_when_named is not None,
            source=family.source,
        )
        for family in rules.families.families.values()
    }


def _runtimes(rules: Ruleset) -> dict[str, RuntimeItem]:
    return {
        runtime.id: RuntimeItem(
            runtime=runtime.id,
            name=runtime.name,
            version=runtime.version,
            start=runtime.start,
            stop=runtime.stop,
            verify=runtime.verify,
            version_command=runtime.version_command,
            health_check=runtime.health_check,
            choose_for=runtime.choose_for,
            schemes=tuple(runtime.schemes.values()),
            source=runtime.source,
        )
        for runtime in rules.runtimes.runtimes.values()
    }


def _licenses(rules: Ruleset) -> dict[str, LicenseItem]:
    return {
        lic.id: LicenseItem(
            license_id=lic.id,
            name=lic.name,
            aliases=lic.aliases,
            commercial_use=lic.commercial_use,
            mau_limit=lic.mau_limit,
            eu_restriction=lic.eu_clause,
            needs_review=lic.needs_review,
            conditions=tuple(condition.text for condition in lic.conditions),
            source_url=lic.source_url,
        )
        for lic in rules.licenses.licenses.values()
    }


def _rules(rules: Ruleset) -> dict[str, RuleItem]:
    items: Iterable[RuleItem] = (
        *(_conflict_item(rule) for rule in rules.conflicts.rules.values()),
        *(_plan_item(rule) for rule in rules.routes.plans),
        *(
            _rejection_item(words, rules.families.source)
            for words in rules.families.rejections.values()
        ),
        *(_offer_item(code, rules) for code in rules.families.offers),
        *(_adaptation_item(rule) for rule in rules.adaptation.rules.values()),
    )
    return {item.rule_id: item for item in items}


def _when(when: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    return {field: tuple(sorted(values)) for field, values in when.items()}


def _conflict_item(rule: ConflictRule) -> RuleItem:
    return RuleItem(
        rule_id=rule.id,
        effect=RuleEffect(rule.effect.value),
        code=rule.code,
        when=_when(rule.when),
        text=rule.text,
        change=rule.change,
        fix=tuple(fix.field for fix in rule.fix),
        alternatives=tuple(option.route for option in rule.alternatives),
        source=rule.source,
    )


def _plan_item(rule: PlanRule) -> RuleItem:
    return RuleItem(
        rule_id=rule.id,
        effect=RuleEffect.plan,
        code=None,
        when=_when(rule.when),
        text=rule.text,
        change=None,
        fix=(),
        alternatives=(),
        source=rule.source,
    )


def _rejection_item(words: RejectionWords, source: str) -> RuleItem:
    return RuleItem(
        rule_id=f"family.{words.code}",
        effect=RuleEffect.reject,
        code=words.code,
        when={},
        text=words.text,
        change=None,
        fix=(),
        alternatives=(),
        source=source,
    )


def _offer_item(code: RejectionCode, rules: Ruleset) -> RuleItem:
    """Why a machine is not rented."""
    return RuleItem(
        rule_id=f"offer.{code}",
        effect=RuleEffect.reject,
        code=code,
        when={},
        text=rules.families.offers[code],
        change=None,
        fix=(),
        alternatives=(),
        source=rules.families.source,
    )


def _adaptation_item(rule: AdaptationRule) -> RuleItem:
    return RuleItem(
        rule_id=rule.id,
        effect=RuleEffect.adapt,
        code=None,
        when=_when(rule.when),
        text=rule.text,
        change=rule.next_step,
        fix=(),
        alternatives=(),
        source=rule.source,
    )
