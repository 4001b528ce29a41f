"""A GPU run in words: its machine, its place, whose it is, its price, and times of its reader.

What providers and people typed is shown literally: plain names as they are, all else as code.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from babel.dates import format_date

from bot.cards import say
from bot.cards.gpu_money import usd
from bot.cards.gpu_view import RunView
from bot.cards.i18n import words
from bot.cards.reminders import hour_of, place_of
from bot.cards.text import Mrkdwn, code, esc, joined, mention, one_line
from bot.domain.fleet import PriceSource, Provider
from bot.domain.gpu import GpuRun
from bot.domain.reconcile import SAMPLE_EVERY
from bot.domain.schedule import zone_of

PROVIDERS = {
    Provider.RUNPOD: "RunPod",
    Provider.AWS: "AWS",
    Provider.DSTACK: "dstack",
    Provider.VAST: "Vast.ai",
}
NAME = 60
"""Characters of a name that somebody typed at a provider."""

NEAR = timedelta(days=6)
"""Further away than this a weekday does not say which day."""

DAYS_FROM = 48
"""Hours from which days are told."""

_PLAIN = re.compile(r"[\w .,+/()-]*")
_LOOSE = re.compile("(?<=[{0}]) (?=[{0}])".format("\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”…"))
_DAYS = {"en": ("EEE", "EEE d MMM"), "zh_CN": ("EEE", "M月d日 EEE")}


def named(text: str) -> Mrkdwn:
    """A name as it is; as code where Slack could take a part of it for markup."""
    line = one_line(text, NAME)
    return esc(line) if _PLAIN.fullmatch(line) and "_" not in line else code(line)


def provider_words(run: GpuRun) -> Mrkdwn:
    """RunPod, or what somebody called it who entered the machine by hand."""
    known = PROVIDERS.get(run.machine.provider)
    return Mrkdwn(known) if known else named(run.machine.account)


def code_of(text: str) -> Mrkdwn:
    """A name as code, cut."""
    return code(one_line(text, NAME))


def run_name(run: GpuRun) -> Mrkdwn:
    """What people call it, within a sentence."""
    return code_of(run.label)


def machine_words(run: GpuRun, lang: str) -> Mrkdwn:
    """`2 x RTX 4090`."""
    if not run.gpu_count:
        return words(lang).gpu.no_gpu()
    if run.gpu is None:
        return words(lang).gpu.unknown_gpu(run.gpu_count)
    return named(say.machine(run.gpu, run.gpu_count))


def place_words(view: RunView, lang: str) -> Mrkdwn:
    """Which machine, where, for which experiment, and whose."""
    run, say_ = view.run, words(lang).gpu
    parts: list[Mrkdwn] = [say_.at_provider(machine_words(run, lang), provider_words(run))]
    parts += [named(text) for text in (run.tier, run.machine.region) if text]
    parts.append(esc(view.experiment) if view.experiment else say_.no_experiment())
    return joined(" · ", *parts, owner_words(run, lang))


def owner_words(run: GpuRun, lang: str) -> Mrkdwn:
    """Its owner, whom this notifies; what the provider calls its owner where nobody is."""
    say_ = words(lang).gpu
    if run.owner is not None:
        return say_.owner(mention(run.owner))
    hint = run.owner_hint or (run.orchestrator.user if run.orchestrator else None)
    return say_.nobody_but(code_of(hint)) if hint else say_.nobody()


def price_words(view: RunView, lang: str) -> Mrkdwn:
    """USD per hour, and where that comes from."""
    run, say_ = view.run, words(lang).gpu_money
    if run.price_per_hour is None:
        return say_.price_unknown()
    price = usd(run.price_per_hour, lang)
    source = run.price_source or PriceSource.INSTANCE
    if source is PriceSource.TABLE and view.priced_on is not None:
        return say_.price(price, say_.list_price_of(view.priced_on.isoformat()))
    who = provider_words(run)
    if source is PriceSource.ORCHESTRATOR and run.orchestrator is not None:
        who = Mrkdwn(PROVIDERS.get(run.orchestrator.machine.provider, who))
    return say_.price(price, say.spoken(lang, "gpu_money", f"source_{source.value}", who))


def use_words(run: GpuRun, lang: str) -> Mrkdwn | None:
    """How busy it is, as evidence: a reason to look, never a cause to stop."""
    say_, idle = words(lang).gpu, run.idle
    if idle is not None and idle.is_spell:
        over = idle.sampled_at - idle.since + SAMPLE_EVERY  # each sample ends its own ten minutes
        minutes = round(over / timedelta(minutes=1))
        if not idle.memory_known:
            return say_.idle_gpu(idle.gpu_most, idle.samples, minutes)
        return say_.idle(idle.gpu_most, idle.memory_most, idle.samples, minutes)
    if run.gpu_util:
        return say_.used(joined(" / ", *run.gpu_util))
    return None


def when(at: datetime, zone: str, now: datetime, lang: str) -> Mrkdwn:
    """`14:32`; another day is named. In the reader's zone, which is not."""
    local, today = at.astimezone(zone_of(zone)), now.astimezone(zone_of(zone)).date()
    hour = hour_of(local.time())
    if local.date() == today:
        return Mrkdwn(hour)
    near, far = _DAYS[lang]
    form = near if abs(local.date() - today) <= NEAR else far
    return joined(" ", format_date(local.date(), form, locale=lang), hour)


def day_and_hour(at: datetime, zone: str, lang: str) -> Mrkdwn:
    """`Tue 24 Nov 14:32`, which stays true when the day is over."""
    local = at.astimezone(zone_of(zone))
    day = format_date(local.date(), _DAYS[lang][1], locale=lang)
    return joined(" ", day, hour_of(local.time()))


def when_named(at: datetime, view: RunView, lang: str) -> Mrkdwn:
    """The same for readers in several zones: the zone is named."""
    return words(lang).gpu.in_zone(when(at, view.zone, view.now, lang), zone_words(view.zone))


def zone_words(zone: str) -> str:
    """`Berlin`; `UTC` for a zone that is not known."""
    return place_of(zone_of(zone).key)


def lasted(time: timedelta, lang: str) -> Mrkdwn:
    """`6 h 2 min`; days where there are two and more."""
    say_ = words(lang).gpu
    minutes = time // timedelta(minutes=1)
    if not minutes:
        return say_.under_a_minute()
    hours, minutes = divmod(minutes, 60)
    if hours >= DAYS_FROM:
        return say_.days(hours // 24, hours % 24)
    if not hours:
        return say_.minutes(minutes)
    return say_.hours(hours, minutes) if minutes else say_.whole_hours(hours)


def capital(words_: Mrkdwn) -> Mrkdwn:
    """The same at the beginning of a line."""
    return Mrkdwn(words_[:1].upper() + words_[1:])


def flowing(sentences: Sequence[Mrkdwn], lang: str) -> Mrkdwn:
    """Sentences one after the other; Chinese ones need no blank between them."""
    return joined("" if lang.startswith("zh") else " ", *sentences)


def tidy(words_: Mrkdwn) -> Mrkdwn:
    """Without the blank that stands between Chinese words where a value in Latin could have been.

    What is code, such as a name that somebody typed, stays as it is.
    """
    parts = words_.split("`")
    parts[::2] = [_LOOSE.sub("", part) for part in parts[::2]]
    return Mrkdwn("`".join(parts))
