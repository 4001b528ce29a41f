"""Switching off: runtimes and providers as data, and the stop commands they give a plan."""

import shlex
from typing import Annotated

from engine.contract import ConstraintCard, Route, ShutdownCommand, ShutdownLevel, Wire
from engine.datafile import DataFile, by_key


class Runtime(Wire):
    """A runtime: argv to start it (with placeholders) and to stop it, and how to see it stopped."""

    id: str
    name: str
    start: tuple[str, ...]
    stop: tuple[str, ...]
    verify: str
    stop_note: str
    version_command: str
    health_check: str
    choose_for: str
    source: str


class StopStep(Wire):
    """One step of switching a machine off; an empty `argv` is a console path told in `note`."""

    level: ShutdownLevel
    argv: tuple[str, ...]
    stops_billing: bool = False
    verify: str
    note: str

    def command(self, name: str | None, provider: str = "", remark: str = "") -> ShutdownCommand:
        """The step for a machine of this name; what a provider issues stays a placeholder."""
        argv = tuple(name if name and part == "{name}" else part for part in self.argv)
        note = self.note.replace("{provider}", provider) + remark
        return ShutdownCommand(
            level=self.level,
            argv=argv,
            shell=shlex.join(argv),
            stops_billing=self.stops_billing,
            verify=self.verify,
            note=note,
        )


class Provider(Wire):
    """A provider's steps, from pausing the machine to nothing left that bills."""

    id: str
    steps: tuple[StopStep, ...]


class RuntimesFile(DataFile):
    """runtimes.yaml."""

    default_providers: tuple[str, ...]
    unlisted_provider: str
    runtimes: Annotated[dict[str, Runtime], by_key("id")]
    providers: Annotated[dict[str, Provider], by_key("id")]
    colab: tuple[StopStep, ...]
    rented_note: str


def shutdown_commands(
    card: ConstraintCard, route: Route, runtime: Runtime, data: RuntimesFile
) -> tuple[ShutdownCommand, ...]:
    """Stop the process; on Colab and rented machines also what bills: instance, then storage."""
    process = StopStep(
        level=ShutdownLevel.process,
        argv=runtime.stop,
        verify=runtime.verify,
        note=f"{runtime.name}: {runtime.stop_note}",
    )
    return (process.command(None), *_billing(card, route, data))


def _billing(card: ConstraintCard, route: Route, data: RuntimesFile) -> tuple[ShutdownCommand, ...]:
    if route is Route.free_colab:
        return tuple(step.command(card.machine_name) for step in data.colab)
    if route is not Route.rented_gpu:
        return ()
    unlisted = data.providers[data.unlisted_provider]
    return tuple(
        step.command(card.machine_name, provider, data.rented_note)
        for provider in card.providers_allowed or data.default_providers
        for step in data.providers.get(provider, unlisted).steps
    )
