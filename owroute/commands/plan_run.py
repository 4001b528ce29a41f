"""What `owroute plan` and `compare` do: find the card, ask the engine, print its answer."""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from stat import S_ISFIFO, S_ISREG
from typing import Any, TypeVar

from bot.errors import EngineRefusedCard, EngineUnavailable
from engine.contract import AvailableRoute, ConstraintCard, DecisionCard
from gateways.engine import HttpRouteEngine
from owroute import logs
from owroute.commands import compare_page, plan_card, plan_page, plan_questions
from owroute.commands.alone import Alone, settings_alone
from owroute.commands.exits import Code, stop
from owroute.commands.informed import informed, with_facts
from owroute.commands.overlay import sound
from owroute.commands.plan_flags import FLAGS
from owroute.commands.speech import Speech
from owroute.engine_client import engine_client

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class For:
    """The command a card is for, and what it need not be told."""

    command: str
    usual: Mapping[str, Any] = field(default_factory=dict)


PLAN = For("plan")
COMPARE = For("compare", {"available_route": AvailableRoute.undecided.value})


def card_from(
    file: str | None, typed: Mapping[str, Any], say: Speech, what_for: For = PLAN
) -> ConstraintCard:
    """The card in flags and file. What is missing is asked of people and told to programs."""
    values, wrong = plan_card.understood(typed)
    fed = file is None and not values and not wrong and _is_fed()
    given = {**what_for.usual, **_read(plan_card.FED if fed else file, say)}
    fields = plan_card.merged(given, values)
    made = plan_card.card_of(fields)
    found = made.wrong if isinstance(made, plan_card.Wanting) else ()
    if wrong or found:
        problems = {p.name: p for p in (*found, *wrong)}.values()
        stop(Code.BAD_INPUT, *(plan_card.explained(problem, say) for problem in problems))
    if isinstance(made, ConstraintCard):
        return made
    if sys.stdin is None or not sys.stdin.isatty():
        stop(Code.BAD_INPUT, say.missing(" ".join(FLAGS[name].option for name in made.missing)))
    return plan_questions.ask(fields, made.missing, say, what_for.command)


def decide(card: ConstraintCard, say: Speech, *, as_json: bool) -> Code:
    """Print the decision. The exit code is its status."""
    decision = asked(lambda engine: informed(engine, card, say), say)
    return plan_page.print_decision(decision, say, as_json=as_json)


def compare(card: ConstraintCard, say: Speech, *, as_json: bool) -> Code:
    """Print the card's decision on every route. The exit code is the best one's status."""

    async def everywhere(engine: HttpRouteEngine) -> tuple[DecisionCard, ...]:
        return await engine.compare(await with_facts(engine, card, say), say.lang)

    plans = asked(everywhere, say)
    return compare_page.print_comparison(card, plans, say, as_json=as_json)


def lesson(card: ConstraintCard, say: Speech) -> Code:
    """Print the lesson's own answer."""
    return plan_page.print_lesson(asked(lambda engine: engine.lesson(card), say, _not_in_lesson))


def _read(file: str | None, say: Speech) -> plan_card.Fields:
    if file is None:
        return {}
    try:
        return plan_card.read_file(file)
    except plan_card.CardFileError as error:
        name = say.standard_input() if file in plan_card.STANDARD_INPUT else file
        stop(Code.BAD_INPUT, getattr(say, error.code)(name, error.detail))


def _is_fed() -> bool:
    """Whether a file or a program is redirected into us."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # closed, or not the process's own
        return False
    return S_ISREG(mode) or S_ISFIFO(mode)


def _refused(error: EngineRefusedCard, say: Speech) -> str:
    options = " ".join(FLAGS[name].option for name in error.fields if name in FLAGS)
    return say.engine_refused(options, error.problem)


def _not_in_lesson(error: EngineRefusedCard, say: Speech) -> str:
    return say.not_in_lesson() if error.fields == ("available_route",) else _refused(error, say)


def asked(
    question: Callable[[HttpRouteEngine], Awaitable[Answer]],
    say: Speech,
    refused: Callable[[EngineRefusedCard, Speech], str] = _refused,
) -> Answer:
    """The engine's answer; without one the command ends with a sentence."""
    logs.configure(logging.ERROR)
    settings = settings_alone(say)
    overlay = sound(settings.overlay, say) if settings.engine_url is None else None

    async def ask() -> Answer:
        client_here = engine_client(settings.engine_url, settings.token, overlay)
        async with client_here as client:
            return await question(HttpRouteEngine(client))

    try:
        return asyncio.run(ask())
    except EngineRefusedCard as error:
        stop(Code.BAD_INPUT, refused(error, say))
    except EngineUnavailable as error:
        stop(Code.ENGINE_UNAVAILABLE, _unavailable(error, settings, say))


def _unavailable(error: EngineUnavailable, settings: Alone, say: Speech) -> str:
    if settings.engine_url is None:
        return say.engine_failed(error.reason)
    if error.reason == "http_401":
        return say.engine_closed(settings.engine_url)
    return say.engine_silent(settings.engine_url, error.reason)
