"""How a weekly digest stands for whoever asks, and what became of one that was sent."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import ids
from bot.cards.blocks import actions, button, section
from bot.cards.digest_say import channel_words, week_words
from bot.cards.gpu_say import when, zone_words
from bot.cards.i18n import words
from bot.cards.ids import DigestRef, PlaceRef
from bot.cards.text import Mrkdwn, bold, code, joined, mention, one_line
from bot.domain.delivery import Block, Message
from bot.domain.digest import Digest
from bot.domain.digest_status import DigestStatus
from bot.domain.digest_week import Week
from bot.domain.digest_when import DigestMode, Subject, week_named
from bot.domain.ids import ChannelId, UserId

WORD = 60


def status_card(found: DigestStatus, now: datetime, lang: str, *, unknown: str = "") -> Message:
    """When the next one comes, which was the last, and what can be done; first what was mistyped.

    *Pause* and *Resume* are offered to those who may.
    """
    say_ = words(lang).digest_status
    first = [say_.unknown(code(one_line(unknown, WORD)))] if unknown else []
    title = say_.title() if found.place else say_.title_workspace()
    lines = [bold(title), _next(found, now, lang), _last(found, lang)]
    lines += [say_.lost()] if found.lost else []
    text = joined("\n", *first, *lines)
    return Message(text, (section(text), actions(_buttons(found, lang))))


def _next(found: DigestStatus, now: datetime, lang: str) -> Mrkdwn:
    say_ = words(lang).digest_status
    if found.mode.is_paused:
        return say_.paused()
    tell = say_.next_always if found.mode is DigestMode.ALWAYS else say_.next
    return tell(when(found.next_at, found.zone, now, lang), zone_words(found.zone))


def _last(found: DigestStatus, lang: str) -> Mrkdwn:
    say_ = words(lang).digest_status
    if found.posted_week is None:
        return say_.none_yet()
    return say_.last(week_words(_told(found.posted_week), lang))


def _told(turn: str) -> Week:
    """The week that was told in the turn of another."""
    return week_named(turn, "UTC").back(1)


def _buttons(found: DigestStatus, lang: str) -> Sequence[Block]:
    say_, card = words(lang).digest_status, words(lang).digest
    row = [button(say_.preview(), ids.OPEN_DIGEST, says=say_.says_preview())]
    if found.lost and found.leads:
        row.insert(0, again_button(found.place, found.lost, lang))
    if found.place is None or not found.leads:
        return row
    here = PlaceRef(c=found.place).dump()  # it may be told in the lead's direct messages
    if found.mode.is_paused:
        row.append(button(card.resume(), ids.DIGEST_RESUME, value=here, says=card.says_resume()))
    else:
        row.append(button(card.pause(), ids.DIGEST_PAUSE, value=here, says=card.says_pause()))
    settings = button(card.settings(), ids.OPEN_SETTINGS, value=here, says=card.says_settings())
    return [*row, settings]


def again_button(place: ChannelId | None, turn: str, lang: str) -> Block:
    """*Send again*, for the digest of a turn that nobody knows the end of."""
    say_, ref = words(lang).digest_status, DigestRef(w=_told(turn).name, c=place)
    return button(
        say_.again(), ids.DIGEST_AGAIN, value=ref.dump(), style="primary", says=say_.says_again()
    )


def may_be_missing(subject: Subject, lang: str, *, again: bool = True) -> Message:
    """To the lead, or to an admin: whether it arrived nobody knows, and *Send again* if it may."""
    say_, week = words(lang).digest_status, week_words(_told(subject.week), lang)
    here = subject.channel is None
    told = say_.may_be_missing_here(week)
    if not here:
        told = say_.may_be_missing(channel_words(subject.channel, lang), week)
    if not again:
        return _said(told)
    text = joined("\n", told, say_.look_first())
    return Message(
        text, (section(text), actions([again_button(subject.channel, subject.week, lang)]))
    )


def sent_again(lang: str, *, queued: bool) -> Message:
    """The answer to *Send again*."""
    say_ = words(lang).digest_status
    return _said(say_.sent_again() if queued else say_.not_lost())


def switched_note(by: UserId, lang: str, *, on: bool) -> Message:
    """To the channel: who changed it, and how it is changed back."""
    say_ = words(lang).digest_status
    return _said(say_.resumed_by(mention(by)) if on else say_.paused_by(mention(by)))


def paused_by_refusal(place: ChannelId, error: str, lang: str) -> Message:
    """To who answers for the channel, once."""
    return _said(words(lang).digest_status.refused(channel_words(place, lang), error))


def picture_words(digest: Digest, lang: str) -> str:
    """What stands above the picture."""
    return words(lang).digest_status.picture(week_words(digest.facts.week, lang))


def csv_words(digest: Digest, lang: str) -> str:
    """What stands above the CSV."""
    return words(lang).digest_status.csv(week_words(digest.facts.week, lang))


def csv_coming(lang: str) -> Message:
    """The answer to *CSV*."""
    return _said(words(lang).digest_status.csv_coming())


def _said(text: Mrkdwn) -> Message:
    return Message(text, (section(text),))
