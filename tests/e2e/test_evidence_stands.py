"""What stands, stands: captures, parts and re-plans never undo what somebody has settled unseen."""

from dataclasses import replace

import pytest

from bot.domain.evidence import EvidenceState
from bot.domain.plans import State
from bot.errors import AlreadySettled, NotRejectable
from tests.e2e.captures import capture, send, token
from tests.e2e.cards import LAPTOP
from tests.e2e.evidencing import COMMIT, actor, attach, led_by, paste, running, sheet_of
from tests.e2e.test_decide_story import decide
from tests.harness.evidence import checklist, experiment, give
from tests.harness.stories import Story

PASTE = "Paste-back of the capture script"
TABLE = "case id,prompt,expected,result\n" + "".join(f"k{n},a,b,pass\n" for n in range(5))
ONE_FAILED = {
    "total": 1, "passed": 0, "failed": 1, "unjudged": 0, "sha256": "a" * 64,
    "rows": [{"case_id": "z", "pass": False}],
}  # fmt: skip
OTHER_RUN = {"name": "x", "version": "666", "command": "evil --flag"}


async def test_a_machine_s_failed_case_opens_no_gate(everywhere: Story) -> None:
    ada, card = await running(everywhere)
    await give(everywhere)
    before = await checklist(everywhere)
    secret = await token(ada)
    assert (await send(everywhere, secret, capture(cases=ONE_FAILED))).status_code == 200
    items = await checklist(everywhere)
    assert items["five_case_eval"] == before["five_case_eval"]
    assert (await experiment(everywhere)).state is State.COMPLETE
    errors = await decide(ada, card, "LoRA")
    assert "no failed case is on record" in errors["What is decided"]
    await everywhere.advance(seconds=5)
    assert "Noted in part: five-case eval table" in ada.thread(card)[-1].text


async def test_a_capture_over_what_is_settled_waits_and_accept_takes_it(everywhere: Story) -> None:
    ada, card = await running(everywhere)
    await give(everywhere)
    typed = (await checklist(everywhere))["runtime_command"]
    answer = await send(everywhere, await token(ada), capture())
    assert "4 items of OW-1 wait for Accept" in answer.text
    waits = (await checklist(everywhere))["runtime_command"]
    assert (waits.state, waits.content) == (EvidenceState.GIVEN, typed.content)
    assert waits.newer is not None
    assert (await experiment(everywhere)).state is State.COMPLETE
    await everywhere.advance(seconds=5)
    assert "What stands goes on standing" in ada.thread(card)[-1].text
    sheet = await sheet_of(ada)
    assert "a newer capture waits" in sheet.text
    assert not any(b.startswith("Accept all") for b in sheet.buttons)
    before = await checklist(everywhere)
    button = next(i for i in before.values() if i.newer)
    await sheet.click("Accept")
    taken = (await checklist(everywhere))[button.item]
    assert (taken.state, taken.source, taken.newer) == (EvidenceState.GIVEN, "captured", None)
    assert taken.content["command"] == "llama-server -m m.gguf"


async def test_a_newer_capture_that_is_rejected_leaves_what_stood(everywhere: Story) -> None:
    ada, card = await running(everywhere)
    await give(everywhere)
    await send(everywhere, await token(ada), capture())
    before = await checklist(everywhere)
    await (await sheet_of(ada)).choose("Reject...")
    await ada.modal.fill({"Reason": "another prompt"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    items = await checklist(everywhere)
    left = [i for i in before if before[i].newer and not items[i].newer]
    assert len(left) == 1
    assert items[left[0]] == replace(before[left[0]], newer=None), "what was there goes on standing"
    await everywhere.advance(seconds=5)
    assert "rejected the newer capture of" in ada.thread(card)[-1].text


async def test_a_capture_never_undoes_a_lead_s_waiver(everywhere: Story) -> None:
    ada, _ = await running(everywhere)
    await led_by(everywhere, "lin")
    secret, x = await token(ada), await experiment(everywhere)
    await give(everywhere, but=("five_case_eval",))
    judge, lead = everywhere.runtime.cases.judge, actor(everywhere, "lin")
    await judge.waive(lead, x.id, "five_case_eval", "known", "w1")
    await send(everywhere, secret, capture())
    found = (await checklist(everywhere))["five_case_eval"]
    assert (found.state, found.reason) == (EvidenceState.WAIVED, "known")
    assert (await experiment(everywhere)).state is State.COMPLETE


async def test_a_token_adds_nothing_to_what_is_decided(everywhere: Story) -> None:
    ada, card = await running(everywhere)
    secret = await token(ada)
    await give(everywhere)
    assert await decide(ada, card, "Keep") == {}
    before = await checklist(everywhere)
    answer = await send(everywhere, secret, capture())
    assert answer.status_code == 409
    assert "OW-1 is decided, so a machine adds nothing" in answer.text
    assert await checklist(everywhere) == before
    await (await sheet_of(ada)).click("Capture command")
    assert "OWROUTE_CAPTURE_TOKEN" not in ada.whispers()[-1].text


async def test_nobody_accepts_what_they_have_not_seen(everywhere: Story) -> None:
    ada, _ = await running(everywhere)
    secret = await token(ada)
    await send(everywhere, secret, capture())
    sheet = await sheet_of(ada)
    await send(everywhere, secret, capture(runtime=OTHER_RUN))
    said = len(ada.whispers())
    await sheet.click(next(b for b in sheet.buttons if b.startswith("Accept all")))
    assert {e.state for e in (await checklist(everywhere)).values()} >= {EvidenceState.CLAIMED}
    found = (await checklist(everywhere))["runtime_command"]
    assert (found.state, found.content["command"]) == (EvidenceState.CLAIMED, "evil --flag")
    told = "".join(w.text for w in ada.whispers()[said - 1 :])
    assert "was changed after this was drawn, so nothing was judged" in told
    assert "evil --flag" in told, "the checklist was drawn anew"
    await sheet.click("Accept")
    states = {
        e.state for i, e in (await checklist(everywhere)).items() if i == "first_prompt_output"
    }
    assert states == {EvidenceState.CLAIMED}
    now = await sheet_of(ada)
    await now.click(next(b for b in now.buttons if b.startswith("Accept all")))
    assert (await checklist(everywhere))["runtime_command"].state is EvidenceState.GIVEN


async def test_nobody_rejects_what_they_have_not_seen(everywhere: Story) -> None:
    ada, _ = await running(everywhere)
    secret = await token(ada)
    await send(everywhere, secret, capture())
    await (await sheet_of(ada)).choose("Reject...")
    await ada.modal.fill({"Reason": "wrong build"})
    await send(everywhere, secret, capture(runtime=OTHER_RUN, first=None, latency=None))
    await send(everywhere, secret, capture(runtime=OTHER_RUN))
    assert not (await ada.modal.submit()).ok
    assert "so nothing was judged" in ada.modal.errors["Reason"]
    states = {e.state for e in (await checklist(everywhere)).values()}
    assert EvidenceState.REJECTED not in states


async def test_only_what_was_put_down_is_rejected_and_only_what_is_open_waived(
    story: Story,
) -> None:
    ada, _ = await running(story)
    await led_by(story, "lin")
    x, me, lead = await experiment(story), actor(story), actor(story, "lin")
    judge = story.runtime.cases.judge
    await judge.waive(lead, x.id, "five_case_eval", "known", "w1")
    for item in ("five_case_eval", "first_prompt_output"):
        with pytest.raises(NotRejectable):
            await judge.reject(me, x.id, item, "I say no", f"r-{item}", seen="")
    await attach(ada, "runtime command", {"Runtime version": "b1"})
    for item in ("five_case_eval", "runtime_command"):
        with pytest.raises(AlreadySettled):
            await judge.waive(lead, x.id, item, "why", f"w-{item}")
    assert (await checklist(story))["five_case_eval"].state is EvidenceState.WAIVED


async def test_a_table_replaces_the_counts_of_the_one_before(story: Story) -> None:
    ada, card = await running(story)
    rows = [{"case_id": f"c{n}", "pass": False} for n in range(3)]
    counted = {**ONE_FAILED, "total": 3, "failed": 3, "rows": rows}
    assert not await attach(ada, "runtime command", {PASTE: paste(cases=counted)})
    assert (await checklist(story))["five_case_eval"].content["failed"] == 3
    assert not await attach(ada, "five-case eval table", {"Cases": TABLE})
    found = (await checklist(story))["five_case_eval"]
    assert (found.state, set(found.content)) == (EvidenceState.GIVEN, {"cases"})
    await give(story, but=("five_case_eval",))
    errors = await decide(ada, card, "LoRA")
    assert "no failed case is on record" in errors["What is decided"]


async def test_an_empty_field_makes_no_baseline_of_two_cases(story: Story) -> None:
    ada, _ = await running(story)
    rows = [{"case_id": f"c{n}", "pass": None if n else True} for n in range(2)]
    counted = {**ONE_FAILED, "total": 2, "passed": 1, "failed": 0, "unjudged": 1, "rows": rows}
    assert not await attach(ada, "runtime command", {PASTE: paste(cases=counted)})
    errors = await attach(ada, "five-case eval table", {})
    assert set(errors) == {"Cases"}
    found = (await checklist(story))["five_case_eval"]
    assert (found.state, found.source) == (EvidenceState.MISSING, None)


async def test_half_a_character_in_a_table_is_no_error(story: Story) -> None:
    ada, _ = await running(story, fields=LAPTOP)
    line = '{{"case_id":"{0}","prompt":"\\ud83d","result":"pass"}}'
    table = "\n".join(line.format(n) for n in range(5))
    assert not await attach(ada, "five-case eval table", {"Cases": table})
    assert (await checklist(story))["five_case_eval"].state is EvidenceState.GIVEN
    assert not story.errors()


async def test_a_capture_of_another_model_says_so(everywhere: Story) -> None:
    ada, card = await running(everywhere)
    secret = await token(ada)
    await send(everywhere, secret, capture(repo="other/Model", revision=COMMIT))
    await everywhere.advance(seconds=5)
    assert "captured from `other/Model`, and the plan runs" in ada.thread(card)[-1].text
    assert "captured from `other/Model`" in (await sheet_of(ada)).text
    assert "revision" not in (await checklist(everywhere))["model_card_license"].content or (
        (await checklist(everywhere))["model_card_license"].content["revision"] != COMMIT
    )


async def test_a_capture_of_the_plan_s_own_model_knows_its_revision(everywhere: Story) -> None:
    ada, _ = await running(everywhere)
    x = await experiment(everywhere)
    assert x.decision is not None
    assert x.decision.model is not None
    ours = x.decision.model.weights.repo
    before = (await checklist(everywhere))["model_card_license"]
    assert (before.state, before.content.get("revision")) == (EvidenceState.MISSING, None)
    await send(everywhere, await token(ada), capture(repo=ours, revision=COMMIT))
    after = (await checklist(everywhere))["model_card_license"]
    assert (after.state, after.content["revision"]) == (EvidenceState.CLAIMED, COMMIT)
    assert after.content["license_id"] == before.content["license_id"]
    assert "captured from" not in (await sheet_of(ada)).text
