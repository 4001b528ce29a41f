"""How a weekly digest stands, and what became of one: cards for the gallery."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.cards import digest_status as cards
from bot.domain.delivery import Message
from bot.domain.digest_status import DigestStatus
from bot.domain.digest_when import DigestMode, Subject
from bot.domain.ids import ChannelId, TeamId, UserId

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NEXT = datetime(2026, 11, 30, 8, 3, tzinfo=UTC)
TEAM, PLACE, ADA = TeamId("T1"), ChannelId("C0GENERAL1"), UserId("U0ADA00001")
W48 = "2026-W48"

PLAIN = DigestStatus(
    place=PLACE,
    mode=DigestMode.ON,
    next_at=NEXT,
    zone="Europe/Berlin",
    posted_week=W48,
    lost=None,
    leads=True,
)


def _status(found: DigestStatus, unknown: str = "") -> Callable[[str], Message]:
    return lambda lang: cards.status_card(found, NOW, lang, unknown=unknown)


STANDING: Mapping[str, Callable[[str], Message]] = {
    "digest_status": _status(PLAIN),
    "digest_status_reader": _status(replace(PLAIN, leads=False, posted_week=None)),
    "digest_status_always": _status(replace(PLAIN, mode=DigestMode.ALWAYS)),
    "digest_status_paused": _status(replace(PLAIN, mode=DigestMode.PAUSED)),
    "digest_status_lost": _status(replace(PLAIN, lost=W48)),
    "digest_status_workspace": _status(replace(PLAIN, place=None, zone="UTC")),
    "digest_status_unknown": _status(PLAIN, "`tomorrow` <!channel> \u202e*now*"),
    "digest_may_be_missing": lambda lang: cards.may_be_missing(Subject(TEAM, PLACE, W48), lang),
    "digest_may_be_missing_here": lambda lang: cards.may_be_missing(
        Subject(TEAM, None, W48, ADA), lang
    ),
    "digest_sent_again": lambda lang: cards.sent_again(lang, queued=True),
    "digest_not_lost": lambda lang: cards.sent_again(lang, queued=False),
    "digest_paused_by": lambda lang: cards.switched_note(ADA, lang, on=False),
    "digest_resumed_by": lambda lang: cards.switched_note(ADA, lang, on=True),
    "digest_refused": lambda lang: cards.paused_by_refusal(PLACE, "is_archived", lang),
    "digest_csv_coming": cards.csv_coming,
}
