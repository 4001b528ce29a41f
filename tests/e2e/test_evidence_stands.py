"""What stands, stands: captures, parts and re-plans never undo what somebody has settled unseen."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.evidence import EvidenceState
from bot.domain.ids import UserId
from bot.domain.plans import State
from bot.domain.workspace import Actor
from bot.errors import AlreadySettled, NotRejectable
from sandbox.seen import Shown
from tests.e2e.captures import PUBLIC, capture, send, token
from tests.e2e.cards import LAPTOP
from tests.e2e.evidencing import COMMIT, attach, led_by, paste, running
from tests.e2e.test_decide_story import decide
from tests.harness.evidence import checklist, experiment, give
from tests.harness.stores import KINDS, database_url
from tests.harness.stories import PEOPLE, Hands, Story, a_story

PASTE = "Paste-back of the capture script"
TABLE = "case id,prompt,expected,result\n" + "".join(f"k{n},a,b,pass\n" for n in range(5))
ONE_FAILED = {
    "total": 1, "passed": 0, "failed": 1, "unjudged": 0, "sha256": "a" * 64,
    "rows": [{"case_id": "z", "pass": False}],
}  # fmt: skip
OTHER_RUN = {"name": "x", "version": "666", "command": "evil --flag"}


@pytest.fixture(params=KINDS)
async def public(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Story]:
    """A bot with a public address, on either store."""
    async with (
        database_url(request.param, tmp_path) as url,
        a_story(tmp_path, database_url=url, more=PUBLIC) as found,
    ):
        yield found


async def sheet_of(by: Hands) -> Shown:
    await by.command("/owroute evidence OW-1")
    return by.whispers()[-1]


async def actor(story: Story, name: str = "ada") -> Actor:
    x = await experiment(story)
    return Actor(x.team, UserId(PEOPLE[name]), x.team)


async def test_a_machine_s_failed_case_opens_no_gate(public: Story) -> None:
    ada, card = await running(public)
    await give(public)
    before = await checklist(public)
    secret = await token(ada)
    assert (await send(public, secret, capture(cases=ONE_FAILED))).status_code == 200
    items = await checklist(public)
    assert items["five_case_eval"] == before["five_case_eval"]
    assert (await experiment(public)).state is State.COMPLETE
    errors = await decide(ada, card, "LoRA")
    assert "no failed case is on record" in errors["What is decided"]
    await public.advance(seconds=5)
    assert "not whole yet: five-case eval table" in ada.thread(card)[-1].text


async def test_a_capture_over_what_is_settled_waits_and_accept_takes_it(public: Story) -> None:
    ada, card = await running(public)
    await give(public)
    typed = (await checklist(public))["runtime_command"]
    answer = await send(public, await token(ada), capture())
    assert "4 items of OW-1 wait for Accept" in answer.text
    waits = (await checklist(public))["runtime_command"]
    assert (waits.state, waits.content) == (EvidenceState.GIVEN, typed.content)
    assert waits.newer is not None
    assert (await experiment(public)).state is State.COMPLETE
    await public.advance(seconds=5)
    assert "What stands goes on standing" in ada.thread(card)[-1].text
    sheet = await sheet_of(ada)
    assert "a newer capture waits" in sheet.text
    assert not any(b.startswith("Accept all") for b in sheet.buttons)
    before = await checklist(public)
    button = next(i for i in before.values() if i.newer)
    await sheet.click("Accept")
    taken = (await checklist(public))[button.item]
    assert (taken.state, taken.source, taken.newer) == (EvidenceState.GIVEN, "captured", None)
    assert taken.content["command"] == "llama-server -m m.gguf"


async def test_a_newer_capture_that_is_rejected_leaves_what_stood(public: Story) -> None:
    ada, card = await running(public)
    await give(public)
    await send(public, await token(ada), capture())
    before = await checklist(public)
    await (await sheet_of(ada)).choose("Reject...")
    await ada.modal.fill({"Reason": "another prompt"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    items = await checklist(public)
    left = [i for i in before if before[i].newer and not items[i].newer]
    assert len(left) == 1
    assert items[left[0]] == replace(before[left[0]], newer=None), "what was there goes on standing"
    await public.advance(seconds=5)
    assert "rejected the newer capture of" in ada.thread(card)[-1].text


async def test_a_capture_never_undoes_a_lead_s_waiver(public: Story) -> None:
    ada, _ = await running(public)
    await led_by(public, "lin")
    secret, x = await token(ada), await experiment(public)
    await give(public, but=("five_case_eval",))
    judge, lead = public.runtime.cases.judge, await actor(public, "lin")
    await judge.waive(lead, x.id, "five_case_eval", "known", "w1")
    await send(public, secret, capture())
    found = (await checklist(public))["five_case_eval"]
    assert (found.state, found.reason) == (EvidenceState.WAIVED, "known")
    assert (await experiment(public)).state is State.COMPLETE


async def test_a_token_adds_nothing_to_what_is_decided(public: Story) -> None:
    ada, card = await running(public)
    secret = await token(ada)
    await give(public)
    assert await decide(ada, card, "Keep") == {}
    before = await checklist(public)
    answer = await send(public, secret, capture())
    assert answer.status_code == 409
    assert "OW-1 is decided, so a machine adds nothing" in answer.text
    assert await checklist(public) == before
    await (await sheet_of(ada)).click("Capture command")
    assert "OWROUTE_CAPTURE_TOKEN" not in ada.whispers()[-1].text


async def test_nobody_accepts_what_they_have_not_seen(public: Story) -> None:
    ada, _ = await running(public)
    secret = await token(ada)
    await send(public, secret, capture())
    sheet = await sheet_of(ada)
    await send(public, secret, capture(runtime=OTHER_RUN))
    said = len(ada.whispers())
    await sheet.click(next(b for b in sheet.buttons if b.startswith("Accept all")))
    assert {e.state for e in (await checklist(public)).values()} >= {EvidenceState.CLAIMED}
    found = (await checklist(public))["runtime_command"]
    assert (found.state, found.content["command"]) == (EvidenceState.CLAIMED, "evil --flag")
    told = "".join(w.text for w in ada.whispers()[said - 1 :])
    assert "was changed after this was drawn, so nothing was judged" in told
    assert "evil --flag" in told, "the checklist was drawn anew"
    await sheet.click("Accept")
    states = {e.state for i, e in (await checklist(public)).items() if i == "first_prompt_output"}
    assert states == {EvidenceState.CLAIMED}
    now = await sheet_of(ada)
    await now.click(next(b for b in now.buttons if b.startswith("Accept all")))
    assert (await checklist(public))["runtime_command"].state is EvidenceState.GIVEN


async def test_nobody_rejects_what_they_have_not_seen(public: Story) -> None:
    ada, _ = await running(public)
    secret = await token(ada)
    await send(public, secret, capture())
    await (await sheet_of(ada)).choose("Reject...")
    await ada.modal.fill({"Reason": "wrong build"})
    await send(public, secret, capture(runtime=OTHER_RUN, first=None, latency=None))
    await send(public, secret, capture(runtime=OTHER_RUN))
    assert not (await ada.modal.submit()).ok
    assert "so nothing was judged" in ada.modal.errors["Reason"]
    states = {e.state for e in (await checklist(public)).values()}
    assert EvidenceState.REJECTED not in states


async def test_only_what_was_put_down_is_rejected_and_only_what_is_open_waived(
    story: Story,
) -> None:
    ada, _ = await running(story)
    await led_by(story, "lin")
    x, me, lead = await experiment(story), await actor(story), await actor(story, "lin")
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


async def test_a_capture_of_another_model_says_so(public: Story) -> None:
    ada, card = await running(public)
    secret = await token(ada)
    await send(public, secret, capture(repo="other/Model", revision=COMMIT))
    await public.advance(seconds=5)
    assert "captured from `other/Model`, and the plan runs" in ada.thread(card)[-1].text
    assert "captured from `other/Model`" in (await sheet_of(ada)).text
    assert "revision" not in (await checklist(public))["model_card_license"].content or (
        (await checklist(public))["model_card_license"].content["revision"] != COMMIT
    )


async def test_a_capture_of_the_plan_s_own_model_knows_its_revision(public: Story) -> None:
    ada, _ = await running(public)
    x = await experiment(public)
    assert x.decision is not None
    assert x.decision.model is not None
    ours = x.decision.model.weights.repo
    before = (await checklist(public))["model_card_license"]
    assert (before.state, before.content.get("revision")) == (EvidenceState.MISSING, None)
    await send(public, await token(ada), capture(repo=ours, revision=COMMIT))
    after = (await checklist(public))["model_card_license"]
    assert (after.state, after.content["revision"]) == (EvidenceState.CLAIMED, COMMIT)
    assert after.content["license_id"] == before.content["license_id"]
    assert "captured from" not in (await sheet_of(ada)).text
