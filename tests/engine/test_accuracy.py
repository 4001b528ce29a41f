"""Published memory figures: each within its tolerance, and the page that says so up to date."""

import csv
import io
import os
from collections import Counter
from pathlib import Path

import pytest

from engine.accuracy.check import Accuracy, check, error_of, errors
from engine.accuracy.compared import needed
from engine.accuracy.facts import Fact, published
from engine.accuracy.formulas import FORMULAS, errors_of, tables
from engine.memory.schemes import PLAIN
from tests.bench.accuracy import MARKS, page, written

DOCS = Path(__file__).parents[2] / "docs/accuracy.md"
FOUND: Accuracy = check(published())
TABLES = tables(FOUND)
PEAK = TABLES.peak + TABLES.peak_small
STEADY = TABLES.steady + TABLES.steady_small
ENGINE, ONE_ACTIVATION = list(FORMULAS)[:2]


def test_all_published_figures_are_carried_with_their_source() -> None:
    rows = list(csv.DictReader(io.StringIO(published())))
    assert len(rows) == len({r["fact_id"] for r in rows}) == 273
    assert all(r["source_url"].startswith("https://") for r in rows)
    assert all(r["arch_source"] for r in rows if r["layers"])
    assert len(FOUND.rows) == 273
    assert Counter(r.fact.use_as.value for r in FOUND.asserted) == {
        "band": 159, "band_80_115": 22, "upper_bound": 7, "weights_band": 3,
    }  # fmt: skip


@pytest.mark.parametrize("group", sorted({r.fact.group for r in FOUND.asserted}))
def test_every_figure_that_binds_is_within_its_tolerance(group: str) -> None:
    mine = [r for r in FOUND.asserted if r.fact.group == group]
    assert mine
    assert [(r.fact.fact_id, r.error) for r in mine if not r.within] == []


def test_nothing_that_only_gives_context_is_asserted() -> None:
    context = [r for r in FOUND.rows if r.within is None]
    assert {r.fact.use_as.value for r in context} == {"context_only"}
    assert len(context) == 82


@pytest.mark.parametrize("measured", TABLES.columns(), ids=["peak", "peak_q", "steady", "steady_q"])
def test_the_mean_error_on_the_measured_tables_is_at_most_three_per_cent(
    measured: tuple[Fact, ...],
) -> None:
    ours = errors_of(ENGINE, measured)
    assert ours.mean <= 3
    assert all(ours.mean <= errors_of(simple, measured).mean for simple in FORMULAS)


def test_the_measured_tables_are_whole() -> None:
    assert [len(column) for column in TABLES.columns()] == [14, 48, 14, 30]
    assert len(PEAK + STEADY) == 106


def test_the_high_need_covers_every_measured_run() -> None:
    for fact in PEAK + STEADY:
        need = needed(fact, fact.gpus)
        assert need.high * fact.gpus >= fact.published, fact.fact_id
        assert need.low <= need.expected <= need.high


def test_the_narrow_band_is_enough_on_one_gpu_and_not_given_to_several() -> None:
    for fact in PEAK + STEADY:
        need = needed(fact, fact.gpus)
        narrow = -(-need.expected * 105 // 100) + 3 * 2**30 // 10
        assert (need.high == narrow) == (fact.gpus == 1)


def test_figures_of_simple_formulas_are_what_they_always_were() -> None:
    shown = {
        name: [(round(e.mean, 1), e.low) for e in (errors_of(name, c) for c in TABLES.columns())]
        for name in FORMULAS
    }
    assert shown == {
        "owroute, expected": [(0.7, 0), (1.0, 1), (0.5, 0), (1.9, 3)],
        "the same, activation of one GPU only": [(1.2, 1), (1.4, 3), (0.5, 0), (1.9, 3)],
        "weights by format + KV cache": [(9.3, 6), (17.4, 33), (0.5, 0), (1.9, 3)],
        "the same + 600 MiB": [(10.4, 6), (16.8, 19), (8.7, 0), (13.2, 0)],
        "weights by format x 1.2": [(14.1, 4), (22.3, 26), (24.2, 8), (23.7, 16)],
        "nominal weights (2, 1, 0.5 bytes) x 1.2": [(14.1, 4), (33.2, 40), (24.2, 8), (36.7, 27)],
        "(nominal weights + KV cache) x 1.2": [(14.2, 1), (20.6, 32), (19.4, 0), (8.5, 10)],
        "nominal weights + KV cache without GQA": [(23.4, 0), (37.2, 6), (23.8, 0), (33.3, 10)],
        "nominal weights + KV cache by parameter count": [
            (13.3, 9), (40.1, 48), (26.1, 11), (43.0, 30),
        ],
        "parameters x 2 bytes": [(15.3, 10), (85.7, 6), (28.0, 11), (59.2, 8)],
    }  # fmt: skip


def test_the_errors_over_all_rows_of_a_speed_table() -> None:
    peak = errors_of(ONE_ACTIVATION, PEAK)
    assert [round(x, n) for x, n in ((peak.mean, 2), (peak.median, 2), (peak.p90, 1))] == [
        1.36, 0.59, 3.6,
    ]  # fmt: skip
    assert round(peak.worst, 1) == 10.1
    steady = errors_of(ENGINE, STEADY)
    assert (round(steady.mean, 2), round(steady.median, 2)) == (1.47, 0.83)
    assert (round(steady.p90, 1), round(steady.worst, 1)) == (4.0, 7.6)


def test_several_gpus_hold_the_activations_each() -> None:
    several = [fact for fact in PEAK if fact.gpus > 1]
    assert len(several) == 6
    for fact in several:
        ours = needed(fact, fact.gpus).expected * fact.gpus
        assert abs(error_of(ours, fact.published)) < 1.1, fact.fact_id


def test_the_known_exceptions_stay_what_they_are() -> None:
    by_id = {r.fact.fact_id: r for r in FOUND.rows}
    twice = [by_id[name].error for name in ("F0eefe813", "Fd52e9162")]
    assert all(error is not None and -50.1 < error < -49.9 for error in twice)
    awq = [
        r.error for r in FOUND.asserted
        if r.fact.quant == "AWQ-INT4" and (r.fact.context or 0) >= 14336 and r.error is not None
    ]  # fmt: skip
    assert min(awq) > -8
    pool = by_id["F94dbb471"]
    assert pool.within is None
    assert pool.error is not None
    assert pool.error > 50
    [gemma] = [r for r in FOUND.asserted if r.fact.repo == "google/gemma-3-1b-it"]
    assert gemma.error is not None
    assert -25 < gemma.error < -24


def test_rules_of_thumb_for_training_are_above_their_source_and_not_far() -> None:
    rules = [r.error for r in FOUND.rows if r.fact.metric.value == "training_memory"]
    assert len(rules) == 5
    assert all(error is not None and -5 < error < 25 for error in rules)


def test_errors_are_summed_up_by_nearest_rank() -> None:
    found = errors([-6, 1, 2, 3, 4, 5, 6, 7, 8, -10])
    assert (found.rows, found.mean, found.median, found.p90) == (10, 5.2, 5.5, 8)
    assert (found.worst, found.low) == (10, 2)
    assert errors([-3.0]).p90 == 3


def test_the_page_shows_what_is_computed_now() -> None:
    if os.environ.get("OWROUTE_UPDATE_GOLDEN") == "1":
        DOCS.write_text(page(DOCS.read_text("utf-8"), FOUND), "utf-8")
    text = DOCS.read_text("utf-8")
    assert all(mark in text for mark in MARKS)
    assert page(text, FOUND) == text
    assert written(FOUND)["tables"][ENGINE]["peak"]["rows"] == 14
    assert {f.quant for f in TABLES.peak + TABLES.steady} <= PLAIN.keys()
