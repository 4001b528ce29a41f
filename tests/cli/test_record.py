"""`owroute record`: records out of the bot's database without Slack, and checked."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import Conclusion, Draft
from bot.domain.record import record_of, to_json
from storage.database import SqlStore, make_engine, migrate
from tests.cards.made import PLAIN, RENTED, STOPPED, decision, planned
from tests.cards.recording import toy
from tests.cli.command import ran, typed
from tests.domain.recorded import ADA, AT, given
from tests.forms.filling import card

TEAM, OTHER, PLACE = TeamId("T0TEAM"), TeamId("T0OTHER"), ChannelId("C0LAB")
DATA = "owroute-data"


async def kept(home: Path, *, teams: tuple[TeamId, ...] = (TEAM,), count: int = 2) -> None:
    """A database as the bot leaves it: some experiments, the first with all its evidence."""
    folder = home / DATA
    folder.mkdir(exist_ok=True)
    url = f"sqlite+aiosqlite:///{folder / 'owroute.db'}"
    await migrate(url)
    store = SqlStore(make_engine(url))
    try:
        for team in teams:
            for number in range(count):
                await _one(store, team, number)
    finally:
        await store.close()


async def _one(store: SqlStore, team: TeamId, number: int) -> ExperimentId:
    of = card(**PLAIN)
    draft = Draft(team, PLACE, UserId("U0ADA"), of, UserId("U0ADA"), f"view-{team}-{number}")
    async with store() as uow:
        x = (await uow.plans.add(draft, AT)).decided(decision(of), at=AT)
        assert await uow.plans.save(x)
        items, entries = given(x)
        if number == 0:
            for entry in entries:
                await uow.evidence.note(x.id, entry)
            await uow.evidence.replace(x.id, items)
            later = AT + timedelta(hours=1)
            assert await uow.plans.save(x.concluded(Conclusion.KEEP, by=ADA, at=later))
        await uow.commit()
    return x.id


@pytest.fixture
def home(tmp_path: Path) -> Path:
    asyncio.run(kept(tmp_path))
    return tmp_path


@pytest.mark.parametrize("label", ["OW-1", "ow-1", "1"])
def test_a_record_is_printed_as_markdown_and_as_json(home: Path, label: str) -> None:
    page, data = typed("record", label), typed("record", "show", label, "--json")
    assert (page.exit_code, data.exit_code) == (0, 0)
    assert page.stdout.startswith("# OW-1: experiment record\n")
    assert json.loads(data.stdout)["experiment"] == "OW-1"
    assert data.stdout == typed("record", "--json", label).stdout
    (home / "one.json").write_text(data.stdout)
    checked = typed("record", "validate", "one.json")
    assert (checked.exit_code, checked.stdout) == (0, "The record is complete.\n")


def test_reading_changes_nothing_and_needs_no_slack(home: Path) -> None:
    before = (home / DATA / "owroute.db").read_bytes()
    said = ran("record", "OW-1", cwd=home)
    assert said.returncode == 0, said.stderr
    assert (home / DATA / "owroute.db").read_bytes() == before


def test_all_records_of_a_channel_go_into_a_folder_and_stay_as_they_are(home: Path) -> None:
    first = typed("record", "--channel", PLACE, "--out", "records")
    assert (first.exit_code, first.stdout) == (0, "4 files written, 0 left as they were.\n")
    names = ["OW-1.json", "OW-1.md", "OW-2.json", "OW-2.md"]
    assert sorted(p.name for p in (home / "records").iterdir()) == names
    (home / "records" / "OW-2.md").write_text("changed by hand")
    dates = {p.name: p.stat().st_mtime_ns for p in (home / "records").iterdir()}
    again = typed("record", "--channel", PLACE, "--out", "records")
    assert again.stdout == "1 file written, 3 left as it was.\n"
    moved = {p.name for p in (home / "records").iterdir() if p.stat().st_mtime_ns != dates[p.name]}
    assert moved == {"OW-2.md"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "Which record?"),
        (("OW-1", "--channel", "C1"), 2, "Which record?"),
        (("--channel", "C1"), 2, "Which record?"),
        (("OW-1", "--out", "x"), 2, "Which record?"),
        (("the-record",), 2, "the-record is no experiment"),
        (("OW-99",), 1, "There is no experiment OW-99"),
        (("--channel", "C0NONE", "--out", "x"), 1, "no experiment of channel C0NONE"),
        (("--channel", PLACE, "--out", "owroute-data/owroute.db"), 1, "cannot be written"),
    ],
)
def test_what_cannot_be_shown_is_said(
    home: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    found = typed("record", *arguments)
    assert found.exit_code == code
    assert said in found.stderr
    assert not found.stdout
    assert not (home / "x").exists()


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    found = typed("record", "OW-1")
    assert found.exit_code == 1
    assert "There is no database" in found.stderr
    assert not (tmp_path / DATA).exists()


def test_an_older_schema_or_another_file_is_said(tmp_path: Path) -> None:
    (tmp_path / DATA).mkdir()
    (tmp_path / DATA / "owroute.db").write_bytes(b"no database at all" * 100)
    found = typed("record", "OW-1")
    assert found.exit_code == 1
    assert "The database cannot be read" in found.stderr


def test_a_number_of_several_workspaces_needs_one_of_them(tmp_path: Path) -> None:
    asyncio.run(kept(tmp_path, teams=(TEAM, OTHER), count=1))
    found = typed("record", "OW-1")
    assert found.exit_code == 2
    assert "Add --team with one of T0OTHER, T0TEAM" in found.stderr
    assert typed("record", "OW-1", "--team", OTHER).exit_code == 0


def test_it_speaks_chinese(home: Path) -> None:
    assert "没有实验 OW-99" in typed("record", "OW-99", lang="zh_CN").stderr
    assert "记录完整" in typed("record", "validate", "-", lang="zh_CN", given=whole()).stdout


def whole(**changed: Any) -> str:
    """The JSON of a complete record with some fields otherwise."""
    x = planned(RENTED | STOPPED)
    items, entries = given(x)
    done = x.concluded(Conclusion.KEEP, by=ADA, at=AT)
    made = json.loads(to_json(record_of(done, items, entries)))
    return json.dumps({**made, **changed})


def nine(**changed: Any) -> str:
    """The nine fields alone."""
    names = (
        "model_name", "license_note", "route", "runtime", "first_run", "eval", "resource_note",
        "shutdown", "decision",
    )  # fmt: skip
    made = json.loads(whole())
    return json.dumps({**{name: made[name] for name in names}, **changed})


CASES = [{"case_id": str(n), "pass": True} for n in range(5)]


@pytest.mark.parametrize("made", [whole, nine])
def test_a_complete_record_is_valid(made: Any) -> None:
    found = typed("record", "validate", "-", given=made())
    assert (found.exit_code, found.stdout) == (0, "The record is complete.\n")


@pytest.mark.parametrize("made", [whole, nine])
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model_name": "Qwen/Qwen3-8B@main"}, "model_name: Write the model as owner/name@rev"),
        ({"model_name": None}, "model_name: Write the model as owner/name@revision, with"),
        ({"license_note": ""}, "license_note: Write the licence"),
        ({"route": "the cloud"}, "route: The route is one of"),
        ({"runtime": {"command": "x"}}, "runtime: Give the runtime as an object"),
        ({"first_run": {}}, "first_run: Write an object with prompt"),
        ({"eval": CASES[:4]}, "eval: Record at least five cases"),
        ({"eval": [*CASES[:4], CASES[0]]}, "eval: Give every case an id of its own"),
        ({"resource_note": {"memory": "much"}}, "resource_note: The resource note needs"),
        ({"shutdown": None}, "shutdown: Write the command"),
        ({"decision": "perhaps"}, "decision: The decision is one of"),
        ({"decision": "lora", "eval": CASES}, "decision: LoRA can be decided only"),
        ({"mood": "good"}, "mood: Remove it"),
    ],
)
def test_each_defect_is_named_with_its_field(
    made: Any, changed: Mapping[str, Any], said: str
) -> None:
    found = typed("record", "validate", "-", given=made(**changed))
    assert found.exit_code == 1
    defects = found.stdout.splitlines()
    assert [line for line in defects if line.startswith(said)], defects
    assert defects[-1] == "1 defect.", defects


def waived(**changed: Any) -> str:
    """The JSON of a record whose evidence was waived where it feeds the nine fields."""
    made = json.loads(to_json(toy("en")[1]))
    return json.dumps({**made, **changed})


def test_a_waived_field_is_named_and_no_defect() -> None:
    found = typed("record", "validate", "-", given=waived())
    assert found.exit_code == 0, found.stdout
    assert "model_name: waived (a <toy>)\n" in found.stdout
    assert found.stdout.endswith("The record is complete but for what was waived.\n")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"evidence": []}, "waived.model_name: No evidence item of this field is waived"),
        ({"waived": {}}, "model_name: Write the model as owner/name@revision"),
        ({"waived": {"route": "x"}}, "waived.route: No evidence item of this field is waived"),
        ({"waived": {"model_name": ""}}, "waived.model_name: No evidence item"),
        ({"waived": 5}, "waived: Write it as"),
        ({"route": None}, "route: Write local_cpu"),
    ],
)
def test_only_what_an_item_bears_out_is_waived(changed: Mapping[str, Any], said: str) -> None:
    found = typed("record", "validate", "-", given=waived(**changed))
    assert found.exit_code == 1
    assert said in found.stdout


def test_what_is_missing_beside_the_nine_fields_is_told() -> None:
    found = typed("record", "validate", "-", given=whole(missing=["stop_proof"]))
    assert found.exit_code == 0
    assert "still misses stop_proof" in found.stdout


@pytest.mark.parametrize(
    ("given_", "code", "said"),
    [
        ("", 2, "is not JSON"),
        ("{", 2, "is not JSON (line 1)"),
        ("{\n\n]", 2, "is not JSON (line 3)"),
        ("[" * 100_000, 2, "is not JSON"),
        ('{"eval": NaN}', 2, "is not JSON"),
        ('{"route": "\\ud800"}', 2, "is not JSON"),
        ("[]", 2, "is not a JSON object"),
        ("null", 2, "is not a JSON object"),
        (b"\xff\xfe", 2, "is not JSON"),
        ("{}", 1, "9 defects."),
        ('{"schema_version": "2"}', 1, "schema_version: This owroute reads records of format 1"),
        ('{"experiment": 5, "schema_version": "1"}', 1, "experiment: Write it as"),
        ('{"schema_version": "1", "missing": 5, "evidence": [{}]}', 1, "evidence.0.item: Write"),
    ],
)
def test_what_is_no_record_is_said(given_: str | bytes, code: int, said: str) -> None:
    found = typed("record", "validate", "-", given=given_)
    assert found.exit_code == code
    assert said in found.output
    assert "Traceback" not in found.output


def test_a_file_that_is_not_there() -> None:
    found = typed("record", "validate", "none.json")
    assert found.exit_code == 2
    assert "none.json cannot be read: No such file" in found.stderr


def test_help_names_both() -> None:
    said = typed("record", "--help").stdout
    assert "show" in said
    assert "validate" in said
    assert "--channel" in typed("record", "show", "--help").stdout
