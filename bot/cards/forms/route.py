"""Another route or model for a card: what no longer applies is cleared, all else stays."""

from typing import Any

from engine.contract import AvailableRoute, ConstraintCard, HardwareSpec, Route

_USUAL_DAYS = ConstraintCard.model_fields["days_per_month"].default

_RENTAL: dict[str, Any] = {
    "session_hours": None,
    "hours_per_day": None,
    "days_per_month": _USUAL_DAYS,
    "always_on": False,
    "review_date": None,
    "tenancy": None,
    "price_seen": None,
}
"""Said about a rented machine; a machine of one's own has neither host nor bill."""

OF_THE_MODEL: dict[str, Any] = {
    "architecture": None,
    "license_id": None,
    "license_review": None,
    "price_seen": None,
}
"""Facts about a named model, which another one does not inherit."""


def apply_alternative(card: ConstraintCard, route: Route) -> ConstraintCard:
    """The card on one of the routes a refusal offers instead."""
    return on_route(card, AvailableRoute(route.value))


def apply_model(card: ConstraintCard, repo: str) -> ConstraintCard:
    """The card with the model that a refusal offers instead."""
    return card.model_copy(update={**OF_THE_MODEL, "model_repo": repo, "revision": None})


def on_route(card: ConstraintCard, route: AvailableRoute) -> ConstraintCard:
    """The card on another route."""
    changes: dict[str, Any] = {"available_route": route, "hardware": _hardware(card, route)}
    if route not in (AvailableRoute.rented_gpu, AvailableRoute.undecided):
        changes |= _RENTAL
    return card.model_copy(update=changes)


def _hardware(card: ConstraintCard, route: AvailableRoute) -> HardwareSpec | None:
    """A CPU keeps its memory; a notebook and what is rented bring their own machine.

    A GPU that was named to be rented is nobody's own on another route.
    """
    spec, rented = card.hardware, AvailableRoute.rented_gpu
    if spec is None or route is AvailableRoute.free_colab:
        return None
    if route is rented and card.available_route is not rented:
        return None
    if route is not AvailableRoute.local_cpu and card.available_route is not rented:
        return spec
    only_cpu = spec.model_copy(update={"gpu_id": None, "gpu_count": 1})
    return only_cpu if only_cpu.ram_gib or only_cpu.disk_gib else None
