"""Commands of a team: whatever they start answers on the machine itself, and nowhere else."""

from pathlib import Path

import pytest

from tests.engine.overlays import FIRST, RUNTIMES, refused, with_overlay


def runtime(name: str, field: str) -> str:
    return f"runtimes:\n  - id: {name}\n    {field}\n"


def provider(field: str) -> str:
    return f"providers:\n  - id: runpod\n    {field}\n"


NEW = """\
runtimes:
  - id: ours
    name: Ours
    version: "1"
    serves: {serves}
    memory: {{chunk_tokens: 512, share: "1", overhead_mib: 0, window: honoured, split: layers, calibrated: false}}
    schemes: [{{scheme: BF16}}]
    before: []
    start: {start}
    env: {env}
    bind: {bind}
    stop: [pkill, -x, ours]
    verify: {{en: it is gone, zh: 已结束}}
    stop_note: {{en: Ctrl+C, zh: 按 Ctrl+C}}
    version_command: ours --version
    health_check: ""
    first_request: ""
    choose_for: {{en: ours, zh: 我们的}}
    source: ours
"""  # noqa: E501  # one line of YAML


def ours(start: str, *, env: str = "{}", serves: str = "true", bind: str = "''") -> str:
    return NEW.format(start=start, env=env, serves=serves, bind=bind)


OPEN = [
    (runtime("vllm", "start: [ow-vllm/bin/vllm, serve, '{repo}']"), FIRST + 2),
    (runtime("vllm", "start: [ow-vllm/bin/vllm, serve, '{repo}', --port, '8000']"), FIRST + 2),
    (runtime("vllm", "start: [vllm, serve, '{repo}', --host, '0']"), FIRST + 2),
    (runtime("vllm", "start: [vllm, serve, '{repo}', --host, '0.0']"), FIRST + 2),
    (runtime("vllm", "start: [vllm, serve, '{repo}', --host=10.0.0.5]"), FIRST + 2),
    (runtime("vllm", "start: [vllm, serve, '{repo}', --host, '{host}']"), FIRST + 2),
    (runtime("vllm", "start: [vllm, serve, '{repo}', --host]"), FIRST + 2),
    (runtime("vllm", "start: [vllm, serve, x, --host, 127.0.0.1, --host, '0']"), FIRST + 2),
    (runtime("vllm", "start: [vllm, serve, x, --host, 127.0.0.1, --hos, '0']"), FIRST + 2),
    (runtime("vllm", "start: [sh, -c, 'vllm serve x --host \"0\"']"), FIRST + 2),
    (runtime("vllm", "start: [sh, -c, 'H=--host; vllm serve x $H 0']"), FIRST + 2),
    (runtime("vllm", "bind: 10.0.0.5:8000"), FIRST + 2),
    (runtime("vllm", "bind: :8000"), FIRST + 2),
    (runtime("vllm", "bind: '127.0.0.1:'"), FIRST + 2),
    (runtime("vllm", "bind: '0:8000'"), FIRST + 2),
    (runtime("sglang", "start: [python, -m, sglang.launch_server, --model-path, x]"), FIRST + 2),
    (runtime("llama_cpp", "start: [llama-server, -m, x]"), FIRST + 2),
    (runtime("ollama", "env: {}"), FIRST + 2),
    (runtime("ollama", "env: {OLLAMA_HOST: ':11434'}"), FIRST + 2),
    (runtime("ollama", "env: {OLLAMA_HOST: '0'}"), FIRST + 2),
    (runtime("ollama", "start: [env, OLLAMA_HOST=0, ollama, serve]"), FIRST + 2),
    (ours("[serve-it]"), FIRST + 8),
    (ours("[serve-it, --listen]"), FIRST + 8),
    (ours("[vllm, serve, x]", serves="false"), FIRST + 8),
    (ours("[serve-it, --bind, '*']", serves="false"), FIRST + 8),
    (ours("[serve-it, --host, localhost]", env="{BIND_ADDR: '10.1.1.1'}"), FIRST + 9),
    (ours("[serve-it, --host, localhost]", bind="10.1.1.1:80"), FIRST + 10),
    (provider("connect: [ssh, -g, -L, '{tunnel}', 'root@{host}']"), FIRST + 2),
    (provider("connect: [ssh, -fNg, -L, '{tunnel}', 'root@{host}']"), FIRST + 2),
    (provider("connect: [ssh, -o, GatewayPorts=yes, -L, '{tunnel}', 'root@{host}']"), FIRST + 2),
    (provider("connect: [ssh, -L, '*:8000:127.0.0.1:8000', 'root@{host}']"), FIRST + 2),
    (provider("connect: [ssh, -L, ':8000:127.0.0.1:8000', 'root@{host}']"), FIRST + 2),
    (provider("connect: [ssh, '-L0:8000:127.0.0.1:8000', 'root@{host}']"), FIRST + 2),
    (provider("connect: [ssh, -L, '[::]:8000:127.0.0.1:8000', 'root@{host}']"), FIRST + 2),
    (provider("connect: [ssh, -R, '0.0.0.0:80:127.0.0.1:80', 'root@{host}']"), FIRST + 2),
    (provider("rent:\n      - {kind: rent, argv: [serve, --host, '0']}"), FIRST + 3),
    (provider("rent:\n      - {kind: rent, argv: [ssh, -g, x]}"), FIRST + 3),
    (provider("rent:\n      - {kind: rent, argv: [fw, --cidr, '::/0']}"), FIRST + 3),
    (provider("rent:\n      - {kind: rent, argv: [sh, -c, 'fw *:8000']}"), FIRST + 3),
]


@pytest.mark.parametrize(("text", "line"), OPEN)
def test_a_command_that_could_listen_on_a_network_is_refused(
    tmp_path: Path, text: str, line: int
) -> None:
    problems = refused(with_overlay(tmp_path, {RUNTIMES: text}))
    assert problems[0].startswith(f"{RUNTIMES}:{line}: "), problems
    assert "127.0.0.1" in problems[0]


CLOSED = [
    runtime("vllm", "start: [ow-vllm/bin/vllm, serve, '{repo}', --host, 127.0.0.1]"),
    runtime("vllm", "start: [ow-vllm/bin/vllm, serve, '{repo}', --host=localhost]"),
    runtime("vllm", "start: [sh, -c, 'exec vllm serve \"$1\" --host \"127.0.0.1\"', sh, '{repo}']"),
    runtime("vllm", "bind: localhost:9000"),
    runtime("ollama", "env: {OLLAMA_HOST: 'localhost:9000'}"),
    ours("[serve-it, --listen, 127.0.0.1]", bind="127.0.0.1:80"),
    ours("[serve-it]", env="{SERVE_HOST: 127.0.0.1}"),
    ours("[python3, ask.py]", serves="false"),
    provider("connect: [ssh, -i, key, -L, '{tunnel}', 'root@{host}']"),
    provider("connect: [ssh, -L, '127.0.0.1:9000:localhost:8000', 'root@{host}']"),
    provider("rent:\n      - {kind: rent, argv: [ours, --gpu, '{gpu}', --name, '{name}']}"),
]


@pytest.mark.parametrize("text", CLOSED)
def test_a_command_that_stays_on_the_machine_serves(tmp_path: Path, text: str) -> None:
    used = with_overlay(tmp_path, {RUNTIMES: text}).overlay
    assert used is not None
    assert used.problems == ()
