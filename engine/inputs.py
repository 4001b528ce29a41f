"""What decided: the card with every default resolved, where each value came from, the versions."""

from collections.abc import Mapping

from engine.canonical import canonical, digest
from engine.conflicts import Judgement
from engine.contract import ConstraintCard, Inputs, Origin
from engine.cost import hours_per_day
from engine.load import EngineData

_DEFAULTS = {name: field.default for name, field in ConstraintCard.model_fields.items()}


def inputs_of(asked: ConstraintCard, judgement: Judgement, data: EngineData) -> Inputs:
    """The inputs of a judgement; `asked` is the card before anything was filled in."""
    dated = judgement.card
    derived = {
        "as_of": dated.as_of,
        "hours_per_day": hours_per_day(dated),
        "fallback_route": judgement.ruling.fallback,
    }
    missing = {k: v for k, v in derived.items() if getattr(asked, k) is None and v}
    return Inputs(
        card=asked.model_copy(update=missing),
        origins={name: _origin(asked, name, missing) for name in _DEFAULTS},
        as_of=dated.as_of,
        ruleset=data.ruleset_version,
        catalog=data.catalog_version,
        offers=data.offers_version,
        engine=data.engine_version,
        overlay=data.overlay.version if data.overlay else None,
    )


def plan_id(inputs: Inputs) -> str:
    """The same card, day, data and engine give the same id, in any language."""
    versions = (inputs.ruleset, inputs.catalog, inputs.offers, inputs.engine, inputs.overlay)
    return digest(
        canonical(inputs.card.model_dump(mode="json")),
        *(version.sha256.encode() for version in versions if version),
    )


def _origin(card: ConstraintCard, name: str, derived: Mapping[str, object]) -> Origin:
    """Written on the card, filled in from other facts, or the contract's default."""
    if name in derived:
        return Origin.derived
    return Origin.default if getattr(card, name) == _DEFAULTS[name] else Origin.card
