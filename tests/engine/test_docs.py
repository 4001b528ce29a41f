"""docs/engine.md names every code as the rules have it."""

import re
from collections.abc import Iterator
from pathlib import Path

from engine.contract import Lang, ProblemCode, RejectionCode
from tests.engine.cards import DATA

PAGE = (Path(__file__).parents[2] / "docs/engine.md").read_text("utf-8")
RULES = DATA.rules[Lang.en]


def rows(table: str) -> Iterator[list[str]]:
    """The cells of a checked table, its head left out."""
    _, _, rest = PAGE.partition(f"<!-- {table}: checked -->\n")
    lines = rest.partition(f"<!-- /{table} -->")[0].splitlines()[2:]
    for line in lines:
        yield [cell.strip() for cell in line.strip("|").split(" |")]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_conflict_stands_there_with_its_severity_and_fix() -> None:
    written = [(*named(code), severity, named(fix)) for code, severity, fix, _ in rows("conflicts")]
    ruled = [
        (rule.code.value, rule.effect.value, list(dict.fromkeys(f.field for f in rule.fix)))
        for rule in RULES.conflicts.rules.values()
    ]
    assert sorted(written) == sorted(ruled)


def test_every_reason_of_a_rejection_stands_there() -> None:
    written = [name for code, _ in rows("rejections") for name in named(code)]
    assert sorted(written) == sorted(code.value for code in RejectionCode)


def test_every_problem_that_can_come_stands_there() -> None:
    codes = set(ProblemCode) - {ProblemCode.DATA_NOT_READY}
    assert [code.value for code in codes if f"`{code.value}`" not in PAGE] == []


def test_figures_of_the_text_are_those_of_the_data() -> None:
    budget = RULES.budget
    assert (budget.prices["default"].stale, budget.prices["default"].expired) == (60, 365)
    assert (budget.prices["vast"].stale, budget.prices["vast"].expired) == (14, 60)
    assert "stale after 60 days and expired after 365" in PAGE
    assert "after 14 and 60" in PAGE
    sizes = [str(size) for size in budget.sizes.values() if size is not None]
    assert f"({', '.join(sizes)} x 10^9 parameters, any)" in PAGE
