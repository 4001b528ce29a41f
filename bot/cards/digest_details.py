"""What stands behind a digest, in a modal: lists, since Slack draws no tables there."""

from collections.abc import Iterable
from decimal import Decimal

from bot.cards import say
from bot.cards.blocks import context, modal, paragraphs
from bot.cards.digest_say import (
    channel_words,
    day_words,
    early_words,
    experiment_words,
    gpu_words,
    person_words,
    seller_words,
    week_words,
)
from bot.cards.gpu_money import cost_words, usd
from bot.cards.gpu_say import lasted, named, run_name, when, zone_words
from bot.cards.i18n import words
from bot.cards.ids import DETAILS_MODAL
from bot.cards.text import Mrkdwn, bold
from bot.domain.delivery import Block
from bot.domain.digest import Digest, Share
from bot.domain.digest_facts import DigestFacts
from bot.domain.ids import ExperimentId

MOST = 25
"""Lines of a list; the rest is counted, and the CSV has it."""

_TENTH = Decimal("0.1")


def digest_details(digest: Digest, lang: str) -> Block:
    """Every split of the week, run by run what was wasted and saved, and how figures come about."""
    say_, week = words(lang).digest_details, digest.facts.week
    parts = (_days, _experiments, _channels, _people, _sellers, _gpus, _unattended, _saved,
             _unpriced, _forecast, _evidence, _decided)  # fmt: skip
    blocks = [block for part in parts for block in part(digest, lang)]
    above = context(say_.week(week_words(week, lang), zone_words(week.zone)))
    return modal(DETAILS_MODAL, say_.title(), [above, *blocks], close=say_.close())


def _listed(
    title: Mrkdwn, lines: Iterable[Mrkdwn], of: int, lang: str, *method: Mrkdwn
) -> list[Block]:
    """A title, how it comes about, and the first lines of so many; nothing where there are none."""
    if not of:
        return []
    more = [words(lang).digest_details.more(of - MOST)] if of > MOST else []
    return paragraphs([bold(title), *method, *(Mrkdwn(f"• {line}") for line in (*lines, *more))])


def _share(name: Mrkdwn, share: Share[object], lang: str) -> Mrkdwn:
    say_, amount = words(lang).digest_details, cost_words(share.spent, lang)
    if not share.time:
        return say_.line_disks(name, amount)
    return say_.line(name, amount, lasted(share.time, lang), share.runs)


def _days(digest: Digest, lang: str) -> list[Block]:
    say_ = words(lang).digest_details
    found = [(day, spent) for day, spent in digest.days if spent.known or not spent.is_whole]
    lines = [say_.day(day_words(day, lang), cost_words(spent, lang)) for day, spent in found]
    return _listed(say_.by_day(), lines, len(lines), lang)


def _experiments(digest: Digest, lang: str) -> list[Block]:
    first, facts = digest.experiments[:MOST], digest.facts
    lines = [_share(_experiment(facts, s.of, lang), s, lang) for s in first]
    title = words(lang).digest_details.by_experiment()
    return _listed(title, lines, len(digest.experiments), lang)


def _experiment(facts: DigestFacts, of: ExperimentId | None, lang: str) -> Mrkdwn:
    """`OW-12 course Q&A assistant`; to those who read of every channel its number alone."""
    known, label = facts.experiments.get(of) if of else None, experiment_words(facts, of, lang)
    if known is None or facts.channel is None:
        return label
    return words(lang).digest_details.task(label, named(known.task))


def _channels(digest: Digest, lang: str) -> list[Block]:
    if digest.facts.channel is not None:
        return []
    lines = [_share(channel_words(s.of, lang), s, lang) for s in digest.channels[:MOST]]
    return _listed(words(lang).digest.by_channel(), lines, len(digest.channels), lang)


def _people(digest: Digest, lang: str) -> list[Block]:
    first, facts = digest.people[:MOST], digest.facts
    lines = [_share(person_words(facts, s.of, lang), s, lang) for s in first]
    return _listed(words(lang).digest.by_person(), lines, len(digest.people), lang)


def _sellers(digest: Digest, lang: str) -> list[Block]:
    lines = [_share(seller_words(s.of), s, lang) for s in digest.sellers[:MOST]]
    return _listed(words(lang).digest.by_provider(), lines, len(digest.sellers), lang)


def _gpus(digest: Digest, lang: str) -> list[Block]:
    lines = [_share(gpu_words(s.of, lang), s, lang) for s in digest.gpus[:MOST]]
    return _listed(words(lang).digest_details.by_gpu(), lines, len(digest.gpus), lang)


def _unattended(digest: Digest, lang: str) -> list[Block]:
    say_, found = words(lang).digest_details, digest.unattended
    lines = [
        say_.unattended_run(
            run_name(u.run), _cost(u.usd if u.is_priced else None, lang), lasted(u.time, lang)
        )
        for u in found[:MOST]
    ]
    return _listed(say_.unattended(), lines, len(found), lang, say_.unattended_method())


def _saved(digest: Digest, lang: str) -> list[Block]:
    say_, found, week = words(lang).digest_details, digest.saved, digest.facts.week
    lines = [
        say_.saved_run(
            run_name(s.run),
            _cost(s.usd, lang),
            when(s.at, week.zone, digest.facts.now, lang),
            when(s.until, week.zone, digest.facts.now, lang),
        )
        for s in found[:MOST]
    ]
    return _listed(say_.saved(), lines, len(found), lang, say_.saved_method())


def _cost(amount: Decimal | None, lang: str) -> Mrkdwn:
    return words(lang).digest_details.no_price() if amount is None else usd(amount, lang)


def _unpriced(digest: Digest, lang: str) -> list[Block]:
    say_, found = words(lang).digest_details, digest.unpriced
    lines = [
        (say_.unpriced_disk if u.storage else say_.unpriced_run)(
            run_name(u.run), lasted(u.time, lang)
        )
        for u in found[:MOST]
    ]
    return _listed(say_.unpriced(), lines, len(found), lang, say_.unpriced_method())


def _forecast(digest: Digest, lang: str) -> list[Block]:
    say_, month = words(lang).digest_details, digest.month
    early = early_words(digest, lang)
    if early:
        return _listed(say_.forecast(), early, 1, lang)
    if not month.forecast:
        return []
    left = say.hours(month.left.quantize(_TENTH))
    amounts = (month.forecast, month.spent.known, month.per_day)
    line = say_.forecast_is(*(usd(amount, lang) for amount in amounts), left)
    return _listed(say_.forecast(), [line], 1, lang, say_.forecast_method())


def _evidence(digest: Digest, lang: str) -> list[Block]:
    say_, facts = words(lang).digest_details, digest.facts
    found = sorted(
        (e for e in facts.evidence if e.closed or e.overdue), key=lambda e: (-e.overdue, -e.closed)
    )
    lines = [
        say_.evidence_of(experiment_words(facts, e.experiment, lang), e.closed, e.overdue)
        for e in found[:MOST]
    ]
    return _listed(say_.evidence(), lines, len(found), lang)


def _decided(digest: Digest, lang: str) -> list[Block]:
    say_, facts = words(lang).digest_details, digest.facts
    lines = []
    for d in facts.decided[:MOST]:
        label, what = (
            experiment_words(facts, d.experiment, lang),
            say.conclusion_words(d.what, lang),
        )
        at = when(d.at, facts.week.zone, facts.now, lang)
        who = person_words(facts, d.by, lang) if d.by else None
        lines.append(
            say_.decided_by(label, what, who, at) if who else say_.decided_at(label, what, at)
        )
    return _listed(say_.decided(), lines, len(facts.decided), lang)
