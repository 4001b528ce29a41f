"""What was planned in English asks a Chinese reader in Chinese; channels keep their language."""

from bot.domain.evidence import Source
from sandbox.seen import Modal
from tests.e2e.evidencing import kept, paste, running
from tests.harness.stories import Hands, Story


async def form(lin: Hands, name: str) -> Modal:
    """The form of an item, by its Chinese name."""
    await lin.command("/owroute evidence OW-1")
    await lin.whispers()[-1].click("附上证据")
    line = next(n for n in lin.modal.text.split("\n") if n.startswith(f"{name} · "))
    await lin.modal.put("证据项", line)
    return lin.modal


async def test_a_chinese_reader_reads_names_and_hints_in_chinese(story: Story) -> None:
    await running(story)
    lin = story.person("lin")
    await lin.command("/owroute evidence OW-1")
    said = lin.whispers()[-1].text
    for name in ("模型卡与许可证说明", "五案例评估表", "关机命令", "允许这种用途"):
        assert name in said
    for name in ("model card", "five-case eval table", "shutdown command", "this use is allowed"):
        assert name not in said
    modal = await form(lin, "Runtime 命令")
    assert "完整的启动命令和 Runtime 版本。" in modal.text
    await modal.close()
    await lin.command("/owroute record OW-1")
    assert "第一条提示与输出" in lin.whispers()[-1].text
    assert "first prompt and output" not in lin.whispers()[-1].text
    await story.advance(seconds=5)
    await story.workspace.chores.settle()


async def test_the_thread_and_the_reminder_have_the_language_of_their_channel(story: Story) -> None:
    ada, card = await running(story)
    modal = await form(story.person("lin"), "Runtime 命令")
    await modal.fill({"启动命令": "llama-server -m q.gguf", "Runtime 版本": "llama.cpp b4321"})
    assert (await modal.submit()).ok
    await story.advance(days=2)
    assert "runtime command" in ada.thread(card)[-1].text
    reminder = next(m for m in story.said() if "five-case eval table" in str(m))
    assert "五案例评估表" not in str(reminder)


async def test_our_own_words_in_another_language_are_not_taken_for_typed(story: Story) -> None:
    await running(story)
    modal = await form(story.person("lin"), "模型卡与许可证说明")
    assert modal.value("允许的用途") == "允许这种用途"
    await modal.fill({"采集脚本的回贴": paste()})
    assert (await modal.submit()).ok, modal.errors
    _, entries = await kept(story)
    assert {e.source for e in entries} == {Source.DERIVED, Source.CAPTURED}
