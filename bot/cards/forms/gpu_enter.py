"""Entering a GPU by hand: `/owroute gpu add`, and *GPU started* filled in from the plan."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cards import ids
from bot.cards.blocks import modal, section
from bot.cards.forms.convert import hardware
from bot.cards.forms.form import inputs
from bot.cards.forms.gpu_fields import (
    LINE,
    Sentences,
    machine_field,
    moment_field,
    moment_in,
    one_command,
    person_field,
    person_in,
    shown_moment,
    stop_time,
    text_field,
    usd_per_hour,
    web_address,
    wrong,
)
from bot.cards.forms.problems import Wrong
from bot.cards.gpu_plan import set_by
from bot.cards.gpu_say import PROVIDERS
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.text import moment, one_line
from bot.domain.delivery import Block
from bot.domain.fleet import SKEW, plain
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Deadline
from bot.domain.ids import UserId
from bot.domain.plans import Experiment
from bot.domain.registering import OLDEST, Registration
from bot.domain.registering import PROVIDERS as KNOWN
from engine.contract import DecisionCard, ShutdownLevel

PROVIDER, NAME, AMOUNT = 40, 80, 20
MOST_GPUS = 64
MINUTE = timedelta(minutes=1)


def add_modal(owner: UserId, place: str, now: datetime, lang: str) -> Block:
    """An empty form, for a machine of whoever opens it; `place` is kept for its submission."""
    say = words(lang).gpu_forms
    return modal(
        ids.ADD_GPU_MODAL,
        say.add_title(),
        [
            section(say.add_intro()),
            *_machine("", "", "", "", lang),
            moment_field("started", now, lang, optional=True),
            person_field("owner", owner, lang),
            moment_field("at", None, lang, optional=True),
            *_by_hand("", "", lang),
        ],
        submit=say.add_submit(),
        close=say.close(),
        metadata=place,
    )


def started_modal(
    x: Experiment, name: str, now: datetime, lang: str, *, run: GpuRun | None = None
) -> Block:
    """*GPU started*, filled in from the decision; what is asked for is the stop time.

    `run` is the machine itself where it is listed already: what holds for it goes before the plan.
    """
    say, decision = words(lang).gpu_forms, x.decision
    gpu, price, stop = _planned(decision) if decision else ("", "", None)
    held = _held(run, now)
    begins = held.at if held else now + stop if stop else None
    return modal(
        ids.STARTED_MODAL,
        say.started_title(),
        [
            section(say.started_intro(x.label)),
            *([section(say.started_held(moment(held.at), set_by(held, lang)))] if held else []),
            moment_field("at", begins, lang, optional=True),
            *_machine(_provider(decision), name, gpu, price, lang),
            moment_field("started", _since(run, now), lang, optional=True),
            *_by_hand(_console(decision), _command(decision), lang),
        ],
        submit=say.started_submit(),
        close=say.close(),
        metadata=PlanRef(e=x.id, r=x.latest.number, at=begins and shown_moment(begins)).dump(),
    )


def read_entered(view: Mapping[str, Any], now: datetime, lang: str) -> Registration | Sentences:
    """What was typed in either form, or what is wrong with it beside each field.

    The owner of a machine that was started for an experiment is the experiment's.
    """
    typed = inputs(view)
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}

    def read(name: str, reading: Callable[[], object]) -> None:
        try:
            found[name] = reading()
        except Wrong as error:
            problems[name] = wrong(error.code, lang, error.hint)

    read("provider", lambda: _named(typed.get("provider", ""), PROVIDER))
    read("name", lambda: _named(typed.get("name", ""), NAME))
    read("hardware", lambda: _gpus(typed.get("hardware", "")))
    gpu, count = found.get("hardware", (None, 1))
    read("price", lambda: usd_per_hour(typed.get("price", ""), count))
    read("started", lambda: _start(moment_in(view, "started"), now))
    read("at", lambda: stop_time(moment_in(view, "at"), now))
    read("console", lambda: web_address(typed.get("console", "")))
    if problems:
        return Sentences(problems)
    return Registration(
        provider=found["provider"],
        name=found["name"],
        started_at=found["started"],
        owner=person_in(typed, "owner"),
        gpu=gpu,
        gpu_count=count,
        price=found["price"],
        stop_at=found["at"],
        console_url=found["console"],
        stop_command=one_command(typed.get("command", "")),
        shown=_shown(view),
    )


def _shown(view: Mapping[str, Any]) -> datetime | None:
    """The stop time that the form began with; an empty form knows none."""
    ref = PlanRef.read(str(view.get("private_metadata") or ""))
    return ref.at if ref else None


def _since(run: GpuRun | None, now: datetime) -> datetime:
    """Since when it runs, as far back as can be entered."""
    return max(run.started_at, now - OLDEST + MINUTE) if run else now


def _held(run: GpuRun | None, now: datetime) -> Deadline | None:
    """The stop time that holds, where it lies ahead by as much as forms can show."""
    held = run.deadline if run else None
    return held if held and held.at >= now + MINUTE else None


def _machine(provider: str, name: str, gpu: str, price: str, lang: str) -> list[Block]:
    return [
        text_field("provider", provider, lang, limit=PROVIDER, example=True),
        text_field("name", name, lang, limit=NAME, example=True),
        machine_field("hardware", gpu, lang),
        text_field("price", price, lang, limit=AMOUNT, optional=True),
    ]


def _by_hand(console: str, command: str, lang: str) -> list[Block]:
    return [
        text_field("console", console, lang, limit=LINE, optional=True, example=True),
        text_field("command", command, lang, limit=LINE, optional=True),
    ]


def _planned(decision: DecisionCard) -> tuple[str, str, timedelta | None]:
    """GPU, price and time to the stop, as the decision has them."""
    offer, hours = decision.offer, decision.route.stop_after_hours
    gpu = f"{offer.gpu_count} x {offer.gpu_id}" if offer else ""
    price = format(decision.cost.hourly.normalize(), "f") if decision.cost else ""
    return gpu, price, timedelta(hours=float(hours)) if hours is not None else None


def _provider(decision: DecisionCard | None) -> str:
    """Whom it is rented from, as a watched provider is called where it is one."""
    offered = decision.offer.provider if decision and decision.offer else ""
    known = KNOWN.get(offered)
    return PROVIDERS[known] if known else offered


def _console(decision: DecisionCard | None) -> str:
    return decision.offer.console_url if decision and decision.offer else ""


def _command(decision: DecisionCard | None) -> str:
    """What stops the machine's bill at once: the last of them, behind a timer set beforehand."""
    found = decision.shutdown_commands if decision else ()
    shells = [c.shell for c in found if c.level is ShutdownLevel.instance and c.shell]
    return shells[-1] if shells else ""


def _named(text: str, limit: int) -> str:
    line = one_line(plain(text) or "", limit)
    if not line:
        raise Wrong("empty")
    return line


def _gpus(text: str) -> tuple[str | None, int]:
    if not text.strip():
        return None, 1
    found = hardware(text)
    if not 1 <= found["gpu_count"] <= MOST_GPUS:
        raise Wrong("gpus", str(MOST_GPUS))
    return plain(found["gpu_id"]), found["gpu_count"]


def _start(at: datetime | None, now: datetime) -> datetime:
    """When it was started; now where nobody says. Clocks differ by a little."""
    if at is None:
        return now
    if at > now + SKEW:
        raise Wrong("future")
    if at < now - OLDEST:
        raise Wrong("long_ago", str(OLDEST.days))
    return min(at, now).astimezone(UTC)
