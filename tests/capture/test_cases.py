"""Tables of cases as people save them, and how each is judged."""

import os
import pty
import subprocess
import sys

import pytest

from sandbox.openai_server import Served
from tests.capture.machine import SCRIPT, TABLE, Machine, lines

SAID = "Say “hi”, twice\nplease"
EXCEL = (
    "\ufeffCase ID;Prompt;Expected;Result;Note\r\n"
    'c1;"Say “hi”, twice\nplease";HI;;"a ""quoted"" one"\r\n'
    ";;;;\r\n"
    "c2;Say 2;nothing;passed;\r\n"
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("semicolons.csv", EXCEL.encode()),
        ("commas.csv", EXCEL.replace(";", ",").replace("hi”,", "hi”;").encode()),
        ("tabs.txt", EXCEL.replace(";", "\t").removeprefix("\ufeff").encode("utf-16")),
    ],
)
def test_tables_of_a_spreadsheet(machine: Machine, endpoint: str, name: str, text: bytes) -> None:
    machine.write(name, text)
    ran = machine.run("OW-12", "--endpoint", endpoint, "--cases", name)
    assert ran.capture.cases is not None
    first, second = ran.capture.cases.rows
    assert (first["case_id"], second["case_id"]) == ("c1", "c2")
    assert "twice\nplease" in str(first.get("prompt"))
    assert first.get("note") == 'a "quoted" one'
    assert (first["pass"], second["pass"]) == (True, True)
    assert "2 cases" in ran.err


def test_json_lines(machine: Machine, endpoint: str) -> None:
    rows = [{"case id": n, "prompt": f"Say {n}", "expected": str(n)} for n in range(1, 5)]
    rows.append({"case_id": "five", "prompt": "Say\u2028this", "result": False})
    machine.write("cases.jsonl", lines(*rows))
    ran = machine.run("OW-12", "--endpoint", endpoint, "--cases", "cases.jsonl")
    assert ran.capture.cases is not None
    assert [row["case_id"] for row in ran.capture.cases.rows] == ["1", "2", "3", "4", "five"]
    assert [row["pass"] for row in ran.capture.cases.rows] == [True] * 4 + [False]
    assert ran.err == ""


@pytest.mark.parametrize(
    ("result", "expected", "verdict"),
    [
        ("pass", "nowhere", True), ("Passed", "", True), ("OK", "", True), ("yes", "", True),
        ("TRUE", "", True), ("1", "", True), ("通过", "", True),
        ("fail", "say", False), ("Failed", "", False), ("no", "", False), ("0", "", False),
        ("不通过", "", False), ("", "SAY this", True), ("", "nowhere", False), ("", "", None),
        ("perhaps", "", None),
    ],
)  # fmt: skip
def test_how_a_case_is_judged(
    machine: Machine, endpoint: str, result: str, expected: str, *, verdict: bool | None
) -> None:
    machine.write("c.csv", f"case_id,prompt,expected,result\na,Say this,{expected},{result}\n")
    found = machine.run("OW-12", "--endpoint", endpoint, "--cases", "c.csv").capture
    assert found.cases is not None
    assert found.cases.rows[0]["pass"] is verdict
    assert (found.cases.passed, found.cases.failed, found.cases.unjudged) == (
        int(verdict is True), int(verdict is False), int(verdict is None)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("case_id,prompt\nc1,a\nc2,b\nc1,c\nc3,d\nc3,e\n", "['c1', 'c3']"),
        ("case_id,prompt\nc1,a\n,b\n", "['']"),
        ("prompt,expected\na,b\n", "case_id"),
        ("", "case_id"),
        ("case_id,prompt\n", "case_id"),
        ('{"case_id": 1}\n{broken\n', "Expecting"),
        ('{"case_id": 1}\n[1]\n', "sequence"),
    ],
)
def test_a_table_that_cannot_be_used(machine: Machine, text: str, said: str) -> None:
    machine.write("c.csv", text)
    ran = machine.run("OW-12", "--command", "cat", "--cases", "c.csv")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err.rpartition("error:")[2]
    assert "Traceback" not in ran.err


def test_a_table_in_another_encoding_is_refused(machine: Machine) -> None:
    machine.write("c.csv", "case_id,prompt\nc1,gr\u00fc\u00dfe\n".encode("latin-1"))
    ran = machine.run("OW-12", "--command", "cat", "--cases", "c.csv")
    assert ran.code == 2
    assert "utf-8" in ran.err


def test_a_case_without_an_answer_is_unjudged_and_said(
    machine: Machine, served: Served, endpoint: str
) -> None:
    machine.write("cases.csv", TABLE)
    asked = iter(range(100))
    chat = "/v1/chat/completions"
    served.reply = lambda path: (500, {}, "") if path == chat and next(asked) == 3 else None
    ran = machine.run("OW-12", "--endpoint", endpoint, "--cases", "cases.csv")
    assert ran.code == 1
    assert "c3: " in ran.err
    assert ran.pasted.cases is not None
    assert [row["pass"] for row in ran.pasted.cases.rows] == [True, True, None, True, True]
    assert "seconds" not in ran.pasted.cases.rows[2]


def test_after_three_lost_answers_no_more_is_asked(
    machine: Machine, served: Served, endpoint: str
) -> None:
    machine.write("c.csv", "case_id,prompt\n" + "".join(f"c{n},Say {n}\n" for n in range(50)))
    chat = "/v1/chat/completions"
    asked = iter(range(100))
    served.reply = lambda path: (500, {}, "") if path == chat and next(asked) > 0 else None
    ran = machine.run("OW-12", "--endpoint", endpoint, "--cases", "c.csv")
    assert (ran.code, next(asked)) == (1, 4)
    assert ran.pasted.cases is not None
    assert ran.pasted.cases.unjudged == 50


def test_a_large_table_is_counted_and_its_failures_are_listed(machine: Machine) -> None:
    rows = "".join(
        f"case-{n},,long text that is not asked,{'fail' if n % 1000 == 999 else 'pass'}\n"
        for n in range(10_000)
    )
    machine.write("c.csv", "case_id,prompt,note,result\n" + rows)
    ran = machine.run("OW-12", "--command", "cat", "--cases", "c.csv", "--prompt", "Hello")
    cases = ran.capture.cases
    assert cases is not None
    assert (cases.total, cases.passed, cases.failed, cases.unjudged) == (10_000, 9_990, 10, 0)
    assert [row["pass"] for row in cases.rows[:11]] == [False] * 10 + [True]
    assert len(ran.out) > 2_800


def test_a_person_at_a_terminal_is_asked(machine: Machine) -> None:
    machine.write("c.csv", "case_id,prompt\na,first\nb,second\nc,third\n")
    ours, theirs = pty.openpty()
    os.write(ours, b"p\nf\n\n")
    done = subprocess.run(
        [sys.executable, "-S", str(SCRIPT), "OW-12", "--command", "cat", "--cases", "c.csv"],
        cwd=machine.home, stdin=theirs, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert b"Passed? p or f" in done.stderr
    assert b'"passed":1,"failed":1,"unjudged":1' in done.stdout
