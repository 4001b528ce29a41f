"""Against a model behind an API, as people have it on their machines."""

import hashlib
import json
import socket
from pathlib import Path

import pytest

from sandbox.openai_server import EXPECTED, Served, serving, write_cases
from tests.capture.machine import HEX, SMI, TABLE, Machine

QWEN = "Qwen/Qwen3-4B"


def test_the_demos_five_cases(machine: Machine) -> None:
    write_cases(machine.home / "cases.csv")
    with serving(Served()) as address:
        ran = machine.run("OW-12", "--endpoint", address, "--cases", "cases.csv")
    found = ran.capture
    assert (found.experiment, found.private, found.model) == (
        "OW-12",
        False,
        "sandbox/answer-table",
    )
    assert found.endpoint == address
    assert found.first.output == "The capital of France is Paris."
    assert found.cases is not None
    counts = (found.cases.total, found.cases.passed, found.cases.failed, found.cases.unjudged)
    assert counts == (5, 4, 1, 0)
    assert [row.get("expected") for row in found.cases.rows] == list(EXPECTED)
    assert [row["pass"] for row in found.cases.rows] == [True, True, True, True, False]
    assert found.latency.p50 <= found.latency.p95
    assert ran.err == ""


@pytest.mark.parametrize("runtime", ["vllm", "ollama", "llama_cpp"])
def test_the_runtime_tells_its_version(machine: Machine, runtime: str) -> None:
    with serving(Served(model=QWEN, runtime=runtime)) as address:
        found = machine.run("OW-3", "--endpoint", address).capture
    assert found.runtime is not None
    assert found.runtime.name == runtime
    assert "sandbox" in (found.runtime.version or "")
    assert found.repo == QWEN


def test_a_name_that_is_not_known_is_left_out(machine: Machine, served: Served) -> None:
    served.model = "models/a.gguf"
    told: dict[str, tuple[int, dict[str, str], str]] = {
        "/version": (200, {}, '{"version": "3"}'),
        "/props": (404, {}, "{}"),
    }
    served.reply = told.get
    served.runtime = "llama_cpp"
    with serving(served) as address:
        found = machine.run("OW-3", "--endpoint", address).capture
    assert found.runtime is not None
    assert (found.runtime.name, found.runtime.version, found.repo) == (None, "3", None)


def test_a_server_that_answers_everything_gets_no_name(machine: Machine, served: Served) -> None:
    known = ("/v1/models", "/v1/chat/completions")
    served.reply = lambda path: None if path in known else (200, {}, '{"status": "ok"}')
    with serving(served) as address:
        found = machine.run("OW-3", "--endpoint", address).capture
    assert found.runtime is not None
    assert (found.runtime.name, found.runtime.version) == (None, None)


def test_memory_command_gpu_and_versions_are_read_here(machine: Machine, endpoint: str) -> None:
    machine.program("nvidia-smi", SMI)
    found = machine.run("OW-12", "--endpoint", endpoint, "--repo", QWEN).capture
    assert found.memory is not None
    assert found.environment is not None
    assert found.runtime is not None
    assert found.memory.gpu_mib == 14_300
    assert (found.memory.rss_mib or 0) > 10
    assert found.environment.gpu == "NVIDIA L4, NVIDIA L4"
    assert (found.environment.driver, found.environment.cuda) == ("550.54.15", "12.4")
    assert "python" in (found.runtime.command or "") or "pytest" in (found.runtime.command or "")


def test_the_exact_revision_and_the_size_come_from_the_cache(
    machine: Machine, endpoint: str
) -> None:
    folder = machine.cached(QWEN, refs={"main": HEX}, size=3 * 2**20)
    (folder / "blobs/again").symlink_to(folder / "blobs/weights")
    found = machine.run("OW-12", "--endpoint", endpoint, "--repo", QWEN).capture
    assert (found.repo, found.revision) == (QWEN, HEX)
    assert found.disk_gib == pytest.approx(3 / 1024, abs=0.001)


@pytest.mark.parametrize("variable", ["HF_HOME", "HF_HUB_CACHE"])
def test_the_caches_place_is_the_hubs_own(machine: Machine, endpoint: str, variable: str) -> None:
    folder = machine.cached(QWEN, refs={"main": HEX})
    hub = folder.parent.rename(machine.home / "hub")
    env = {variable: str(hub.parent if variable == "HF_HOME" else hub)}
    assert (
        machine.run("OW-1", "--endpoint", endpoint, "--repo", QWEN, **env).capture.revision == HEX
    )


@pytest.mark.parametrize(
    ("shots", "revision"), [((HEX,), HEX), ((HEX, "f" * 40), None), (("main",), None), ((), None)]
)
def test_a_revision_is_never_guessed(
    machine: Machine, endpoint: str, shots: tuple[str, ...], revision: str | None
) -> None:
    folder = machine.cached(QWEN, refs={})
    for shot in shots:
        (folder / "snapshots" / shot).mkdir(parents=True)
    found = machine.run("OW-12", "--endpoint", endpoint, "--repo", QWEN).capture
    assert found.revision == revision


def test_a_key_goes_to_the_endpoint_and_nowhere_else(
    machine: Machine, served: Served, endpoint: str
) -> None:
    served.key = "s3cret"
    refused = machine.run("OW-12", "--endpoint", endpoint)
    assert refused.code == 1
    assert "401" in refused.err
    ran = machine.run("OW-12", "--endpoint", endpoint, OWROUTE_ENDPOINT_KEY="s3cret\n")
    assert str(ran.capture.first.output).startswith("You said")
    assert "s3cret" not in ran.out + ran.err


def test_what_is_asked_can_be_repeated(machine: Machine, served: Served, endpoint: str) -> None:
    machine.run("OW-12", "--endpoint", endpoint, "--prompt", "Hello", "--model", served.model)
    [body] = [body for path, _, body in served.asked if path == "/v1/chat/completions"]
    assert body == {
        "model": served.model,
        "messages": [{"role": "user", "content": "Hello"}],
        "temperature": 0,
    }


def unused() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_nobody_listens(machine: Machine) -> None:
    ran = machine.run("OW-12", "--endpoint", f"http://127.0.0.1:{unused()}/v1")
    assert (ran.code, ran.out) == (1, "")
    assert "Connection refused" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, "<html>Sign in</html>", "gave no JSON"),
        (200, "[1, 2]", "gave no JSON"),
        (404, "<html>nothing</html>", "404"),
        (500, "{}", "500"),
        (200, '{"choices": []}', "gave no choices"),
        (200, '{"choices": [{"message": null}]}', "gave no choices"),
    ],
)
def test_an_answer_that_is_none(
    machine: Machine, served: Served, endpoint: str, status: int, body: str, said: str
) -> None:
    chat = "/v1/chat/completions"
    served.reply = lambda path: (status, {}, body) if path == chat else None
    ran = machine.run("OW-12", "--endpoint", endpoint)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_model_that_hangs(machine: Machine, served: Served, endpoint: str) -> None:
    served.delay = 2
    ran = machine.run("OW-12", "--endpoint", endpoint, "--timeout", "0.3")
    assert (ran.code, ran.out) == (1, "")
    assert "within 0.3 s: timed out" in ran.err


def test_no_redirect_is_followed_and_no_proxy_asked(
    machine: Machine, served: Served, endpoint: str
) -> None:
    with serving(Served()) as elsewhere:
        served.reply = lambda path: (302, {"Location": f"{elsewhere}/models"}, "")
        proxies = {name: elsewhere.removesuffix("/v1") for name in ("http_proxy", "ALL_PROXY")}
        ran = machine.run("OW-12", "--endpoint", endpoint, **proxies)
        assert ran.code == 1
        assert "302" in ran.err
    assert {path for path, _, _ in served.asked} == {"/v1/models"}


def test_another_machine_is_said_and_not_mistaken_for_this_one(
    machine: Machine, endpoint: str
) -> None:
    machine.program("nvidia-smi", SMI)
    machine.cached(QWEN, refs={"main": HEX}, size=2**20)
    machine.program("lsof", "#!/bin/sh\necho 4242\n")
    machine.program("ps", "#!/bin/sh\necho '4242 1 90000 /usr/bin/ssh -L 8000:gpu:8000'\n")
    ran = machine.run("OW-12", "--endpoint", endpoint, "--repo", QWEN)
    found = ran.capture
    assert "another machine" in ran.err
    assert (found.memory, found.environment, found.revision, found.disk_gib) == (None,) * 4


def test_memory_counts_the_servers_children(machine: Machine, endpoint: str) -> None:
    machine.program("lsof", "#!/bin/sh\necho 50\n")
    rows = "50 1 2048 ollama serve --api-key s3cret\n51 50 4096000 runner\n52 1 99999999 other"
    machine.program(
        "ps", f"#!/bin/sh\nprintf '{rows}\\n'\n".replace("\n51", "\\n51").replace("\n52", "\\n52")
    )
    ran = machine.run("OW-12", "--endpoint", endpoint)
    assert ran.capture.memory is not None
    assert ran.capture.memory.rss_mib == 4002
    assert ran.capture.runtime is not None
    assert ran.capture.runtime.command == "ollama serve --api-key ***"
    assert "s3cret" not in ran.out


def test_everything_goes_into_a_file_too(machine: Machine, endpoint: str) -> None:
    machine.write("cases.csv", TABLE)
    ran = machine.run("OW-12", "--endpoint", endpoint, "--cases", "cases.csv", "--out", "all.json")
    whole = json.loads((machine.home / "all.json").read_text("utf-8"))
    assert ran.capture.cases is not None
    assert [r["case_id"] for r in whole["cases"]["rows"]] == ["c1", "c2", "c3", "c4", "c5"]
    rows = json.dumps(whole["cases"]["rows"], separators=(",", ":"))
    assert whole["cases"]["sha256"] == hashlib.sha256(rows.encode()).hexdigest()
    assert whole["cases"]["sha256"] == ran.capture.cases.sha256
    assert Path(machine.home / "all.json").stat().st_size > 100
