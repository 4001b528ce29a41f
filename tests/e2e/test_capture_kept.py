"""What becomes of a capture beside what was known: parts add up, newer ones replace."""

from bot.domain.evidence import EvidenceState
from tests.e2e.captures import capture, send, token, withheld_capture
from tests.e2e.cards import COURSE, LAPTOP
from tests.harness.evidence import checklist, give
from tests.harness.stories import Story

OPEN_DATA = {**LAPTOP, "Privacy": "Public"}
CLAIMED = {"first_prompt_output", "five_case_eval", "latency_memory_note", "runtime_command"}


async def test_a_second_capture_updates_every_item_of_it(public: Story) -> None:
    ada = public.person("ada")
    await ada.plan(OPEN_DATA)
    secret = await token(ada)
    await send(public, secret, capture())
    slower = {"p50": 2.5, "p95": 3}
    run = {"prompt": "Say bye.", "output": "Bye.", "seconds": 2}
    new = {"name": "llama.cpp", "version": "b7200", "command": "llama-server -m n.gguf"}
    answer = await send(public, secret, capture(latency=slower, first=run, runtime=new))
    assert answer.text == "Kept: 4 items of OW-1 wait for Accept.\n"
    items = await checklist(public)
    assert items["latency_memory_note"].content["latency"] == "2.5 s"
    assert items["first_prompt_output"].content["output"] == "Bye."
    assert items["runtime_command"].content["version"] == "llama.cpp b7200"
    assert {items[i].state for i in CLAIMED} == {EvidenceState.CLAIMED}


async def test_the_answer_names_what_is_not_whole_yet(public: Story) -> None:
    ada = public.person("ada")
    await ada.plan(OPEN_DATA)
    secret = await token(ada)
    cases = capture()["cases"]
    rows = [{**row, "pass": None} if n == 3 else row for n, row in enumerate(cases["rows"])]
    unjudged = {**cases, "failed": 0, "unjudged": 1, "rows": rows}
    sent = capture(cases=unjudged)
    del sent["disk_gib"]
    answer = await send(public, secret, sent)
    assert answer.status_code == 200, answer.text
    assert answer.text == (
        "Kept: 2 items of OW-1 wait for Accept. Not whole yet: five-case eval table and latency "
        "and memory note; complete them with Attach evidence.\n"
    )


async def test_a_private_capture_leaves_the_command_that_the_decision_gave(public: Story) -> None:
    ada = public.person("ada")
    card = await ada.plan({**COURSE, "Available route": "Local CPU", "Needs a service API": "No"})
    known = (await checklist(public))["runtime_command"].content["command"]
    sent = withheld_capture()
    sent["runtime"] = {"name": "vllm", "version": "0.11.0+sandbox"}
    assert (await send(public, await token(ada), sent)).status_code == 200
    await ada.command("/owroute evidence OW-1")
    await ada.whispers()[-1].click("Accept all 4")
    found = (await checklist(public))["runtime_command"]
    assert found.state is EvidenceState.GIVEN
    assert found.content == {"command": known, "version": "vllm 0.11.0+sandbox"}
    await give(public, but=[i for i, e in (await checklist(public)).items() if e.settled])
    await card.now().choose("Decide")
    await ada.modal.fill({"What is decided": "Keep"})
    assert (await ada.modal.submit()).ok
    await ada.command("/owroute record OW-1")
    assert "The record is complete" in ada.whispers()[-1].text
