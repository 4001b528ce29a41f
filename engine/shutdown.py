"""Switching off: the program, the machine, and what is left that bills; and the dead-man timer."""

from collections.abc import Iterator
from functools import lru_cache

from engine.argv import KEPT, Given, Values, given, printed, told
from engine.commands import known
from engine.contract import ConstraintCard, Route, ShutdownCommand, ShutdownLevel
from engine.cost import usage_of
from engine.run import Run
from engine.runtimes import Runtime, RuntimesFile, StopStep


def shutdown_commands(
    card: ConstraintCard, route: Route, run: Run | None, runtime: Runtime, words: RuntimesFile
) -> tuple[ShutdownCommand, ...]:
    """Stop the process; on Colab and rented machines also what bills: instance, then storage.

    With a run's offer the provider is the offer's; without one, those that the card names.
    """
    values = known(card, run, words)
    bill = words.words.bill if route is Route.rented_gpu else ""
    process = _made(
        ShutdownLevel.process,
        runtime.stop,
        False,
        runtime.verify,
        f"{runtime.name}: {runtime.stop_note}{bill}",
        given(runtime.stop, values),
    )
    return (process, *_billing(card, route, run, words, values))


def _billing(
    card: ConstraintCard, route: Route, run: Run | None, words: RuntimesFile, values: Values
) -> Iterator[ShutdownCommand]:
    if route is Route.free_colab:
        yield from (_command(step, values) for step in words.colab)
    if route is not Route.rented_gpu:
        return
    chosen = run.offer.provider if run and run.offer else None
    remark = "" if chosen else words.rented_note
    for provider in (chosen,) if chosen else card.providers_allowed:
        entry, named = words.provider(provider), {**values, "provider": provider}
        if entry.dead_man is not None and usage_of(card).session is not None:
            yield _command(entry.dead_man, named, words.words.dead_man)
        untimed = words.words.no_timer if entry.dead_man is None else ""
        for step in entry.steps:
            by_hand = untimed if step.level is ShutdownLevel.instance else ""
            yield _command(step, named, by_hand + remark)


def _command(step: StopStep, values: Values, remark: str = "") -> ShutdownCommand:
    """The step with the plan's names; what a provider issues stays a placeholder."""
    note = step.note + remark
    asked = given((*step.argv, step.verify, note), values)
    return _made(step.level, step.argv, step.stops_billing, step.verify, note, asked)


@lru_cache(maxsize=KEPT)
def _made(
    level: ShutdownLevel, argv: tuple[str, ...], stops_billing: bool, verify: str, note: str,
    known: Given,
) -> ShutdownCommand:  # fmt: skip
    values = dict(known)
    filled, shell = printed(argv, values)
    return ShutdownCommand(
        level=level,
        argv=filled,
        shell=shell,
        stops_billing=stops_billing,
        verify=told(verify, values),
        note=told(note, values),
    )
