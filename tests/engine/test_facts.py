"""A team's own figures: what a CSV may say, and how what it may not say is named."""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from engine.accuracy.check import check
from engine.accuracy.facts import UnreadableFacts


def row(**cells: str) -> str:
    """A CSV of one measured figure of Qwen3-8B, unless the cells say otherwise."""
    plain = {
        "fact_id": "ours-1",
        "model_repo": "Qwen/Qwen3-8B",
        "metric": "gpu_memory_total",
        "quant": "BF16",
        "context_tokens": "6144",
        "generated_tokens": "2048",
        "published_value": "17.5",
        "published_unit": "GiB",
        "tolerance_pct": "10",
    }
    return table([plain | cells])


def table(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def bytes_of(text: str) -> int:
    [only] = check(text).rows
    assert only.computed is not None
    return only.computed


def test_a_team_runs_the_check_on_its_own_file(tmp_path: Path) -> None:
    mine = tmp_path / "ours.csv"
    mine.write_text("\ufeff" + row(), "utf-8")
    found = check(mine)
    [only] = found.rows
    assert only.within
    assert only.fact.published == 17.5 * 2**30
    assert found == check(str(mine)) == check(row())
    assert found.outside == ()


def test_a_figure_outside_its_tolerance_is_shown_as_such() -> None:
    found = check(row(published_value="30"))
    assert [r.fact.fact_id for r in found.outside] == ["ours-1"]
    assert found.groups[""].low == 1
    assert found.groups[""].worst > 40


SHAPE = {
    "model_repo": "ours/own-model", "params_total_b": "8.19073536", "layers": "36", "kv_heads": "8",
    "head_dim": "128", "intermediate": "12288", "vocab": "151936",
}  # fmt: skip


@pytest.mark.parametrize("column", ["d_model", "hidden_size", "hidden"])
def test_the_width_of_a_model_has_three_names(column: str) -> None:
    assert bytes_of(row(**SHAPE, **{column: "4096"})) == bytes_of(row())


def test_a_row_wins_over_the_catalogue() -> None:
    assert bytes_of(row(params_total_b="9")) - bytes_of(row()) == 2 * (9 * 10**9 - 8190735360)


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        ("GB", 10**9), ("GiB", 2**30), ("MB", 10**6), ("MiB", 2**20), ("bytes", 1),
        ("GB (is GiB)", 2**30), ("MB (is MiB)", 2**20), ("GB (is GiB; 1k=1024 here)", 2**30),
    ],
)  # fmt: skip
def test_a_unit_says_what_it_really_is(unit: str, size: int) -> None:
    [only] = check(row(published_value="12.5", published_unit=unit, use_as="context_only")).rows
    assert only.fact.published == int(Decimal("12.5") * size)


def test_a_steady_run_has_no_activations() -> None:
    peak, steady = bytes_of(row(phase="peak")), bytes_of(row(phase="steady"))
    assert bytes_of(row()) == peak
    assert bytes_of(row(group="qwen3-transformers")) == steady
    assert peak - steady == 632 * (12288 + 4096) * 6144 // 100


def test_a_figure_of_latent_attention() -> None:
    said = row(
        **SHAPE | {"kv_heads": "MLA", "head_dim": "512+64"}, d_model="4096",
        metric="kv_bytes_per_token", published_unit="bytes", published_value="41472",
    )  # fmt: skip
    assert bytes_of(said) == 36 * 576 * 2


BAD: Mapping[str, tuple[dict[str, str], str]] = {
    "no number": ({"published_value": "much"}, "published_value is 'much'"),
    "nothing": ({"published_value": "0"}, "published_value is '0'"),
    "not even blank": ({"published_value": ""}, "published_value is blank"),
    "negative": ({"layers": "-1"}, "layers is '-1'"),
    "half a layer": ({"layers": "1.5"}, "layers is '1.5', not a whole number"),
    "an exponent": ({"context_tokens": "1e9"}, "context_tokens is '1e9'"),
    "no parameters": ({"params_total_b": "0.0000000001"}, "params_total_b is"),
    "an unknown unit": ({"published_unit": "gigs"}, "published_unit is 'gigs', not one of"),
    "an unknown metric": ({"metric": "vibes"}, "metric is 'vibes', not one of"),
    "an unknown use": ({"use_as": "proof"}, "use_as is 'proof', not one of"),
    "an unknown cache": ({"kv_dtype": "int3"}, "kv_dtype is 'int3', not one of"),
    "an unknown phase": ({"phase": "later"}, "phase is 'later', not one of"),
    "an unknown format": ({"quant": "Q9_Z"}, "quant 'Q9_Z' is no known weight format"),
    "tied how": ({"tied": "maybe"}, "tied is 'maybe', not one of"),
    "a width of no band": ({"tolerance_pct": ""}, "tolerance_pct is blank"),
    "no such ranks": ({"kv_heads": "MLA", "head_dim": "576"}, "head_dim is '576'"),
    "an unknown model": ({"model_repo": "ours/x"}, "params_total of ours/x is neither given nor"),
    "half a shape": (SHAPE | {"model_repo": "ours/x"}, "d_model of ours/x is neither given nor"),
    "no experts": ({"quant": "MXFP4"}, "says too little for MXFP4"),
    "not computed": ({"metric": "ram_total"}, "ram_total is not computed"),
    "no such card": ({"metric": "kv_pool"}, "usable memory of hardware '' is not known"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_cell_is_named_with_its_line(name: str) -> None:
    cells, said = BAD[name]
    with pytest.raises(UnreadableFacts, match=r"^line 2: ") as refused:
        check(row(**cells))
    assert said in str(refused.value)


def test_a_bad_line_after_good_ones_is_counted_right() -> None:
    good, bad = row().splitlines(), row(published_value="x").splitlines()
    with pytest.raises(UnreadableFacts, match=r"^line 4: published_value"):
        check("\n".join([*good, good[1], bad[1], good[1]]) + "\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: no column fact_id, metric, quant, published_value, published_unit"),
        ("a,b\n1,2\n", "line 1: no column fact_id"),
        (row().replace("quant", "hidden,hidden_size,quant"), "line 1: column d_model stands there"),
        (row() + "only,three,cells\n", "line 3: 3 cells under 9 columns"),
        (row() + '"open\n', "line 3: unexpected end of data"),
    ],
)
def test_a_broken_file_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UnreadableFacts) as refused:
        check(text)
    assert str(refused.value).startswith(said)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    picture = tmp_path / "memory.png"
    picture.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(UnreadableFacts, match="is not UTF-8 text"):
        check(picture)
    with pytest.raises(FileNotFoundError):
        check(str(tmp_path / "gone.csv"))


def test_what_binds_nobody_may_leave_everything_open() -> None:
    [only] = check(row(model_repo="ours/x", use_as="context_only", tolerance_pct="")).rows
    assert (only.computed, only.error, only.within) == (None, None, None)
