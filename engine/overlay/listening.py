"""Where the commands of a team may be answered: on the machine itself, and nowhere else.

Nothing is taken to be safe: a runtime that serves says that it listens on the loopback address, in
the option in which the built-in one does, and every option that names an address names that one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from engine.overlay.findings import Defect, Steps
from engine.runtimes import Provider, Runtime, RuntimesFile

_HERE = r"(?:127\.0\.0\.1|localhost)"
_LOOPBACK = re.compile(rf"{_HERE}(?::[0-9]{{1,5}})?")
_BIND = re.compile(rf"{_HERE}:[0-9]{{1,5}}")

_OPTION = re.compile(r"--h(?:os?)?|--ip|--[a-z-]*(?:host|bind|listen|addr)[a-z-]*")
"""Options that say where to listen; argparse takes the beginning of one for the whole."""

_VARIABLE = re.compile(r"[A-Z_]*(?:HOST|BIND|LISTEN|ADDR)[A-Z_]*")
_SERVERS = re.compile(r"(?:.*/)?(?:vllm|llama-server|sglang)(?:\..*)?")
_BETWEEN = re.compile(r"[\s=;&|()\"'`]+")

_FORWARD = re.compile(r"-(?!o)[A-Za-z]*?[LRD](.*)")
_TUNNEL = re.compile(rf"(?:{_HERE}:)?(?:\{{tunnel\}}|[0-9]{{1,5}}(?::{_HERE}:[0-9]{{1,5}})?)")
_FOR_ALL = re.compile(r"-(?!o)[A-Za-z]*g[A-Za-z]*")
_CONFIGURED = frozenset({"gatewayports", "localforward", "remoteforward", "dynamicforward"})
_EVERYWHERE = ("0.0.0.0", "::", "*:")  # noqa: S104  # what is looked for, to refuse it


def open_commands(path: str, built_in: RuntimesFile, team: RuntimesFile) -> Iterator[Defect]:
    """Commands of a merged file that could be answered on a network."""
    for runtime in team.runtimes.values():
        yield from _of_runtime(path, built_in.runtimes.get(runtime.id), runtime)
    for provider in team.providers.values():
        yield from _of_provider(path, provider)


def _of_runtime(path: str, built_in: Runtime | None, team: Runtime) -> Iterator[Defect]:
    at: Steps = ("runtimes", team.id)
    if team.bind and not _BIND.fullmatch(team.bind):
        yield Defect(path, (*at, "bind"), "public_bind")
    if not _stays(team.start):
        yield Defect(path, (*at, "start"), "public_bind")
    for place, step in enumerate(team.before):
        if not _stays(step.argv):
            yield Defect(path, (*at, "before", place, "argv"), "public_bind")
    for name, value in team.env.items():
        if _VARIABLE.fullmatch(name.upper()) and not _LOOPBACK.fullmatch(value):
            yield Defect(path, (*at, "env", name), "public_bind")
    for field, option in _silent(built_in, team):
        yield Defect(path, (*at, field), "host_missing", {"id": team.id, "option": option})


def _silent(built_in: Runtime | None, team: Runtime) -> Iterator[tuple[str, str]]:
    """Where a runtime ought to say on which address it listens, and does not."""
    said, variables = _hosts(team.start), _variables(team.env)
    if built_in is not None:
        for option in _hosts(built_in.start).keys() - said.keys():
            yield "start", option
        for name in sorted(_variables(built_in.env) - variables):
            yield "env", name
    elif (team.serves or _names_server(team.start)) and not (said or variables):
        yield "start", "--host"


def _stays(argv: Sequence[str]) -> bool:
    """Whether every address that a command names is that of the machine itself."""
    return all(_LOOPBACK.fullmatch(value) for found in _hosts(argv).values() for value in found)


def _hosts(argv: Sequence[str]) -> Mapping[str, list[str]]:
    """The words that follow an option or variable for an address; none is an empty word."""
    words = _words(argv)
    found: dict[str, list[str]] = {}
    for word, value in zip(words, [*words[1:], ""], strict=False):
        if _OPTION.fullmatch(word) or _VARIABLE.fullmatch(word):
            found.setdefault(word, []).append(value)
    return found


def _variables(env: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name in env if _VARIABLE.fullmatch(name.upper()))


def _names_server(argv: Sequence[str]) -> bool:
    return any(_SERVERS.fullmatch(word) for word in _words(argv))


def _words(argv: Sequence[str]) -> list[str]:
    """The words of a command, those inside a line for a shell too; an empty argument is one."""
    return [w for part in argv for w in _BETWEEN.split(part.strip(" \"'"))]


def _of_provider(path: str, team: Provider) -> Iterator[Defect]:
    at: Steps = ("providers", team.id)
    if _is_open(team.connect) or not _tunnels(team.connect):
        yield Defect(path, (*at, "connect"), "public_bind")
    for place, step in enumerate(team.rent):
        if _is_open(step.argv):
            yield Defect(path, (*at, "rent", place, "argv"), "public_bind")


def _is_open(argv: Sequence[str]) -> bool:
    hosts = (v for option, v in _hosts(argv).items() if option.startswith("--h"))
    away = any(not _LOOPBACK.fullmatch(value) for found in hosts for value in found)
    return away or "-g" in _words(argv) or any(m in part for m in _EVERYWHERE for part in argv)


def _tunnels(argv: Sequence[str]) -> bool:
    """Whether what a connection forwards begins on the loopback address, and only there."""
    words = _words(argv)
    for word, after in zip(words, [*words[1:], ""], strict=False):
        forward = _FORWARD.fullmatch(word)
        if forward and not _TUNNEL.fullmatch(forward[1] or after):
            return False
        if _FOR_ALL.fullmatch(word) or word.removeprefix("-o").lower() in _CONFIGURED:
            return False
    return True
