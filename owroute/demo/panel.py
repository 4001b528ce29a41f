"""What the demo adds to the page: the five steps, and the switches under *Break something*."""

import asyncio
from collections.abc import Iterator, Sequence

from bot.cards import ids
from owroute.demo.processes import Process
from sandbox.app import Control, Step
from sandbox.fleet.fleet import Fleet
from sandbox.fleet.machines import Phase
from sandbox.inputs import placed
from sandbox.inspector import Entry
from sandbox.workspace import Workspace

BACK_AFTER_SECONDS = 4.0
"""How long a supervisor takes to notice that the bot died: long enough to press something."""


class Panel:
    """The switches, and what the checklist needs to remember of them."""

    def __init__(self, workspace: Workspace, fleet: Fleet, bot: Process, engine: Process) -> None:
        self._workspace = workspace
        self._fleet = fleet
        self._bot = bot
        self._engine = engine
        self._reviving: set[asyncio.Task[None]] = set()
        self._cards_before: int | None = None  # before the visitor comes, nothing counts
        self._seen_before = 0

    def begin(self) -> None:
        """What happened so far was not the visitor's doing: the steps begin here."""
        entries = self._workspace.inspector.entries
        self._seen_before = entries[-1].n if entries else 0
        self._cards_before = _cards(self._workspace)

    def controls(self) -> Sequence[Control]:
        """Kill the bot, take the engine down. Slack's and the providers' the page has already."""
        return (
            Control(
                "kill_bot",
                {"en": "Kill the bot", "zh": "强制结束机器人进程"},
                {
                    "en": "kill -9. It comes back after 4 seconds and has lost nothing.",
                    "zh": "kill -9。4 秒后自动恢复，什么都不会丢。",
                },
                "press",
                self._kill,
            ),
            Control(
                "engine_down",
                {"en": "Engine down", "zh": "路线引擎停机"},
                {
                    "en": "Cards are saved, and decided when it answers again.",
                    "zh": "卡片先保存，引擎恢复后再决策。",
                },
                "toggle",
                self._engine_down,
            ),
        )

    def checklist(self) -> Sequence[Step]:
        """Five steps through what works today; each ticks itself."""
        return (
            Step(
                "plan",
                {"en": "Type /owroute plan in #ml-lab", "zh": "在 #ml-lab 输入 /owroute plan"},
                lambda w: self._opened(ids.PLAN_MODAL),
            ),
            Step(
                "decide",
                {
                    "en": "Submit it, read the decision, press Fix where it needs changes",
                    "zh": "提交后阅读决策卡，「需要修改」的按「修正」",
                },
                self._decided,
            ),
            Step(
                "evidence",
                {
                    "en": "Attach evidence, or accept what was captured for OW-1: Ada may,"
                    " she leads #ml-lab",
                    "zh": "附上证据，或接受 OW-1 采集到的内容：Ada 是 #ml-lab 的负责人，可以接受",
                },
                lambda w: self._pressed(ids.ACCEPT) or self._submitted(ids.ATTACH_MODAL),
            ),
            Step(
                "stop",
                {
                    "en": "As Ada, whose GPU it is, open owroute's direct message, press Stop now",
                    "zh": "以 Ada 的身份（GPU 是她的）打开 owroute 的私信，按「立即停止」",
                },
                lambda w: self._pressed(ids.STOP_GPU) and self._is_off(),
            ),
            Step(
                "digest",
                {
                    "en": "Press +1 week at the top, and read the digest in #ml-lab",
                    "zh": "按顶部的「+1 周」，在 #ml-lab 阅读周报",
                },
                self._told,
            ),
        )

    async def _kill(self, on: bool) -> str | None:  # the page's shape of a switch
        await self._bot.kill()
        task = asyncio.create_task(self._revive())
        self._reviving.add(task)
        task.add_done_callback(self._reviving.discard)
        return None

    async def _revive(self) -> None:
        await asyncio.sleep(BACK_AFTER_SECONDS)
        await self._bot.start()

    async def _engine_down(self, on: bool) -> str | None:  # the same
        if on:
            await self._engine.kill()
        else:
            await self._engine.start()
        return None

    def _opened(self, callback_id: str) -> bool:
        return any(
            callback_id in str(entry.request.get("view"))
            for entry in self._since()
            if entry.method_or_type == "views.open"
        )

    def _pressed(self, action: str) -> bool:
        return any(
            str(pressed.get("action_id", "")).startswith(action)
            for entry in self._since()
            if entry.method_or_type == "block_actions"
            for pressed in entry.request.get("actions", ())
        )

    def _is_off(self) -> bool:
        """Whether a machine was stopped, at whichever provider."""
        over = (Phase.STOPPED, Phase.GONE)
        rented = [m for s in self._fleet.services.values() for m in s.machines.values()]
        return any(m.phase(self._workspace.clock.now()) in over for m in rented)

    def _submitted(self, callback_id: str) -> bool:
        """A form that was taken, not one that came back with what is wrong in it."""
        return any(
            entry.request.get("view", {}).get("callback_id") == callback_id
            and "errors" not in str(entry.response)
            for entry in self._since()
            if entry.method_or_type == "view_submission"
        )

    def _decided(self, workspace: Workspace) -> bool:
        return self._cards_before is not None and _cards(workspace) > self._cards_before

    def _since(self) -> Iterator[Entry]:
        """What went over the wire since the visitor came. Looked through after each change."""
        if self._cards_before is not None:
            yield from (e for e in self._workspace.inspector.entries if e.n > self._seen_before)

    def _told(self, workspace: Workspace) -> bool:
        """Whether a digest has come since the visitor did."""
        return self._cards_before is not None and _with(workspace, ids.DIGEST_DETAILS) > 0


def _cards(workspace: Workspace) -> int:
    """How many cards of experiments stand: each has their menu."""
    return _with(workspace, ids.MORE)


def _with(workspace: Workspace, action: str) -> int:
    """How many messages that all can see have a button or menu of a kind."""
    talk = workspace.conversations
    said = (m for channel in talk for m in talk.messages(channel.id) if not m.ephemeral_to)
    return sum(1 for m in said if any(e.get("action_id") == action for _, e in placed(m.blocks)))
