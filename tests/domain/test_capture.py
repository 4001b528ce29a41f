"""The parser of captures: nothing that is cut short, changed or of another form gets through."""

import hashlib
import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.capture import (
    BadPaste,
    Capture,
    Reason,
    command_line,
    parse_capture,
    read_paste,
    withheld,
)

HEX, SHA = "0123456789abcdef0123456789abcdef01234567", "a" * 64
HASHED: dict[str, Any] = {"sha256": SHA, "chars": 3}


def whole(**more: Any) -> dict[str, Any]:
    """Everything that a capture can say."""
    rows = [
        {"case_id": f"c{n}", "pass": verdict, "seconds": 0.5, "prompt": "p", "expected": "e",
         "output": "a & b < c > d", "note": "n"}
        for n, verdict in enumerate((True, True, False, None))
    ]  # fmt: skip
    return {
        "v": 1, "experiment": "OW-12", "private": False, "at": "2026-11-23T09:00:00Z",
        "repo": "Qwen/Qwen3-4B", "model": "qwen3", "revision": HEX,
        "endpoint": "http://127.0.0.1:8000/v1",
        "runtime": {"name": "vllm", "version": "0.11.0", "command": "vllm serve Qwen/Qwen3-4B"},
        "first": {"prompt": "What is RAG?", "output": "Retrieval first.\nThen …", "seconds": 1},
        "cases": {
            "total": 9, "passed": 4, "failed": 3, "unjudged": 2, "sha256": SHA, "rows": rows,
        },
        "latency": {"p50": 0.5, "p95": 1.25}, "memory": {"gpu_mib": 14210, "rss_mib": 900},
        "disk_gib": 15.2,
        "environment": {"gpu": "NVIDIA L4", "driver": "550", "cuda": "12.4", "python": "3.8.1",
                        "os": "Linux"},
        **more,
    }  # fmt: skip


def paste(found: dict[str, Any] | None = None, label: str = "OW-12", version: int = 1) -> str:
    line = json.dumps(found or whole(), ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(line.encode()).hexdigest()[:16]
    return f"owroute-capture {version} {label}\n{line}\nsha256 {digest}"


def taken(text: str) -> Capture:
    found = read_paste(text)
    assert isinstance(found, Capture), found
    return found


def refused(found: Capture | BadPaste) -> Reason:
    assert isinstance(found, BadPaste)
    return found.reason


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def linked(text: str) -> str:
    return escaped(text).replace(
        "http://127.0.0.1:8000/v1", "<http://127.0.0.1:8000/v1>"
    ).replace("Retrieval", "<http://Retrieval|Retrieval>")  # fmt: skip


def test_a_paste_back_is_read() -> None:
    found = taken(paste())
    assert found.experiment == "OW-12"
    assert found.at.isoformat() == "2026-11-23T09:00:00+00:00"
    assert found.first.seconds == 1.0
    assert found.cases is not None
    assert found.cases.rows[0] == whole()["cases"]["rows"][0]
    assert found == parse_capture(whole())


@pytest.mark.parametrize(
    "text",
    [
        f"Here it is:\n```\n{paste()}\n```\nthanks",
        f"```{paste()}```",
        "\n".join(f"> {line}" for line in paste().splitlines()),
        "\n".join(f"&gt; {line}" for line in escaped(paste()).splitlines()),
        escaped(paste()),
        linked(paste()),
        paste().replace("\n", "\r\n"),
        paste().replace("\nsha256", "   \nsha256"),
        paste().replace('"endpoint"', '"endp\noint"').replace('"memory"', '"mem\nory"'),
        f"owroute-capture is done, sha256 and all:\n\n{paste()}\n",
    ],
)
def test_what_stands_around_it_does_not_matter(text: str) -> None:
    assert taken(text) == taken(paste())


def test_text_that_looks_escaped_is_left_as_it_is() -> None:
    first = {"prompt": "&lt;b&gt; <x|y> &amp;amp;", "output": "", "seconds": 1}
    text = paste(whole(first=first))
    assert taken(text).first.prompt == taken(escaped(text)).first.prompt == first["prompt"]


@pytest.mark.parametrize(
    "text", ["", "pass", "python3 owroute_capture.py OW-12 --endpoint x", json.dumps(whole())]
)
def test_another_text_is_no_paste(text: str) -> None:
    assert refused(read_paste(text)) is Reason.NOT_A_PASTE


def test_cut_short_anywhere_it_is_not_taken() -> None:
    text = paste()
    head = len("owroute-capture 1 OW-1")
    reasons = {refused(read_paste(text[:n])) for n in range(head)}
    assert reasons == {Reason.NOT_A_PASTE}
    assert {refused(read_paste(text[:n])) for n in range(head, len(text))} == {Reason.TRUNCATED}
    assert {refused(read_paste(text[n:])) for n in range(1, len(text))} == {Reason.NOT_A_PASTE}


@pytest.mark.parametrize("other", ["", "x", "0", "9", '"', " ", "}", "é"])
def test_changed_anywhere_it_is_not_taken(other: str) -> None:
    text = paste()
    for n, letter in enumerate(text):
        if letter != other:
            assert isinstance(read_paste(text[:n] + other + text[n + 1 :]), BadPaste), n


def test_a_longer_checksum_and_another_number_are_changes() -> None:
    assert refused(read_paste(paste() + "0")) is Reason.TRUNCATED
    assert refused(read_paste(paste().replace("OW-12\n", "OW-13\n"))) is Reason.EDITED
    assert refused(read_paste(paste().replace("14210", "1421"))) is Reason.EDITED


def test_a_later_script_is_named_as_such() -> None:
    assert refused(read_paste(paste(version=2))) is Reason.TOO_NEW
    assert refused(read_paste(paste(whole(v=2)))) is Reason.TOO_NEW
    assert refused(parse_capture(whole(v=2, news=True))) is Reason.TOO_NEW


def test_what_may_be_unknown_may_be_left_out() -> None:
    least = {name: whole()[name] for name in ("v", "experiment", "private", "at", "first")}
    found = parse_capture({**least, "latency": {"p50": 1, "p95": 1}})
    assert isinstance(found, Capture)
    assert (found.cases, found.memory, found.repo, found.runtime) == (None,) * 4


def broken(path: str, value: Any) -> dict[str, Any]:
    """A capture with one value in it changed."""
    found = deepcopy(whole())
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    part: Any = found
    for step in way:
        part = part[step]
    part[last] = value
    return found


WRONG: tuple[tuple[str, Any], ...] = (
    ("more", 1), ("v", True), ("v", "1"), ("v", 1.0), ("experiment", "OW-0"),
    ("experiment", "OW-12\n"), ("experiment", 12), ("private", 0), ("private", True),
    ("at", "yesterday"), ("at", 1_700_000_000), ("at", "2026-13-01T00:00:00Z"),
    ("repo", "Qwen"), ("repo", "a/b/c"), ("repo", "a/" + "b" * 200), ("model", ""),
    ("model", "m" * 201), ("revision", "main"), ("revision", HEX.upper()), ("revision", HEX[1:]),
    ("endpoint", "https://me:secret@host/v1"), ("endpoint", "file:///etc/passwd"),
    ("endpoint", "http://host/?key=s"), ("runtime.more", 1), ("runtime.command", "x" * 1_001),
    ("runtime", "vllm"), ("first.more", 1), ("first.prompt", 1), ("first.prompt", HASHED),
    ("first.prompt", "x" * 10_001), ("first.seconds", -1), ("first.seconds", float("nan")),
    ("first.seconds", float("inf")), ("first.seconds", True), ("first.seconds", "1"),
    ("first", None), ("latency.p50", None), ("latency", None), ("latency.p99", 1),
    ("memory.gpu_mib", -1), ("memory.gpu_mib", 1.5), ("memory.gpu_mib", "1"),
    ("disk_gib", -0.1), ("disk_gib", float("inf")), ("environment.more", "x"),
    ("environment.gpu", ["L4"]), ("cases.total", 8), ("cases.passed", -1), ("cases.more", 1),
    ("cases.sha256", SHA[1:]), ("cases.rows", {}), ("cases.rows", None),
    ("cases.rows.0.case_id", "c1"), ("cases.rows.0.case_id", ""), ("cases.rows.0.case_id", 1),
    ("cases.rows.0.case_id", "x" * 101), ("cases.rows.0.pass", "true"),
    ("cases.rows.0.pass", 1), ("cases.rows.0.seconds", -1), ("cases.rows.0.more", 1),
    ("cases.rows.0.passed", True), ("cases.rows.0.note", HASHED), ("cases.rows.0", 1),
    ("cases.rows", [{"case_id": f"c{n}", "pass": True} for n in range(5)]),
)  # fmt: skip


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_another_form_is_refused_and_its_place_named(path: str, value: Any) -> None:
    found = parse_capture(broken(path, value))
    assert isinstance(found, BadPaste)
    assert found.reason is Reason.INVALID
    assert found.hint == "" or found.hint.split(".")[0] in path
    assert "secret" not in found.hint


@pytest.mark.parametrize("value", [None, [], "x", 1, {}, [whole()], {"v": None}])
def test_what_is_no_capture_at_all(value: object) -> None:
    assert refused(parse_capture(value)) is Reason.INVALID


def test_as_many_rows_as_are_listed_and_no_more() -> None:
    rows = [{"case_id": f"c{n}", "pass": True} for n in range(501)]
    counts = {"total": 900, "passed": 900, "failed": 0, "unjudged": 0, "sha256": SHA}
    assert isinstance(parse_capture(whole(cases={**counts, "rows": rows[:500]})), Capture)
    assert refused(parse_capture(whole(cases={**counts, "rows": rows}))) is Reason.INVALID


def test_json_that_is_none_and_numbers_that_are_none() -> None:
    for line in ("{broken}", "{" * 5_000 + "}", '{"v":1,"disk_gib":NaN}'):
        digest = hashlib.sha256(line.encode()).hexdigest()[:16]
        text = f"owroute-capture 1 OW-12\n{line}\nsha256 {digest}"
        assert refused(read_paste(text)) is Reason.INVALID


def test_a_command_arrives_without_secrets() -> None:
    runtime = {"command": "vllm serve x --api-key s3cret"}
    found = parse_capture(whole(runtime=runtime))
    assert isinstance(found, Capture)
    assert found.runtime is not None
    assert found.runtime.command == "vllm serve x --api-key ***"


def test_no_text_holds_a_nul() -> None:
    found = parse_capture(whole(first={"prompt": "a\x00b", "output": "", "seconds": 1}))
    assert isinstance(found, Capture)
    assert found.first.prompt == "a\ufffdb"


def test_a_private_capture_has_no_words() -> None:
    rows = [{"case_id": "c1", "pass": False, "prompt": HASHED}]
    counts = {"total": 1, "passed": 0, "failed": 1, "unjudged": 0, "sha256": SHA}
    first = {"prompt": HASHED, "output": HASHED, "seconds": 1}
    private = whole(private=True, first=first, cases={**counts, "rows": rows})
    found = parse_capture(private)
    assert isinstance(found, Capture)
    assert withheld(found) == found
    rows[0]["prompt"] = "words"
    assert refused(parse_capture(private)) is Reason.INVALID


def test_words_sent_for_a_private_experiment_are_withheld() -> None:
    command = "llama-cli -m q.gguf --system 'very secret plan' {prompt}"
    sent = whole(endpoint=None, runtime={"name": "llama-cli", "command": command})
    found = parse_capture(sent)
    assert isinstance(found, Capture)
    safe = withheld(found)
    assert safe.private
    assert all(isinstance(text, dict) for text in safe.texts())
    assert safe.first.prompt == {
        "sha256": hashlib.sha256(b"What is RAG?").hexdigest(), "chars": 12
    }  # fmt: skip
    assert safe.runtime is not None
    assert safe.runtime.command == "llama-cli -m q.gguf --system '***' '{prompt}'"
    assert safe.cases is not None
    assert safe.cases.rows[0]["pass"] is True
    assert not any(word in repr(safe) for word in ("RAG", "Retrieval", "a & b", "plan"))
    listed = withheld(taken(paste()))
    assert listed.runtime is not None
    assert listed.runtime.command is None
    assert "RAG" in repr(found)


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(read_paste(text), BadPaste)
    assert isinstance(
        read_paste(f"owroute-capture 1 OW-12\n{{{text}}}\nsha256 {'0' * 16}"), BadPaste
    )


def test_the_line_to_type() -> None:
    line = "python3 owroute_capture.py OW-7 --endpoint http://127.0.0.1:8000/v1 --cases cases.csv"
    assert command_line("OW-7", private=False) == line
    assert command_line("OW-7", private=True) == f"{line} --private"
