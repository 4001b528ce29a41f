"""The panel beside the page: switches that break things, and a checklist that ticks itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from sandbox.faults import Fault, FaultKind
from sandbox.model import Json

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

Words = dict[str, str]
"""A sentence by language: `en` and `zh`."""


@dataclass(frozen=True, slots=True)
class Control:
    """A button of the panel. `run` gets whether it is now on and may answer a sentence.

    `group`: whose bad day it is.
    """

    id: str
    label: Words
    hint: Words
    kind: Literal["press", "toggle"]
    run: Callable[[bool], Awaitable[str | None]]
    group: Literal["app", "slack", "provider"] = "app"


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the checklist; once `done` it stays ticked."""

    id: str
    label: Words
    done: Callable[[Workspace], bool]


class Panel:
    """Holds which switches are on and which steps were done."""

    def __init__(
        self, workspace: Workspace, controls: Sequence[Control], steps: Sequence[Step]
    ) -> None:
        self._workspace = workspace
        self._controls = {control.id: control for control in (*controls, *slack_faults(workspace))}
        self._steps = steps
        self._on: set[str] = set()
        self._ticked: set[str] = set()
        workspace.changes.listen(self._tick)

    async def press(self, control_id: str, *, on: bool) -> str | None:
        """Use a control; a toggle remembers its position. Raises KeyError."""
        control = self._controls[control_id]
        said = await control.run(on)
        if control.kind == "toggle":
            (self._on.add if on else self._on.discard)(control_id)
        self._workspace.changes.happened()
        return said

    def controls(self) -> list[Json]:
        """The switches, for the page."""
        return [
            {
                "id": c.id, "label": c.label, "hint": c.hint, "kind": c.kind, "group": c.group,
                "on": c.id in self._on,
            }
            for c in self._controls.values()
        ]  # fmt: skip

    def checklist(self) -> list[Json]:
        """The steps, for the page."""
        self._tick()
        return [{"id": s.id, "label": s.label, "done": s.id in self._ticked} for s in self._steps]

    def _tick(self) -> None:
        for step in self._steps:
            if step.id not in self._ticked and step.done(self._workspace):
                self._ticked.add(step.id)


def slack_faults(workspace: Workspace) -> list[Control]:
    """The switches that every workspace has: Slack refusing, silent, slow and out of order."""
    return [
        _toggle(
            workspace,
            "slack_429",
            Fault(FaultKind.TOO_MANY, method="chat.*", retry_after="5"),
            {"en": "Slack: too many requests", "zh": "Slack：请求过多"},
            {
                "en": "Messages are refused with HTTP 429; the app is asked to wait 5 seconds.",
                "zh": "消息被 HTTP 429 拒绝，应用须等待 5 秒。",
            },
        ),
        _toggle(
            workspace,
            "slack_silent",
            Fault(FaultKind.SILENT_AFTER_ACCEPT, method="chat.postMessage", seconds=60),
            {"en": "Slack: silent", "zh": "Slack：沉默"},
            {
                "en": "Messages are posted, but the app gets no answer and cannot know it.",
                "zh": "消息已经发布，但应用收不到回应，无从得知。",
            },
        ),
        _toggle(
            workspace,
            "slack_slow",
            Fault(FaultKind.SLOW, seconds=2.5),
            {"en": "Slack: slow", "zh": "Slack：缓慢"},
            {
                "en": "Every answer to the app takes two and a half seconds longer.",
                "zh": "对应用的每次回应都延迟两秒半。",
            },
        ),
        _toggle(
            workspace,
            "slack_500",
            Fault(FaultKind.SERVER_ERROR),
            {"en": "Slack: server error", "zh": "Slack：服务器错误"},
            {
                "en": "Every call of the app fails with HTTP 500.",
                "zh": "应用的每次调用都以 HTTP 500 失败。",
            },
        ),
    ]


def _toggle(workspace: Workspace, name: str, fault: Fault, label: Words, hint: Words) -> Control:
    def begin() -> Callable[[], None]:
        return partial(workspace.faults.remove, workspace.faults.add(fault))

    return toggle(name, label, hint, begin, "slack")


def toggle(
    name: str,
    label: Words,
    hint: Words,
    begin: Callable[[], Callable[[], None]],
    group: Literal["app", "slack", "provider"],
) -> Control:
    """A switch: `begin` turns it on and gives what turns it off again."""
    standing: list[Callable[[], None]] = []

    async def run(on: bool) -> str | None:
        if on and not standing:
            standing.append(begin())
        while not on and standing:
            standing.pop()()
        return None

    return Control(name, label, hint, "toggle", run, group)
