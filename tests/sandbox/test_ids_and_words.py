import re
from datetime import UTC, datetime
from string import Formatter

from sandbox.ids import Ids, Timestamps
from sandbox.words import SENTENCES, Say, say

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_ids_have_slacks_shapes() -> None:
    ids = Ids()

    assert re.fullmatch(r"V0[A-Z0-9]{8}", ids.of("V"))
    assert re.fullmatch(r"\d+\.\d+\.[0-9a-f]{12,}", ids.trigger())
    assert re.fullmatch(r"1795510800\.\w{5}", ids.hash(NOW))
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", ids.envelope())


def test_ids_repeat_under_a_seed_and_never_without() -> None:
    seeded, again, free = Ids("a"), Ids("a"), Ids()
    many = [free.of("V") for _ in range(1000)]

    assert [seeded.of("V") for _ in range(9)] == [again.of("V") for _ in range(9)]
    assert len(set(many)) == 1000
    assert Ids().of("V") not in many


def test_time_stamps_rise_within_a_channel_even_when_time_stands_still() -> None:
    stamps = Timestamps()
    found = [stamps.next("C1", NOW) for _ in range(3)]

    assert found == ["1795510800.000000", "1795510800.000100", "1795510800.000200"]
    assert stamps.next("C2", NOW) == found[0]


def test_every_sentence_exists_in_both_languages_with_the_same_gaps() -> None:
    def gaps(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text)} - {None}

    for sentence in Say:
        english, chinese = (SENTENCES[lang][sentence] for lang in ("en", "zh"))
        assert gaps(english) == gaps(chinese), sentence
        assert english != chinese


def test_the_language_follows_the_locale() -> None:
    assert say(Say.ARCHIVED, "zh-TW") == SENTENCES["zh"][Say.ARCHIVED]
    assert say(Say.ARCHIVED, "fr-FR") == SENTENCES["en"][Say.ARCHIVED]
