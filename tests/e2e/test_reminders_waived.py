"""**Waive** in the menu of a reminder: which item, and why; for the lead or an admin alone."""

from bot.domain.evidence import EvidenceState
from tests.e2e.evidencing import kept, led_by
from tests.e2e.test_reminders import running, the_reminder, watched
from tests.harness.stories import Story


async def test_a_lead_waives_an_item_from_the_reminder(story: Story) -> None:
    await running(story)
    await led_by(story, "grace")
    await watched(story, zone="UTC", days=1.1)
    ada, grace = story.person("ada"), story.person("grace")
    await the_reminder(story).choose("Waive an item...")
    assert not ada.stack
    assert "Only the channel's lead or an admin" in ada.whispers()[-1].text
    hers = next(c for c in grace.cards("ml-lab") if "still miss" in c.text)
    await hers.choose("Waive an item...")
    assert "Which item of OW-1 is not needed, and why?" in grace.modal.text
    await grace.modal.fill({"Item": "runtime command", "Reason": "a toy"})
    assert (await grace.modal.submit()).ok, grace.modal.errors
    found = (await kept(story))[0]["runtime_command"]
    assert (found.state, found.reason) == (EvidenceState.WAIVED, "a toy")
    await story.advance(seconds=30)
    assert "runtime command" not in the_reminder(story).text
