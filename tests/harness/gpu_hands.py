"""People and their GPUs: entering one by hand, reading the list, pressing the buttons of a card."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.gpu import GpuRun
from sandbox import inputs
from sandbox.outcome import Outcome
from sandbox.seen import Modal, NotThere, Shown
from tests.harness.gpus import runs
from tests.harness.stories import Hands, Story

BENCH = {
    "Provider": "Our cluster",
    "Name of the machine": "bench-1",
    "USD per hour": "0.69",
}
"""A machine that only people know of."""


async def put_time(form: Modal, label: str, at: datetime) -> Outcome:
    """Choose a day and a time."""
    block, element = form._field(label)
    seconds = {"selected_date_time": int(at.timestamp())}
    return await form.by.type(form.view_id, block["block_id"], element["action_id"], seconds)


async def enter(
    hands: Hands,
    fields: Mapping[str, str] | None = None,
    *,
    channel: str = "ml-lab",
    started: datetime | None = None,
    stops: datetime | None = None,
) -> Outcome:
    """`/owroute gpu add`, filled in and submitted; what it says stays before the person."""
    await hands.command("/owroute gpu add", channel)
    await hands.modal.fill(BENCH if fields is None else fields)
    if started is not None:
        await put_time(hands.modal, "Running since", started)
    if stops is not None:
        await put_time(hands.modal, "Stop time", stops)
    return await hands.modal.submit()


async def pick(shown: Shown, select: str, label: str) -> Outcome:
    """Choose a line of the menu with this placeholder."""
    for block, element in inputs.placed(shown.message.blocks):
        if element["type"] == "static_select" and element["placeholder"]["text"] == select:
            (line,) = (o for o in element["options"] if o["text"]["text"] == label)
            chosen = {"selected_option": line}
            return await shown.by.press(shown.where, block, element, chosen)
    raise NotThere(f"no menu {select!r} in {shown.text}")


async def start_gpu(card: Shown) -> None:
    """*GPU started* on a decision card, with the machine as the plan has it."""
    await card.click("GPU started")
    outcome = await card.by.modal.submit()
    assert outcome.ok, card.by.modal.errors
    await card.by.modal.close()


async def listed_for(hands: Hands, words: str = "", channel: str = "ml-lab") -> Shown:
    """What `/owroute gpus` answers."""
    await hands.command(f"/owroute gpus {words}".strip(), channel)
    return hands.whispers(channel)[-1]


async def only_run(story: Story) -> GpuRun:
    """The one run that is not over."""
    (run,) = await runs(story)
    return run


def later(story: Story, **by: float) -> datetime:
    """So much after now, on a whole minute."""
    return (story.runtime.clock.now() + timedelta(**by)).replace(second=0, microsecond=0)
