"""Suggestions: each of a rule, with its number; what could be saved first, no machine twice."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.digest import summary
from bot.domain.digest_advice import Rule, Suggestion
from bot.domain.digest_facts import DigestFacts, EvidenceFacts, RunFacts
from bot.domain.digest_week import Span
from bot.domain.fleet import Billing
from bot.domain.gpu import RunState
from bot.domain.gpu_parts import Idle
from bot.domain.ids import ExperimentId, GpuId
from bot.domain.watch import MonthlyCap
from tests.cards.digesting import BURNT, EC2, MONDAY, STOPPED, at, busy, daily, facts, ran, run

HOUR = timedelta(hours=1)
OWED = EvidenceFacts(ExperimentId(12), overdue=2)
IDLE = Idle(9, MONDAY - 3 * HOUR, MONDAY)


def said(known: DigestFacts) -> list[Suggestion]:
    return list(summary(known).suggestions)


def rules(known: DigestFacts) -> list[Rule]:
    return [s.rule for s in said(known)]


def burning(hours: float, price: str | None = "2", n: int = 1) -> RunFacts:
    of = replace(BURNT, id=GpuId(n), price_per_hour=Decimal(price) if price else None)
    start = at(18, 9)
    stretch = ran(of, start, start + hours * HOUR, price)
    return RunFacts(of, (stretch,), unattended=(Span(start),))


def test_nothing_is_suggested_of_a_week_without_a_flaw() -> None:
    assert said(facts(daily(run(1), {17: 4}))) == []


def test_what_could_be_saved_comes_first_and_the_most_of_it() -> None:
    known = busy(evidence=(OWED,))
    found = said(known)
    assert [s.rule for s in found] == [Rule.BUDGET, Rule.UNATTENDED, Rule.DISK]
    amounts = [s.saves for s in found if s.saves is not None]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) == 3


def test_without_money_at_stake_the_order_is_that_of_the_rules() -> None:
    owed = facts(
        daily(replace(EC2, owner=None, experiment=None), {16: 1}, None),
        daily(run(1), {17: 4}),
        evidence=(OWED,),
    )
    assert rules(owed) == [Rule.UNPRICED, Rule.OVERDUE, Rule.NO_EXPERIMENT]


def test_the_worst_of_those_without_a_plan_is_named() -> None:
    (found,) = said(facts(burning(3), burning(9, n=2), burning(1, n=3)))
    assert found == Suggestion(
        Rule.UNATTENDED, run=found.run, saves=Decimal(18), usd=Decimal(18), time=9 * HOUR, count=3
    )
    assert found.run is not None
    assert found.run.id == 2


def test_one_machine_is_not_named_for_two_reasons() -> None:
    both = burning(9)
    idle = replace(both, run=replace(both.run, idle=IDLE))
    assert rules(facts(idle)) == [Rule.UNATTENDED]
    other = replace(EC2, state=RunState.RUNNING, idle=IDLE, price_per_hour=Decimal(4))
    found = said(facts(idle, RunFacts(other, (ran(other, at(22), None, "4"),))))
    assert [(s.rule, s.usd) for s in found] == [
        (Rule.UNATTENDED, Decimal(18)),
        (Rule.IDLE, Decimal(12)),
    ]


@pytest.mark.parametrize(
    "changes",
    [{"idle": replace(IDLE, samples=5)}, {"idle": IDLE, "state": RunState.STOPPED}, {"idle": None}],
)
def test_only_a_spell_of_what_still_runs_is_idle(changes: dict[str, object]) -> None:
    of = replace(EC2, state=RunState.RUNNING)
    of = replace(of, **changes)  # type: ignore[arg-type]  # names are checked by replace itself
    assert Rule.IDLE not in rules(facts(daily(of, {17: 4})))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, True),
        ({"state": RunState.ENDED}, False),
        ({"billing": Billing.NONE}, False),
        ({"storage_per_hour": None}, False),
    ],
)
def test_a_disk_counts_while_it_is_kept_and_its_price_is_known(
    changes: dict[str, object], told: bool
) -> None:
    of = replace(STOPPED, **changes)  # type: ignore[arg-type]  # names are checked by replace itself
    found = said(facts(RunFacts(of)))
    assert [(s.rule, s.usd) for s in found] == ([(Rule.DISK, Decimal("23.016"))] if told else [])


def test_the_budget_is_named_when_the_forecast_is_above_it() -> None:
    spent = facts(daily(run(1), {17: 10}, "7"), cap=MonthlyCap(Decimal(1000)))
    assert rules(spent) == []
    (found,) = said(replace(spent, cap=MonthlyCap(Decimal(80))))
    assert found.rule is Rule.BUDGET
    assert found.usd == summary(spent).month.forecast - 80


def test_one_without_a_price_is_named_and_several_are_counted() -> None:
    one = daily(EC2, {16: 4}, None)
    two = daily(replace(EC2, id=GpuId(9)), {17: 2}, None)
    (found,) = said(facts(one))
    assert (found.run, found.time, found.count) == (EC2, 4 * HOUR, 1)
    (found,) = said(facts(one, two))
    assert (found.run, found.time, found.count) == (None, 6 * HOUR, 2)


def test_of_those_that_owe_evidence_the_dearest_is_named() -> None:
    owing = (OWED, EvidenceFacts(ExperimentId(15), overdue=9), EvidenceFacts(ExperimentId(99), 4))
    known = facts(daily(run(1), {17: 4}, "9"), daily(EC2, {17: 4}, "1"), evidence=owing)
    assert said(known) == [
        Suggestion(Rule.OVERDUE, experiment=ExperimentId(12), usd=Decimal(36), count=2)
    ]
