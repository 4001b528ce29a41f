"""GPUs that only people know of: entered, listed, planned, snoozed, handed over, reported off."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

from bot.domain.fleet import PriceSource
from bot.domain.gpu_parts import Claim
from tests.harness.gpu_hands import BENCH, enter, later, listed_for, only_run, pick, put_time
from tests.harness.gpus import runs
from tests.harness.stories import PEOPLE, Hands, Story


async def entered(story: Story, name: str = "ada", **more: float) -> Hands:
    """Somebody with a machine that runs since a while, and no modal before them."""
    hands = story.person(name)
    assert (await enter(hands, started=later(story, **(more or {"hours": -6})))).ok
    await hands.modal.close()
    return hands


async def card_of(hands: Hands, channel: str = "ml-lab") -> None:
    """The whole card of the first run on the list."""
    said = await listed_for(hands, "", channel)
    await said.click("More...")


async def test_a_gpu_that_was_entered_is_listed_with_what_it_costs(story: Story) -> None:
    ada = await entered(story)
    said = (await listed_for(ada)).text
    for part in ("bench-1", "Our cluster", "6 h", "0.69", "4.14 USD", "none", "ada"):
        assert f"\n{part}\n" in said, part
    assert "*Together* 4.14 USD so far · 0.69 USD per hour" in said
    assert "more until Tue 9:00, the next working morning · 1 without a shutdown plan" in said
    run = await only_run(story)
    assert (run.owner, run.claim) == (PEOPLE["ada"], Claim.REGISTERED)
    assert (run.price_per_hour, run.price_source) == (Decimal("0.69"), PriceSource.DECLARED)


async def test_what_only_people_know_of_has_no_stop_now(story: Story) -> None:
    said = await listed_for(await entered(story))
    assert said.buttons == ["Already stopped", "Set shutdown", "More...", "Add a GPU"]


async def test_a_stop_time_is_said_to_be_only_declared(story: Story) -> None:
    ada = await entered(story)
    await (await listed_for(ada)).click("Set shutdown")
    assert "owroute will *not* stop `bench-1`, so this time is only declared" in ada.modal.text
    await put_time(ada.modal, "Stop time", later(story, hours=3))
    assert (await ada.modal.submit()).ok
    said = ada.modal.text
    assert "`bench-1` is to be off at 12:00." in said
    assert "promised, and nothing enforces it: it was entered by hand" in said
    assert "You are reminded 15 minutes before" in said
    await ada.modal.close()
    assert "promised at 12:00" in (await listed_for(ada)).text


async def test_a_promised_time_that_has_passed_counts_as_no_plan(story: Story) -> None:
    ada = story.person("ada")
    await enter(ada, stops=later(story, hours=2))
    assert "`bench-1` is to be off at 11:00" in ada.modal.text
    await ada.modal.close()
    await story.advance(hours=3, step=timedelta(hours=1))
    assert "1 without a shutdown plan" in (await listed_for(ada)).text


async def test_a_stop_time_in_the_past_is_answered_beside_its_field(story: Story) -> None:
    ada = await entered(story)
    await (await listed_for(ada)).click("Set shutdown")
    await put_time(ada.modal, "Stop time", later(story, minutes=-1))
    assert not (await ada.modal.submit()).ok
    assert "This time has passed" in ada.modal.errors["Stop time"]
    await put_time(ada.modal, "Stop time", later(story, days=32))
    assert not (await ada.modal.submit()).ok
    assert "more than 31 days ahead" in ada.modal.errors["Stop time"]
    assert (await only_run(story)).deadline is None


async def test_snoozed_until_tomorrow_nine_of_who_snoozes(story: Story) -> None:
    grace = await entered(story, "grace")
    await card_of(grace)
    await pick(grace.whispers()[-1], "Snooze", "Until tomorrow 9:00")
    run = await only_run(story)
    assert run.snoozed_until is not None
    assert f"{run.snoozed_until:%a %H:%M}" == "Tue 14:00", "nine in New York"
    assert "Snoozed until Tue 9:00" in grace.whispers()[-1].text, "the card is drawn anew"
    assert "none, snoozed until Tue 9:00" in (await listed_for(grace)).text


async def test_handed_to_somebody_else_who_is_told(story: Story) -> None:
    ada, lin = await entered(story), story.person("lin")
    await card_of(ada)
    await ada.whispers()[-1].choose("Reassign")
    await ada.modal.put("Owner", lin.user)
    assert (await ada.modal.submit()).ok
    assert f"`bench-1` is in the hands of <@{lin.user}> now" in ada.modal.text
    await story.advance(seconds=5)
    told = [card.text for card in lin.cards("dm")]
    assert any(f"<@{ada.user}> 把 `bench-1` 转交给了" in text for text in told), told
    run = await only_run(story)
    assert (run.owner, run.claim) == (lin.user, Claim.PERSON)


async def test_nobody_is_handed_a_gpu_who_cannot_own_one(story: Story) -> None:
    ada, lin = await entered(story), story.person("lin")
    story.workspace.change_person(lin.user, is_restricted=True)
    await card_of(ada)
    await ada.whispers()[-1].choose("Reassign")
    await ada.modal.put("Owner", lin.user)
    assert not (await ada.modal.submit()).ok
    assert "guests, bots and people who have left own nothing here" in ada.modal.errors["Owner"]
    assert (await only_run(story)).owner == ada.user


async def test_reported_as_stopped_is_not_proven_and_costs_no_more(story: Story) -> None:
    ada = await entered(story)
    await (await listed_for(ada)).click("Already stopped")
    assert await runs(story) == []
    said = ada.whispers()[-1].text
    assert "Reported stopped at 9:00, cost 4.14 USD" in said
    assert f"<@{ada.user}> said so" in said
    assert "not proven" in said
    await story.advance(hours=5)
    assert "no GPU of this channel or of yours is running" in (await listed_for(ada)).text


async def test_reported_twice_is_told_that_there_is_nothing_to_do(story: Story) -> None:
    ada = await entered(story)
    old = await listed_for(ada)
    await old.click("Already stopped")
    await old.click("Already stopped")
    assert "is not running any more" in ada.whispers()[-1].text
    await old.click("Set shutdown")
    assert not ada.stack, "there is nothing to be planned"


async def test_a_price_counts_from_when_it_is_set(story: Story) -> None:
    ada = story.person("ada")
    fields = {name: text for name, text in BENCH.items() if name != "USD per hour"}
    await enter(ada, fields, started=later(story, hours=-2))
    await ada.modal.close()
    said = (await listed_for(ada)).text
    assert "unknown (1 run, 2.0 GPU-hours without a price)" in said
    assert "1 run without a price" in said
    await card_of(ada)
    await ada.whispers()[-1].click("Set price")
    await ada.modal.put("USD per hour", "2 EUR")
    assert not (await ada.modal.submit()).ok
    assert "convert to USD" in ada.modal.errors["USD per hour"]
    await ada.modal.put("USD per hour", "2.5")
    assert (await ada.modal.submit()).ok
    assert "From now on `bench-1` counts 2.50 USD per hour" in ada.modal.text
    await ada.modal.close()
    await story.advance(hours=2)
    said = (await listed_for(ada)).text
    assert "at least 5.00 USD (1 run, 2.0 GPU-hours without a price)" in said


async def test_the_same_form_sent_twice_is_one_machine(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute gpu add")
    await ada.modal.fill(BENCH)
    view = deepcopy(ada.modal.view)
    assert (await ada.modal.submit()).ok
    ada.workspace.views._stacks[ada.user] = [view]
    assert (await ada.submit(view.id)).ok
    assert (await only_run(story)).label == "bench-1"


async def test_a_second_machine_of_the_same_name_is_refused(story: Story) -> None:
    ada = await entered(story)
    assert not (await enter(ada)).ok
    assert "is watched already" in ada.modal.errors["Name of the machine"]
    assert ada.modal.value("Provider") == "Our cluster", "nothing that was typed is lost"
    await ada.modal.put("Name of the machine", "bench-2")
    assert (await ada.modal.submit()).ok
    assert {run.label for run in await runs(story)} == {"bench-1", "bench-2"}
