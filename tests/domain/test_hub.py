"""Facts of a model outside the catalogue: what they fill in, and how long a card keeps them."""

import pytest

from bot.domain.hub import NO_FACTS, Facts, with_known_shape
from engine.contract import Architecture, Attention
from tests.engine.cards import card

SHA = "0123456789abcdef0123456789abcdef01234567"
OWL = "acme-labs/quiet-owl-7b"
SHAPE = Architecture(
    attention=Attention.gqa, layers=28, kv_heads=4, head_dim=128, d_model=3584, intermediate=18944,
    vocab=152064, tied=False, native_context=32768, params_total=7_615_616_512,
)  # fmt: skip


def test_facts_fill_only_what_nobody_said() -> None:
    facts = Facts(SHA, "apache-2.0", SHAPE)
    assert facts.on(card(model_repo=OWL)) == card(
        model_repo=OWL, revision=SHA, license_id="apache-2.0", architecture=SHAPE
    )
    said = card(model_repo=OWL, revision="f" * 40, license_id="mit")
    assert facts.on(said) == said.model_copy(update={"architecture": SHAPE})
    assert NO_FACTS.on(said) == said


@pytest.mark.parametrize(
    ("after", "keeps"),
    [
        ({"model_repo": OWL, "revision": SHA}, True),
        ({"model_repo": OWL, "revision": "f" * 40}, False),
        ({"model_repo": OWL}, False),
        ({"model_repo": "acme-labs/swift-3b", "revision": SHA}, False),
        ({}, False),
    ],
)
def test_a_shape_stays_with_its_model_at_its_commit(after: dict[str, str], *, keeps: bool) -> None:
    before = card(model_repo=OWL, revision=SHA, architecture=SHAPE, license_id="mit")
    kept = with_known_shape(card(**after), before)
    assert kept.architecture == (SHAPE if keeps else None)
    assert kept.license_id is None
