"""Who did what, in people's words: each act, and from what to what."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.cards import personal, settings, workspace
from bot.cards.audit import PAGE, audit_page
from bot.cards.audit_say import did, is_spoken, what_changed
from bot.domain.audit import Entry, differing
from bot.domain.digest_when import DigestMode, WeekTime
from bot.domain.fleet import Ending
from bot.domain.ids import UserId
from bot.domain.reminders import ReminderRules
from bot.domain.schedule import WorkHours
from bot.domain.watch import NO_CAP, MonthlyCap, Watching
from bot.domain.workspace import LANGUAGES
from tests.cards.reminding import ADA, GRACE, HERE, LIN
from tests.cards.settling import DEFAULTS, OWN
from tests.forms.filling import NOW

RULES = ReminderRules()
ROOT = Path(__file__).parents[2]
DOCS, SERVICES = ROOT / "docs" / "security.md", ROOT / "bot" / "services"

LOGGED = ("log", "crash_point")
"""What takes names of another kind: events of the log, places to die at."""


def entry(action: str, subject: str = "OW-1", before: str = "", after: str = "") -> Entry:
    return Entry(1, NOW, GRACE, action, subject, before, after)


def told_acts() -> set[str]:
    """Every act that docs/security.md names."""
    text = DOCS.read_text()
    told = text[text.index("There an act is called") : text.index("## What people type")]
    grouped = re.findall(r"`(\w+)\.` \(([^)]+)\)", told)
    single = re.findall(r"`(\w+\.\w+)`", told)
    return {f"{n}.{verb.strip()}" for n, verbs in grouped for verb in verbs.split(",")} | {*single}


def named(node: ast.AST) -> Iterator[str]:
    """The acts that some code names, e.g. to `audit.add` or in a step."""
    if isinstance(node, ast.Call):
        callee = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        if isinstance(callee, ast.Name) and callee.id in LOGGED:
            return
    if isinstance(node, ast.JoinedStr):
        if ast.unparse(node) == "f'gpu.{ending.value}'":
            yield from (f"gpu.{ending.value}" for ending in Ending)
        else:  # words for it are sought, and not found
            yield from re.findall(r"^f'[a-z]+\.\{.*", ast.unparse(node))
        return
    if isinstance(node, ast.Constant) and re.fullmatch(r"[a-z]+\.[a-z_]+", str(node.value)):
        yield str(node.value)
    for inner in ast.iter_child_nodes(node):
        yield from named(inner)


def acts() -> set[str]:
    return {a for path in SERVICES.rglob("*.py") for a in named(ast.parse(path.read_text()))}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_act_has_words(lang: str) -> None:
    assert len(acts()) > 50
    assert {a for a in acts() if not is_spoken(a, lang)} == set()


def test_every_act_is_told_of_in_the_docs() -> None:
    assert told_acts() == acts()


def test_a_channels_settings_are_read_in_the_language_of_whoever_looks() -> None:
    before = (HERE, NO_CAP)
    after = (
        replace(
            HERE,
            language="zh_CN",
            hours=WorkHours(time(8), time(17, 30)),
            remind_every=timedelta(days=2),
            digest=DigestMode.ALWAYS,
            digest_at=WeekTime(5, time(16)),
            lead=LIN,
            defaults=DEFAULTS,
        ),
        MonthlyCap(Decimal("0.000001"), stops=True),
    )
    kept = differing(settings.typed(before), settings.typed(after), settings.READ_AS_ONE)
    told = what_changed(entry("channel.settings", HERE.channel, *kept), "en", RULES)
    assert "Working hours: Not set → 08:00–17:30" in told
    assert f"Lead of the channel: nobody → <@{LIN}>" in told
    assert "GPU budget a month, in USD: none → 0.000001 USD a month" in told
    assert any("Friday 16:00" in line for line in told)
    assert any("RunPod" in line or "runpod, aws" in line for line in told)
    assert not any("Time zone" in line for line in told), "nobody has touched it"
    chinese = what_changed(entry("channel.settings", HERE.channel, *kept), "zh_CN", RULES)
    assert len(chinese) == len(told)
    assert "工作时间" in "".join(chinese)
    back = what_changed(entry("channel.settings", HERE.channel, *reversed(kept)), "en", RULES)
    assert f"Lead of the channel: <@{LIN}> → nobody" in back


def test_the_workspaces_and_ones_own() -> None:
    before = workspace.Settled(Watching(HERE.team))
    after = workspace.Settled(
        Watching(HERE.team, ops=HERE.channel, members_stop=True, keep=None), NO_CAP, (UserId(ADA),)
    )
    kept = differing(workspace.typed(before), workspace.typed(after), workspace.READ_AS_ONE)
    told = what_changed(entry("workspace.settings", HERE.team, *kept), "en", RULES)
    assert f"Ops channel: none → <#{HERE.channel}>" in told
    assert f"Admins of owroute: none → <@{ADA}>" in told
    assert "How long to keep what is over: 365 days → For good" in told
    fields = personal.typed(replace(OWN, quiet=None, usual=True)), personal.typed(OWN)
    mine = differing(*fields, (personal.QUIET,))
    told = what_changed(entry("person.settings", GRACE, *mine), "en", RULES)
    assert told == ["Quiet hours: As everybody here → 19:00–09:00"]


def test_what_stood_there_before_is_shown_as_it_is_kept() -> None:
    old = what_changed(entry("channel.settings", "C1X", "tz=`UTC`", "[1]"), "en", RULES)
    assert old == ["`tz=ʹUTCʹ` → `[1]`"]
    odd = what_changed(entry("channel.settings", "C1X", "", '{"remind_every": "x"}'), "en", RULES)
    assert odd == ['`{"remind_every": "x"}`']
    assert did(entry("plan.lost", "OW-1"), "en") == "`plan.lost` OW-1"


@pytest.mark.parametrize(
    ("action", "subject", "said"),
    [
        ("gpu.taken", "runpod:pod-1:2 ow-12-ada", "took `ow-12-ada` · `pod-1` at RunPod"),
        ("gpu.taken", "aws:i-0123:1", "took `i-0123` at AWS"),
        ("gpu.taken", "manual:gpu_add:V1:1 bench-1", "took `bench-1`"),
        ("digest.csv", "digest:T1:C0MLLAB0001:2026-W45", "<#C0MLLAB0001>, week 2026-W45"),
        ("digest.csv", "digest:T1:2026-W45:U1", "the workspace, week 2026-W45"),
        ("evidence.waived", "OW-12 gpu_plan", "OW-12 · GPU plan"),
        ("rights.refused", GRACE, "was refused, for lack of rights: owroute"),
        ("rights.refused", "T0TEAM", "the workspace"),
        ("channel.settings", "D0ADA", "a direct message"),
        ("plan.started", "<!here>", "started &lt;!here&gt;"),
    ],
)
def test_things_go_by_their_names(action: str, subject: str, said: str) -> None:
    assert said in did(entry(action, subject), "en")


@pytest.mark.parametrize(
    ("action", "before", "after", "said"),
    [
        ("plan.decided", "", "needs_changes", ["Needs changes"]),
        ("plan.concluded", "keep", "lora", ["Keep → LoRA"]),
        ("plan.owner_changed", ADA, LIN, [f"<@{ADA}> → <@{LIN}>"]),
        ("evidence.assigned", ADA, LIN, [f"<@{ADA}> → <@{LIN}>"]),
        ("evidence.assigned", "missing", "missing", []),
        ("gpu.disowned", ADA, "not ours", [f"<@{ADA}> → not ours"]),
        ("gpu.priced", "", "0.000001 declared", ["0.000001 USD an hour"]),
        ("gpu.priced", "0.69 provider", "", ["0.69 USD an hour → –"]),
        ("digest.paused", "on", "paused", ["In weeks in which something happened → Paused"]),
        (
            "digest.paused",
            "on",
            "is_archived",
            ["In weeks in which something happened → `is_archived`"],
        ),
        ("record.exported", "", "5f3a", []),
        ("gpu.stop", "running", "", []),
        ("gpu.snoozed", "", "not a time", ["`not a time`"]),
    ],
)
def test_from_what_to_what(action: str, before: str, after: str, said: list[str]) -> None:
    assert what_changed(entry(action, "OW-1", before, after), "en", RULES) == said


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("locked", "not possible: it is locked at the provider"),
        ("forbidden", "not possible: owroute's key is read-only"),
        ("cluster", "not possible: only its whole cluster can be ended"),
        ("moved", "its stop goes on under another entry of the same machine"),
        ("reported", "reported off, not proven"),
        ("proven", "the provider shows that it is off"),
    ],
)
def test_the_end_of_a_stop_claims_no_more_than_came_of_it(after: str, said: str) -> None:
    line = entry("gpu.end_finished", "runpod:pod-1:1", "", after)
    assert did(line, "en") == "no longer tries to stop `pod-1` at RunPod"
    assert did(line, "zh_CN").startswith("不再尝试停止")
    assert what_changed(line, "en", RULES) == [said]


def test_a_long_page_ends_early_and_goes_on_behind_its_button() -> None:
    entries = [replace(entry("plan.lost", after="y" * 400), id=n) for n in range(PAGE, 0, -1)]
    wide = [replace(x, before="z" * 400, subject="s" * 60) for x in entries]
    for page, more in ((entries, False), (wide, False)):
        shown = audit_page(page * 3, "en", RULES, more=more).blocks
        sections = [b for b in shown if b["type"] == "section"]
        assert sum(len(b["text"]["text"]) for b in sections) < 7000
        assert any(b["type"] == "actions" for b in shown)
