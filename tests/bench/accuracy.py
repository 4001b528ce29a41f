"""How accurate the memory model is, beside simple formulas: `python -m tests.bench.accuracy [CSV]`.

Without a file the published figures are compared; a team gives a CSV of its own measurements.
"""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.accuracy.check import Accuracy, Errors, check
from engine.accuracy.facts import UnreadableFacts, UseAs, published
from engine.accuracy.formulas import FORMULAS, errors_of, tables

COLUMNS = ("peak", "peak, quantized", "steady", "steady, quantized")
MARKS = ("formulas", "groups")


def written(found: Accuracy) -> dict[str, Any]:
    """The figures for bench.json: errors by formula and measured table, and by group."""
    columns = dict(zip(COLUMNS, tables(found).columns(), strict=True))
    return {
        "tables": {
            formula: {name: asdict(errors_of(formula, facts)) for name, facts in columns.items()}
            for formula in FORMULAS
        },
        "groups": {group: asdict(errors) for group, errors in found.groups.items()},
        "asserted": len(found.asserted),
        "outside": len(found.outside),
    }


def report(found: Accuracy) -> str:
    """The same to read on a terminal."""
    figures = written(found)
    wide = max(map(len, FORMULAS))
    lines = ["memory model, mean error in per cent (rows more than 5 % too low):"]
    lines.append(" " * wide + "".join(f"{name:>20s}" for name in COLUMNS))
    for formula, cells in figures["tables"].items():
        row = (f"{c['mean']:.1f} ({c['low']})" for c in cells.values())
        lines.append(f"{formula:{wide}s}" + "".join(f"{cell:>20s}" for cell in row))
    inside = figures["asserted"] - figures["outside"]
    lines.append(f"within their tolerance: {inside} of {figures['asserted']} published figures")
    return "\n".join(lines) + "\n"


def page(text: str, found: Accuracy) -> str:
    """A document with the tables between its marks made anew."""
    for mark, table in zip(MARKS, (_formulas(found), _groups(found)), strict=True):
        begin, end = f"<!-- {mark}: computed -->\n", f"<!-- /{mark} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = before + begin + table + end + after
    return text


def _formulas(found: Accuracy) -> str:
    columns = dict(zip(COLUMNS, tables(found).columns(), strict=True))
    heads = (f"{name} ({len(facts)})" for name, facts in columns.items())
    lines = [_line("formula", *heads), _line(*["---"] * 5)]
    for formula in FORMULAS:
        cells = (errors_of(formula, facts) for facts in columns.values())
        lines.append(_line(formula, *(f"{e.mean:.1f} ({e.low})" for e in cells)))
    return "".join(lines)


def _groups(found: Accuracy) -> str:
    lines = [_line("group", "rows", "mean", "median", "p90", "worst", "over 5 % too low")]
    lines.append(_line(*["---"] * 7))
    for group, e in found.groups.items():
        lines.append(_line(group or "-", str(e.rows), *_shown(e), str(e.low)))
    ceilings = sum(row.fact.use_as is UseAs.upper_bound for row in found.asserted)
    crossed = sum(row.fact.use_as is UseAs.upper_bound for row in found.outside)
    missed = len(found.outside) - crossed
    lines.append(
        f"\n{len(found.rows)} figures; {len(found.asserted)} bind: {missed} outside their band, "
        f"{crossed} of {ceilings} ceilings crossed.\n"
    )
    return "".join(lines)


def _shown(found: Errors) -> list[str]:
    return [f"{x:.1f}" for x in (found.mean, found.median, found.p90, found.worst)]


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _own(path: Path) -> str:
    """A team's file: each row, then its groups; what cannot be read ends the program."""
    try:
        found = check(path)
    except (UnreadableFacts, OSError) as error:
        sys.exit(f"{path}: {error}")
    lines = [
        f"{row.fact.fact_id:20s} {row.error:+7.1f} %  {'' if row.within else 'outside'}\n"
        for row in found.asserted
    ]
    return "".join(lines) + "\n" + _groups(found)


if __name__ == "__main__":
    sys.stdout.write(_own(Path(sys.argv[1])) if sys.argv[1:] else report(check(published())))
