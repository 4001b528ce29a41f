"""What people write down, read: each form that is right, and what is said of the rest."""

import hashlib

import pytest

from bot.domain.cases import table_in
from bot.domain.evidence_fields import FIELDS, Kind, bares, fields_of, lacks
from bot.domain.evidence_values import BadValue, read_value

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FIVE = "case id,result\n" + "".join(f"c{n},pass\n" for n in range(1, 6))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.LINE, " two\nlines ", "two lines"),
        (Kind.MODEL, "Qwen/Qwen3-8B", "Qwen/Qwen3-8B"),
        (Kind.REVISION, COMMIT.upper(), COMMIT),
        (
            Kind.LINK,
            "<https://x.slack.com/archives/C1/p1|it>",
            "https://x.slack.com/archives/C1/p1",
        ),
        (Kind.ADDRESS, "localhost:8000", "localhost:8000"),
        (Kind.ADDRESS, "http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        (Kind.SECONDS, "350 ms", "0.35 s"),
        (Kind.SECONDS, "2分钟", "120 s"),
        (Kind.SECONDS, "1.50s", "1.5 s"),
        (Kind.SIZE, "16,400 MB", "15.27 GiB"),
        (Kind.SIZE, "4096 MiB", "4 GiB"),
        (Kind.SIZE, "1,234,567 KiB", "1.18 GiB"),
        (Kind.SIZE, "3 MiB", "3 MiB"),
        (Kind.SIZE, "97.2 MiB", "97.2 MiB"),
        (Kind.SIZE, "700 KB", "0.67 MiB"),
        (Kind.SIZE, "12 B", "12 B"),
        (Kind.SIZE, "0 MB", "0 GiB"),
        (Kind.MONEY, "$0.44", "0.44 USD"),
        (Kind.MONEY, "0 EUR", "0 EUR"),
        (Kind.DATE, "2026-11-24", "2026-11-24"),
        (Kind.HASH, "SHA256:" + "A" * 64, "a" * 64),
        (Kind.COUNT, "120", 120),
    ],
)
def test_a_good_value_has_one_form(kind: Kind, text: str, value: object) -> None:
    assert read_value(kind, text) == value
    assert read_value(kind, str(value)) == value, "its own form reads back as itself"


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        *((kind, "  ", "empty") for kind in Kind),
        (Kind.LINE, "x" * 301, "too_long"),
        (Kind.TEXT, "x" * 3001, "too_long"),
        (Kind.MODEL, "Qwen3-8B", "model"),
        (Kind.REVISION, "main", "revision"),
        (Kind.REVISION, COMMIT[:39], "revision"),
        (Kind.LINK, "http://x.example/a", "link"),
        (Kind.LINK, "https://user:key@x.example/a", "link"),
        (Kind.LINK, "https://[", "link"),
        (Kind.ADDRESS, "0.0.0.0:8000", "address"),
        (Kind.ADDRESS, "https://api.example.com", "address"),
        (Kind.SECONDS, "fast", "seconds"),
        (Kind.SECONDS, "1.2", "seconds"),
        (Kind.SECONDS, "-1 s", "seconds"),
        (Kind.SECONDS, "1e9 s", "seconds"),
        *(
            (Kind.SECONDS, t, "seconds")
            for t in ("1,5 s", "1,50 s", "1,5000 s", ",5 s", "1,234,5 s")
        ),
        (Kind.SECONDS, "\uff11\uff15 s", "seconds"),
        (Kind.SIZE, "14,2 GiB", "size"),
        (Kind.SIZE, "14", "size"),
        (Kind.SIZE, "big", "size"),
        (Kind.MONEY, "0.44", "money"),
        (Kind.MONEY, "EUR 3 USD", "money"),
        (Kind.DATE, "24.11.2026", "date"),
        (Kind.DATE, "2026-02-30", "date"),
        (Kind.HASH, "a" * 63, "hash"),
        (Kind.COUNT, "-1", "count"),
        (Kind.COUNT, "١٢", "count"),
        (Kind.CASES, "five good ones", "no_columns"),
        (Kind.CASES, FIVE.rsplit("c5", 1)[0], "too_few_cases"),
        (Kind.CASES, FIVE.replace("c5", "c1"), "case_twice"),
        (Kind.CASES, FIVE.replace("c5,", ","), "case_without_id"),
        (Kind.CASES, FIVE.replace("c5,pass", "c5,soon"), "case_without_result"),
        (Kind.CASES, '{"case_id": "c1", "pass": true}\nno', "not_json"),
        (Kind.CASES, "[" * 100_000, "no_columns"),
        (Kind.CASES, '{"a":' * 100_000, "not_json"),
        (
            Kind.CASES,
            "case id,result\n" + "".join(f"c{n},ok\n" for n in range(501)),
            "too_many_cases",
        ),
        (Kind.PAIRS, FIVE, "no_columns"),
    ],
)
def test_a_bad_value_is_named(kind: Kind, text: str, code: str) -> None:
    with pytest.raises(BadValue) as bad:
        read_value(kind, text)
    assert bad.value.code == code


def test_a_table_as_spreadsheets_write_it() -> None:
    excel = '\ufeffcase id;prompt;expected;result;note\r\n"c;1";"Say ""hi"";\r\nthen go";;PASS;\r\n'
    rows = read_value(Kind.CASES, excel + "".join(f"c{n};p;e;fail;n\r\n" for n in range(2, 6)))
    assert isinstance(rows, list)
    assert rows[0] == {"case_id": "c;1", "pass": True, "prompt": 'Say "hi";\r\nthen go'}
    assert rows[4] == {"case_id": "c5", "pass": False, "prompt": "p", "expected": "e", "note": "n"}


def test_json_lines_with_booleans() -> None:
    lines = "\n".join(f'{{"case_id": "c{n}", "pass": {str(n > 1).lower()}}}' for n in range(5))
    rows = read_value(Kind.CASES, lines)
    assert isinstance(rows, list)
    assert [r["pass"] for r in rows if isinstance(r, dict)] == [False, False, True, True, True]


@pytest.mark.parametrize("private", [True, False])
def test_half_a_character_and_nothing_in_json_lines(private: bool) -> None:
    line = '{{"case_id": "c{0}\\u0000", "prompt": "a\\ud83d", "note": "\\udc00", "pass": true}}'
    table = "\n".join(line.format(n) for n in range(5))
    rows = read_value(Kind.CASES, table, private=private)
    assert isinstance(rows, list)
    digest = {"sha256": hashlib.sha256(b"a?").hexdigest(), "chars": 2}
    prompt = digest if private else "a?"
    assert rows[0] == {"case_id": "c0", "pass": True, "prompt": prompt, "note": "?"}


def test_a_private_table_keeps_no_words() -> None:
    table = "case id,prompt,expected,result\n" + "".join(f"c{n},zebra,zebu,ok\n" for n in range(5))
    rows = read_value(Kind.CASES, table, private=True)
    assert "zeb" not in repr(rows)
    assert isinstance(rows, list)
    assert isinstance(rows[0], dict)
    assert rows[0]["prompt"] == {"sha256": hashlib.sha256(b"zebra").hexdigest(), "chars": 5}
    assert not bares("five_case_eval", {"cases": rows})
    assert bares("five_case_eval", {"cases": read_value(Kind.CASES, table)})


def test_a_private_text_is_asked_for_as_hash_and_length() -> None:
    names = [f.name for f in fields_of("source_trace", private=True)]
    assert names == ["answer_sha256", "answer_chars", "document"]
    assert lacks("source_trace", {"document": "d"}, private=True) == (
        "answer_sha256", "answer_chars",
    )  # fmt: skip
    withheld = {"sha256": "a" * 64, "chars": 1}
    assert not lacks("source_trace", {"document": "d", "answer": withheld}, private=True)


@pytest.mark.parametrize("item", FIELDS)
def test_words_that_must_not_be_kept_are_known(item: str) -> None:
    for field in FIELDS[item]:
        assert bares(item, {field.name: "words"}) is field.private
        assert not bares(item, {field.name: {"sha256": "a", "chars": 1}})
    assert bares(item, {"message": "words"})


@pytest.mark.parametrize(
    "table",
    ["case id,prompt,result\nc1,x,pass", "id;Result\n1;ok",
     '{"id": "1", "pass": true}\n{"id": "2"}',
     "case,before,after\nc1,fail,pass"],
)  # fmt: skip
def test_a_table_is_no_command(table: str) -> None:
    with pytest.raises(BadValue) as bad:
        read_value(Kind.COMMAND, table)
    assert bad.value.code == "command"
    assert table_in(table) in ("cases", "pairs")


@pytest.mark.parametrize("text", ["vllm serve x\n--port 8000", "a,b\nc,d", "case id,result", ""])
def test_what_is_no_table(text: str) -> None:
    assert table_in(text) is None


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("trust me", False),
        ("it has stopped\nreally", False),
        ("ow-12", False),
        ("NAME STATUS\now-12-ada TERMINATED", True),
        ("https://acme.slack.com/files/U1/F1/listing.png", True),
    ],
)
def test_a_listing_names_the_machine_or_a_place(text: str, *, shows: bool) -> None:
    if shows:
        assert read_value(Kind.LISTING, text) == text
        return
    with pytest.raises(BadValue) as bad:
        read_value(Kind.LISTING, text)
    assert bad.value.code == "listing"


@pytest.mark.parametrize(("result", "code"), [("", "case_without_result"), ("ok", "case_twice")])
def test_a_very_long_row_is_named_by_its_beginning(result: str, code: str) -> None:
    rows = f"{'word ' * 300},{result}\n" * 6
    with pytest.raises(BadValue) as bad:
        read_value(Kind.CASES, f"case id,result\n{rows}")
    assert bad.value.code == code
    assert len(bad.value.hint) < 250
