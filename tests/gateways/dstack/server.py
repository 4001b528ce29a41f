"""A real dstack server, and what a team and its backends would have written into it.

One server serves the whole run, whichever test process asks first; each test has a user of its own,
who sees nobody else's projects. Background work is off: nothing begins or ends by itself.
"""

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bot.clock import SystemClock
from owroute.demo.stage import free_port
from tests.harness.run import run_folder

ROOT = Path(__file__).parents[3]
DSTACK = ROOT / ".venv-dstack" / "bin" / "dstack"
TOKEN = "testtoken"
UP_SECONDS = 240
RTX4090 = {"vendor": "nvidia", "name": "RTX4090", "memory_mib": 24576}


@dataclass(frozen=True)
class Server:
    """Where it listens, and its database."""

    url: str
    database: Path

    def user(self) -> "Team":
        """Somebody new with a project of their own."""
        name = f"u{secrets.token_hex(4)}"
        with self.client(TOKEN) as admin:
            said(admin.post("/api/users/create", json={"username": name, "global_role": "user"}))
            found = said(admin.post("/api/users/get_user", json={"username": name}))
        team = Team(self, name, f"{name}-project", found["creds"]["token"])
        with self.client(team.token) as own:
            said(own.post("/api/projects/create", json={"project_name": team.project}))
        return team

    def client(self, token: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


@dataclass(frozen=True)
class Team:
    """A user of the server, who submits runs; the database does what backends would do."""

    server: Server
    name: str
    project: str
    token: str

    def submit(self, run: str = "llama-eval", **configuration: Any) -> str:
        """A task that wants a GPU; gives the run's id."""
        task = {
            "type": "task",
            "name": run,
            "commands": ["sleep 100"],
            "resources": {"gpu": "24GB"},
            "env": {"HF_TOKEN": "must-never-be-stored"},
            **configuration,
        }
        spec = {"run_name": run, "ssh_key_pub": "ssh-rsa AAAA test", "configuration": task}
        plan = {"plan": {"run_spec": spec}, "force": True}
        with self.server.client(self.token) as own:
            return str(said(own.post(f"/api/project/{self.project}/runs/apply", json=plan))["id"])

    def runs(
        self, run: str, *, pod: str = "pod_run1", ago: timedelta = timedelta(hours=3), **more: Any
    ) -> None:
        """Every job of the run has a machine and runs since then; `more` is about the machine."""
        at = _ago(ago)
        self.write("update runs set status='RUNNING', submitted_at=? where id=?", at, _hex(run))
        for number, (job,) in enumerate(self.read("select id from jobs where run_id=?", _hex(run))):
            machine = provisioned(f"{pod}{number or ''}", **more)
            self.write(
                "update jobs set status='RUNNING', submitted_at=?, job_provisioning_data=?"
                " where id=?",
                at, json.dumps(machine), job,
            )  # fmt: skip

    def has(self, run: str, status: str) -> None:
        """The run and its jobs are in this status, in capitals."""
        self.write("update runs set status=? where id=?", status, _hex(run))
        self.write("update jobs set status=? where run_id=?", status, _hex(run))

    def retried(self, run: str, *, pod: str, ago: timedelta) -> None:
        """The run's job was lost and is tried again on another machine."""
        [job] = self.read("select * from jobs where run_id=?", _hex(run))
        names = [row[1] for row in self.read("pragma table_info(jobs)")]
        again = {
            **dict(zip(names, job, strict=True)),
            "id": uuid4().hex,
            "submission_num": 1,
            "submitted_at": _ago(ago),
            "job_provisioning_data": json.dumps(provisioned(pod)),
        }
        self.write("update jobs set status='FAILED' where run_id=?", _hex(run))
        marks = ", ".join("?" * len(names))
        self.write(f"insert into jobs ({', '.join(names)}) values ({marks})", *again.values())  # noqa: S608  # names of dstack's own columns

    def busy(self, run: str, percent: int, gib: int, *, ago: timedelta = timedelta(0)) -> None:
        """A sample of the run's GPU."""
        [[job]] = self.read("select id from jobs where run_id=?", _hex(run))
        at = int((SystemClock().now() - ago).timestamp() * 10**6)
        for moment in (at - 10**7, at):
            self.write(
                "insert into job_metrics_points values (?, ?, ?, 0, 0, 0, ?, ?)",
                uuid4().hex, job, moment, json.dumps([gib * 2**30]), json.dumps([percent]),
            )  # fmt: skip

    def idles(self, fleet: str, *, hostname: str = "203.0.113.5", **more: Any) -> str:
        """A fleet of one machine that waits for a job; gives the machine's id."""
        spec = {"configuration": {"type": "fleet", "name": fleet, "nodes": 1}, "profile": {}}
        plan = {"plan": {"spec": spec}, "force": True}
        with self.server.client(self.token) as own:
            path = f"/api/project/{self.project}/fleets/apply"
            made = said(own.post(path, json=plan))
        machine = provisioned("pod_idle", hostname=hostname, **more)
        offer = {
            "backend": machine["backend"],
            "instance": machine["instance_type"],
            "region": machine["region"],
            "price": machine["price"],
            "availability": "idle",
        }
        self.write(
            "update instances set status='IDLE', backend=upper(?), region=?, price=?, offer=?,"
            " job_provisioning_data=? where id=?",
            machine["backend"], machine["region"], machine["price"], json.dumps(offer),
            json.dumps(machine), _hex(made["instances"][0]["id"]),
        )  # fmt: skip
        return str(made["instances"][0]["id"])

    def machine(self, row: str, status: str, *, jobs: int = 0, why: str | None = None) -> None:
        """A fleet's machine is in this status, in capitals; `why` it is given back."""
        self.write(
            "update instances set status=?, busy_blocks=?, termination_reason=?, deleted=?"
            " where id=?",
            status, jobs, why, status == "TERMINATED", _hex(row),
        )  # fmt: skip

    def write(self, statement: str, *values: Any) -> None:
        with closing(sqlite3.connect(self.server.database, timeout=60)) as database, database:
            database.execute(statement, values)

    def read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.server.database, timeout=60)) as database:
            return database.execute(statement, values).fetchall()


def provisioned(pod: str, **more: Any) -> Mapping[str, Any]:
    """What dstack keeps of a machine that a backend has made."""
    gpus = more.pop("gpus", [RTX4090])
    resources = {
        "cpus": 8,
        "memory_mib": 32768,
        "gpus": gpus,
        "spot": False,
        "disk": {"size_mib": 102400},
        "description": "",
    }
    return {
        "backend": "runpod",
        "instance_type": {"name": "NVIDIA GeForce RTX 4090", "resources": resources},
        "instance_id": pod,
        "hostname": "203.0.113.5",
        "region": "US-KS-2",
        "price": 0.69,
        "username": "root",
        "ssh_port": 22,
        "dockerized": True,
        **more,
    }


def shared_server() -> Server:
    """The server of this run, started by whoever comes first and ended with the run."""
    if not DSTACK.exists():
        reason = "dstack's server is not installed: make .venv-dstack/.made"
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    home = run_folder() / "dstack"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        known = home / "url"
        if not known.exists():
            known.write_text(_started(home), "utf-8")
        return Server(known.read_text("utf-8"), home / ".dstack/server/data/sqlite.db")


def _started(home: Path) -> str:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "DSTACK_SERVER_ADMIN_TOKEN": TOKEN,
        "DSTACK_SERVER_BACKGROUND_PROCESSING_DISABLED": "1",
        "DO_NOT_TRACK": "1",
    }
    command = [str(DSTACK), "server", "--host", "127.0.0.1", "--port", str(port), "-y"]
    with (home / "log").open("wb") as log:
        out = [(os.POSIX_SPAWN_DUP2, log.fileno(), there) for there in (1, 2)]
        process = os.posix_spawn(DSTACK, command, environ, file_actions=out)
    (run_folder() / f"{process}.pid").touch()
    for _ in range(UP_SECONDS * 4):
        try:
            if httpx.get(f"{url}/healthcheck").is_success:
                return url
        except httpx.TransportError:
            ended, _ = os.waitpid(process, os.WNOHANG)
            assert not ended, (home / "log").read_text("utf-8")
        time.sleep(0.25)
    raise AssertionError(f"dstack did not answer within {UP_SECONDS} s")


def said(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def _ago(time: timedelta) -> str:
    return f"{SystemClock().now() - time:%Y-%m-%d %H:%M:%S.%f}"


def _hex(uuid: str) -> str:
    """As its database writes it."""
    return uuid.replace("-", "")
