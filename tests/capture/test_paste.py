"""Whatever was captured, the paste-back fits and is read."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.capture import Capture, parse_capture, read_paste
from capture import owroute_capture as script

odd = st.text(
    st.one_of(
        st.characters(codec=None), st.sampled_from("a😀&<>\"'\\\n\u2028字，\x00\ud800"),
    ),
    max_size=40,
)  # fmt: skip
texts = st.one_of(odd, st.builds(lambda t, n: t * n, odd, st.integers(1, 300)))
seconds = st.floats(0, 1e5, allow_nan=False).map(lambda s: round(s, 3))
lines = st.text(st.characters(codec="utf-8"), min_size=1, max_size=400)
verdicts = st.sampled_from([True, False, None])
ids = odd.filter(lambda text: bool(text) and len(script.encoded(text)) <= script.ID)
rows = st.lists(
    st.fixed_dictionaries(
        {"case_id": ids, "pass": verdicts},
        optional={"seconds": seconds, **dict.fromkeys(script.TEXTS, texts)},
    ),
    max_size=40,
    unique_by=lambda row: script.encoded(row["case_id"]),
)


@st.composite
def captured(draw: st.DrawFn) -> dict[str, Any]:
    """What `capture` of the script gives, with whatever a machine could say in it."""
    private, table = draw(st.booleans()), draw(rows)
    first: dict[str, Any] = {
        "prompt": draw(texts), "output": draw(texts), "seconds": draw(seconds)
    }  # fmt: skip
    if private:
        first, *table = (
            {k: script._hashed(v) if k in script.TEXTS else v for k, v in row.items()}
            for row in (first, *table)
        )
    judged = [row["pass"] for row in table]
    counts = {"total": len(table), "passed": judged.count(True), "failed": judged.count(False)}
    whole = script._known(
        repo=draw(st.sampled_from(["", "Qwen/Qwen3-4B"])),
        model=draw(lines),
        endpoint="http://127.0.0.1:8000/v1",
        memory={"rss_mib": draw(st.integers(0, 10**7))},
        environment=script._known(gpu=draw(lines), os=draw(lines), driver=draw(lines)),
        runtime=script._known(command=draw(lines), name=draw(lines), version=draw(lines)),
        disk_gib=draw(seconds),
    )
    whole.update(
        v=1, experiment=f"OW-{draw(st.integers(1, 999_999_999))}", private=private, first=first,
        at="2026-11-23T09:00:00Z", latency={"p50": draw(seconds), "p95": draw(seconds)},
    )  # fmt: skip
    if table:
        digest = script._hashed(script.encoded(table))["sha256"]
        whole["cases"] = {
            **counts, "unjudged": judged.count(None), "sha256": digest, "rows": table
        }  # fmt: skip
    return whole


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(captured())
def test_any_paste_back_fits_and_reads_back(whole: dict[str, Any]) -> None:
    text = script.paste(whole)
    assert len(text) <= 2_900
    assert text.count("\n") == 2
    found = read_paste(text)
    assert isinstance(found, Capture), (found, text)
    assert found.experiment == whole["experiment"]
    if "cases" in whole:
        assert found.cases is not None
        assert found.cases.total == whole["cases"]["total"]
        assert found.cases.sha256 == whole["cases"]["sha256"]
        listed = [row["pass"] for row in found.cases.rows]
        assert len(listed) == found.cases.total or listed == sorted(
            listed, key=lambda passed: passed is not False
        )


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(captured())
def test_what_is_sent_fits_and_is_read(whole: dict[str, Any]) -> None:
    line = script.fitted(whole, script.POST, lambda text: len(text.encode()))
    assert len(line.encode()) <= script.POST <= 256 * 1024
    assert isinstance(parse_capture(json.loads(line)), Capture)


def test_texts_are_shortened_before_rows_are_dropped() -> None:
    row = {"pass": True, "prompt": "p" * 500, "output": "o" * 3_000, "seconds": 1.0}
    table = [{"case_id": f"c{n}", **row} for n in range(5)]
    whole: dict[str, Any] = {
        "v": 1, "experiment": "OW-12", "private": False, "at": "2026-11-23T09:00:00Z",
        "first": {"prompt": "p", "output": "o" * 9_000, "seconds": 1.0},
        "latency": {"p50": 1.0, "p95": 1.0},
        "cases": {
            "total": 5, "passed": 5, "failed": 0, "unjudged": 0, "sha256": "0" * 64, "rows": table
        },
    }  # fmt: skip
    found = read_paste(script.paste(whole))
    assert isinstance(found, Capture)
    assert found.cases is not None
    assert len(found.cases.rows) == 5
    assert all(str(row.get("output")).endswith("…") for row in found.cases.rows)
