"""Deciding with the hub's facts: when it is asked, what goes on the card, what is said if not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from typing_extensions import override

from bot.domain.hub import Facts, Found, HubAnswer, Lack, Refusal, Renamed, Unreachable
from bot.errors import EngineRefusedCard, EngineUnavailable
from bot.ports import Suggestion
from bot.services.facts import DecideCard
from engine.contract import (
    Architecture,
    Attention,
    Conflict,
    ConflictCode,
    ConstraintCard,
    DecisionCard,
    Severity,
)
from engine.decide import decide
from tests.engine.cards import DATA, card

SHA = "0123456789abcdef0123456789abcdef01234567"
OWL = "acme-labs/quiet-owl-7b"
SHAPE = Architecture(
    attention=Attention.gqa, layers=28, kv_heads=4, head_dim=128, d_model=3584, intermediate=18944,
    vocab=152064, tied=False, native_context=32768, params_total=7_615_616_512,
)  # fmt: skip
ALL = Facts(SHA, "apache-2.0", SHAPE)


@dataclass
class Engine:
    """An engine whose catalogue is `knows`: of other models it wants shape and licence."""

    knows: frozenset[str] = frozenset()
    asked: list[ConstraintCard] = field(default_factory=list)
    fails_at: int = 0
    error: Exception | None = None
    lists: bool = True

    async def decide(
        self, card: ConstraintCard, lang: str, *, within: timedelta | None = None
    ) -> DecisionCard:
        self.asked.append(card)
        if self.error and len(self.asked) == self.fails_at:
            raise self.error
        stranger = card.model_repo is not None and card.model_repo not in self.knows
        shaped = card.architecture and card.architecture.attention is not Attention.unknown
        codes = []
        if stranger and not shaped:
            codes.append(ConflictCode.ARCH_UNSUPPORTED)
        if stranger and card.license_id is None:
            codes.append(ConflictCode.LICENSE_UNKNOWN)
        found = tuple(_conflict(code) for code in codes)
        plain = card.model_copy(update={"model_repo": None, "revision": None})
        return decide(plain, DATA).model_copy(update={"conflicts": found})

    async def models(self, query: str) -> Sequence[Suggestion]:
        if not self.lists:
            raise EngineUnavailable("http_500")
        return [Suggestion(name, name) for name in self.knows if query in name]


def _conflict(code: ConflictCode) -> Conflict:
    return Conflict(
        code=code, severity=Severity.change, rule_id=code.value, text="Unknown.", change="Say.",
        fix=(), alternatives=(),
    )  # fmt: skip


@dataclass
class Hub:
    """A hub with one answer to everything."""

    answer: HubAnswer
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def facts(self, repo: str, revision: str | None) -> HubAnswer:
        self.asked.append((repo, revision))
        return self.answer


def codes(decision: DecisionCard) -> list[str]:
    return [conflict.code.value for conflict in decision.conflicts]


def decider(engine: Engine, hub: Hub) -> DecideCard:
    return DecideCard(engine=engine, hub=hub)  # type: ignore[arg-type]  # half an engine is enough


async def test_a_stranger_is_asked_of_the_hub_and_decided_again_with_its_facts() -> None:
    engine, hub = Engine(), Hub(Found(ALL))
    of = card(model_repo=OWL)
    decided = await decider(engine, hub)(of, "en")
    assert hub.asked == [(OWL, None)]
    assert engine.asked == [of, ALL.on(of)]
    assert (decided.facts, decided.said, codes(decided.decision)) == (ALL, None, [])
    again = await decider(engine, hub)(of, "en")
    assert again == decided


@pytest.mark.parametrize(
    "of",
    [
        card(),
        card(model_repo="Qwen/Qwen3-8B"),
        card(model_repo=OWL, architecture=SHAPE),
        card(model_repo=OWL, architecture=SHAPE, license_id="mit"),
    ],
    ids=["no_model", "catalogue", "typed_shape", "typed_all"],
)
async def test_nobody_else_is(of: ConstraintCard) -> None:
    engine, hub = Engine(frozenset({"Qwen/Qwen3-8B"})), Hub(Found(ALL))
    decided = await decider(engine, hub)(of, "en")
    assert (hub.asked, engine.asked) == ([], [of])
    assert (decided.facts, decided.said) == (Facts(), None)


async def test_a_catalogue_that_cannot_be_read_does_not_lose_the_decision() -> None:
    engine, hub = Engine(lists=False), Hub(Found(ALL))
    decided = await decider(engine, hub)(card(model_repo=OWL), "en")
    assert (hub.asked, decided.facts) == ([(OWL, None)], ALL)


async def test_what_a_person_said_is_kept() -> None:
    typed = card(model_repo=OWL, license_id="mit", revision="f" * 40)
    hub = Hub(Found(ALL))
    decided = await decider(Engine(), hub)(typed, "en")
    assert hub.asked == [(OWL, "f" * 40)]
    enriched = decided.facts.on(typed)
    assert (enriched.license_id, enriched.revision) == ("mit", "f" * 40)
    assert enriched.architecture == SHAPE


@pytest.mark.parametrize(
    "answer",
    [Refusal.MISSING, Refusal.OFF, Renamed("a/b"), Renamed(None), Unreachable("timeout")],
)
async def test_a_hub_that_is_no_help_leaves_the_first_decision(answer: HubAnswer) -> None:
    engine = Engine()
    decided = await decider(engine, Hub(answer))(card(model_repo=OWL), "en")
    assert len(engine.asked) == 1
    assert (decided.facts, decided.said) == (Facts(), answer)
    assert codes(decided.decision) == ["ARCH_UNSUPPORTED", "LICENSE_UNKNOWN"]


async def test_half_the_facts_are_used_and_the_other_half_is_named() -> None:
    gated = Found(Facts(SHA, "gemma"), (Lack.GATED,))
    decided = await decider(Engine(), Hub(gated))(card(model_repo=OWL), "en")
    assert codes(decided.decision) == ["ARCH_UNSUPPORTED"]
    assert (decided.facts.license_id, decided.said) == ("gemma", gated)


async def test_a_lack_of_what_is_on_the_card_already_is_not_told() -> None:
    nameless = Found(Facts(SHA, None, SHAPE), (Lack.LICENCE,))
    typed = await decider(Engine(), Hub(nameless))(card(model_repo=OWL, license_id="mit"), "en")
    assert typed.said is None
    open_ = await decider(Engine(), Hub(nameless))(card(model_repo=OWL), "en")
    assert open_.said == nameless


async def test_an_unknown_kind_of_attention_goes_on_the_card_and_is_told() -> None:
    linear = Facts(SHA, "mit", SHAPE.model_copy(update={"attention": Attention.unknown}))
    found = Found(linear, (Lack.ATTENTION,))
    decided = await decider(Engine(), Hub(found))(card(model_repo=OWL), "en")
    assert (decided.facts, decided.said) == (linear, found)
    assert codes(decided.decision) == ["ARCH_UNSUPPORTED"]


@pytest.mark.parametrize(
    ("pointers", "kept", "lack", "left"),
    [
        (("architecture",), Facts(SHA, "apache-2.0"), Lack.CONFIG, ["ARCH_UNSUPPORTED"]),
        (("architecture/mla/rope_dim",), Facts(SHA, "apache-2.0"), Lack.CONFIG,
         ["ARCH_UNSUPPORTED"]),
        (("license_id",), Facts(SHA, None, SHAPE), Lack.LICENCE_ID, ["LICENSE_UNKNOWN"]),
    ],
)  # fmt: skip
async def test_only_the_facts_that_the_engine_refuses_are_left_out_and_named(
    pointers: tuple[str, ...], kept: Facts, lack: Lack, left: list[str]
) -> None:
    engine = Engine(fails_at=2, error=EngineRefusedCard("absurd", pointers))
    of = card(model_repo=OWL)
    decided = await decider(engine, Hub(Found(ALL)))(of, "en")
    assert engine.asked[2:] == [kept.on(of)]
    assert (decided.facts, decided.said) == (kept, Found(kept, (lack,)))
    assert codes(decided.decision) == left


async def test_a_revision_that_the_engine_refuses_costs_nothing_else() -> None:
    engine = Engine(fails_at=2, error=EngineRefusedCard("absurd", ("revision",)))
    decided = await decider(engine, Hub(Found(ALL)))(card(model_repo=OWL), "en")
    assert decided.facts == Facts(None, "apache-2.0", SHAPE)
    assert codes(decided.decision) == []


async def test_where_the_engine_names_no_fact_none_is_used() -> None:
    engine = Engine(fails_at=2, error=EngineRefusedCard("absurd", ("task",)))
    decided = await decider(engine, Hub(Found(ALL)))(card(model_repo=OWL), "en")
    assert len(engine.asked) == 2
    assert decided.facts == Facts()
    assert decided.said == Found(Facts(), (Lack.CONFIG, Lack.LICENCE_ID))
    assert codes(decided.decision) == ["ARCH_UNSUPPORTED", "LICENSE_UNKNOWN"]


async def test_a_shape_that_is_refused_is_not_said_to_be_on_the_card() -> None:
    linear = Facts(SHA, "mit", SHAPE.model_copy(update={"attention": Attention.unknown}))
    engine = Engine(fails_at=2, error=EngineRefusedCard("absurd", ("architecture",)))
    hub = Hub(Found(linear, (Lack.ATTENTION,)))
    decided = await decider(engine, hub)(card(model_repo=OWL), "en")
    assert decided.said == Found(Facts(SHA, "mit"), (Lack.CONFIG,))


async def test_an_engine_that_dies_meanwhile_is_told_to_the_caller() -> None:
    engine = Engine(fails_at=2, error=EngineUnavailable("timeout"))
    with pytest.raises(EngineUnavailable):
        await decider(engine, Hub(Found(ALL)))(card(model_repo=OWL), "en")


async def test_a_model_of_the_catalogue_is_not_asked_of_the_hub_whatever_it_lacks() -> None:
    class Reviewed(Engine):
        @override
        async def models(self, query: str) -> Sequence[Suggestion]:
            return [Suggestion(OWL, OWL)]

    hub = Hub(Found(ALL))
    decided = await decider(Reviewed(), hub)(card(model_repo=OWL), "en")
    assert (hub.asked, decided.facts, decided.said) == ([], Facts(), None)
    assert codes(decided.decision) == ["ARCH_UNSUPPORTED", "LICENSE_UNKNOWN"]


async def test_a_licence_alone_is_reason_enough_to_ask() -> None:
    class Licensed(Engine):
        @override
        async def decide(
            self, card: ConstraintCard, lang: str, *, within: timedelta | None = None
        ) -> DecisionCard:
            decision = await super().decide(card, lang, within=within)
            only = [c for c in decision.conflicts if c.code is ConflictCode.LICENSE_UNKNOWN]
            return decision.model_copy(update={"conflicts": tuple(only)})

    gated = Found(Facts(SHA, "gemma"), (Lack.GATED,))
    decided = await decider(Licensed(), Hub(gated))(card(model_repo=OWL), "en")
    assert (decided.facts, decided.said) == (gated.facts, None)
