"""Over HTTP: a typed shape that cannot be right, GPUs by name, and every rule in the list."""

from typing import Any

import httpx
import pytest

from engine.app import create_app
from engine.contract import Architecture, Lang, Problem, ProblemCode, Route
from engine.decide import compare
from engine.plausible import is_absurd, is_plausible
from tests.engine.cards import DATA, L4, SHAPE, STOPS, TODAY, card

SMALL: dict[str, Any] = {
    "attention": "gqa", "layers": 28, "kv_heads": 2, "head_dim": 128, "d_model": 1536,
    "intermediate": 8960, "vocab": 151936, "tied": True, "native_context": 32768,
    "params_total": 1_543_714_304,
}  # fmt: skip
CARD: dict[str, Any] = card(
    available_route="local_gpu", hardware=L4, model_repo="someone/small", license_id="mit"
).model_dump(mode="json")


async def posted(path: str, body: Any, lang: str = "en") -> httpx.Response:
    app = create_app(DATA, today=lambda: TODAY)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://engine"
    ) as http:
        return await http.post(f"/v1/{path}", params={"lang": lang}, json=body)


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize("path", ["plans", "plans/compare"])
@pytest.mark.parametrize("params", [300_000_000_000, 1_500_000])
async def test_a_parameter_count_that_is_many_times_off_is_refused_at_its_field(
    path: str, params: int, lang: Lang
) -> None:
    answer = await posted(path, CARD | {"architecture": SMALL | {"params_total": params}}, lang)
    problem = Problem.model_validate_json(answer.text)
    assert (answer.status_code, problem.code) == (422, ProblemCode.CARD_INVALID)
    (item,) = problem.errors
    assert (item.pointer, item.code) == ("/architecture/params_total", "params_implausible")
    assert "1.5" in item.detail
    assert item.detail.isascii() is (lang is Lang.en)


@pytest.mark.parametrize("change", [{}, {"params_total": 2_400_000_000}, {"attention": "unknown"}])
async def test_a_count_that_may_be_right_is_taken(change: dict[str, Any]) -> None:
    answer = await posted("plans", CARD | {"architecture": SMALL | change})
    assert answer.status_code == 200, answer.text


def test_no_model_of_the_catalogue_is_absurd() -> None:
    shapes = [m.architecture for m in DATA.catalog.models.models.values()]
    assert not any(map(is_absurd, shapes))
    twice = SHAPE.model_copy(update={"params_total": 2 * SHAPE.params_total})
    assert (is_plausible(twice), is_absurd(twice)) == (False, False)
    assert is_absurd(Architecture.model_validate(SMALL | {"params_total": 300 * 10**9}))


async def test_a_gpu_may_be_typed_as_people_say_it() -> None:
    answer = await posted(
        "plans", CARD | {"architecture": SMALL, "hardware": {"gpu_id": "RTX 4090"}}
    )
    plan = answer.json()
    assert (answer.status_code, plan["conflicts"]) == (200, [])
    assert plan["inputs"]["card"]["hardware"]["gpu_id"] == "RTX 4090"


async def test_every_rule_that_a_decision_names_is_in_the_list() -> None:
    app = create_app(DATA, today=lambda: TODAY)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://engine"
    ) as http:
        page = (await http.get("/v1/rules", params={"limit": 200})).json()
        adapting = (await http.get("/v1/rules", params={"effect": "adapt"})).json()
    known = {item["rule_id"] for item in page["items"]}
    assert page["next"] is None
    for plan in compare(card(**STOPS, needs_service_api=True, needs_fine_tuning=True), DATA):
        named = {r.rule_id for r in (*plan.rejected_families, *plan.rejected_offers)}
        named |= {r.rule_id for r in plan.applied_rules}
        assert named <= known
        if plan.route.route is Route.rented_gpu:
            assert any(name.startswith("offer.") for name in named)
    assert {item["rule_id"] for item in adapting["items"]} == {
        "adaptation.rag_first",
        "adaptation.lora_allowed",
        "adaptation.baseline_required",
    }
