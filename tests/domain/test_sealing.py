"""Words kept before an experiment became private: what stands for them, and what stays."""

from datetime import UTC, datetime
from hashlib import sha256

from pydantic import JsonValue

from bot.domain.evidence import Entry, Source
from bot.domain.evidence_fields import FIELDS, bares
from bot.domain.sealing import sealed, sealed_entries

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
STANDS: JsonValue = {"sha256": sha256(b"said").hexdigest(), "chars": 4}


def test_each_private_text_and_every_message_is_sealed() -> None:
    for item in (*FIELDS, "of_our_own"):
        names = [f.name for f in FIELDS.get(item, ()) if f.private] + ["message"]
        found = sealed(item, dict.fromkeys(names, "said"))
        assert dict(found) == dict.fromkeys(names, STANDS)
        assert not bares(item, found)


def test_of_a_case_its_note_and_verdict_stay() -> None:
    row: dict[str, JsonValue] = {
        "case_id": "c1",
        "pass": True,
        "note": "mine",
        "prompt": "said",
        "output": "said",
    }
    assert sealed("five_case_eval", {"cases": [row], "total": 1}) == {
        "cases": [{**row, "prompt": STANDS, "output": STANDS}],
        "total": 1,
    }


def test_sealed_twice_is_sealed_once() -> None:
    content = {"prompt": "said", "output": "\ud83d", "seconds": "2 s", "message": ""}
    once = sealed("first_prompt_output", content)
    assert sealed("first_prompt_output", once) == once
    assert (once["seconds"], once["message"]) == ("2 s", "")


def test_only_entries_with_such_words_are_written_again() -> None:
    plain = Entry("a", "runtime_command", Source.TYPED, {"command": "x"}, AT)
    wordy = Entry("b", "request_response", Source.TYPED, {"request": "said"}, AT)
    [found] = sealed_entries([plain, wordy])
    assert (found.key, found.content) == ("b", {"request": STANDS})
    assert sealed_entries([found]) == ()
