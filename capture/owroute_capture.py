#!/usr/bin/env python3
"""Capture the evidence of a model run for owroute, on the machine where the model runs.

    python3 owroute_capture.py OW-12 --endpoint http://127.0.0.1:8000/v1 --cases cases.csv

It asks a first prompt and your cases, times the answers, reads memory, disk, GPU, versions and the
revision in the Hub cache, and prints a paste-back for Slack. What cannot be read is left out. It
speaks to --endpoint and to --send, and to nobody else. With --private no prompt, answer, expected
or note text leaves this process: hashes, lengths, pass or fail and seconds do.
--command runs a program instead; {prompt} is one argument of it, otherwise its input. --cases are
CSV or JSON Lines: case_id, prompt, expected, result, note. --out keeps everything in a file. Keys
come from the environment: OWROUTE_ENDPOINT_KEY, and OWROUTE_CAPTURE_TOKEN for --send.
Standard library only, Python 3.8 or newer. Exit codes: 0 good, 1 something is missing, 2 usage.
"""

import argparse
import csv
import hashlib
import io
import json
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from collections import Counter
from http.client import HTTPException
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple
from urllib import request
from urllib.error import HTTPError
from urllib.parse import urlsplit

Json = Dict[str, Any]
PASTE, POST, ROWS, FIVE = 2_900, 256_000, 500, 5  # characters, bytes, listed rows, enough cases
TEXTS = ("prompt", "expected", "output", "note")
PASS = ("pass", "passed", "ok", "yes", "true", "1", "p", "通过")
FAIL = ("fail", "failed", "no", "false", "0", "f", "失败", "不通过")
COLUMNS = {"编号": "case_id", "提示": "prompt", "预期": "expected", "结果": "result", "备注": "note"}
TUNNELS = ("ssh", "autossh", "sshd", "kubectl")  # what listens here for another machine
VERSIONS = {"ollama": "/api/version version", "llama_cpp": "/props build_info", "vllm": "/version version"}
_NAME, _VALUE = r"(?:key|token|secret|passw(?:or)?d)", r"""(?:"[^"]*"|'[^']*'|[^\s"'])+"""
SECRETS = re.compile(
    rf"(?i)((?:^|\s)-\S*{_NAME}\s+|{_NAME}[\"']?\s*[=:]\s*){_VALUE}|((?:bearer|basic)\s+)[^\s\"']+"
    r"|(://)[^/@\s]+(?=@)|\b(hf_|sk-|rpa_|gh[a-z]_|github_pat_|xox[a-z]-|nvapi-|AKIA)[\w-]+"
)
DIRECT = request.OpenerDirector()  # knows no proxy and follows no redirect
for _part in (request.HTTPHandler(), request.HTTPSHandler(), request.HTTPErrorProcessor()):
    DIRECT.add_handler(_part)
DIRECT.add_handler(request.HTTPDefaultErrorHandler())


class Problem(Exception):
    """What went wrong, as a sentence."""


def say(sentence: str) -> None:
    """Tell the person; standard output is for the paste-back alone."""
    print(sentence, file=sys.stderr)


def fetch(url: str, key: str, body: Optional[str] = None, timeout: float = 10) -> str:
    """The text at an address."""
    headers = {"Content-Type": "application/json"}
    headers.update({"Authorization": "Bearer " + "".join(key.split())} if key else {})
    try:
        asked = request.Request(url, body.encode() if body else None, headers)
        with DIRECT.open(asked, timeout=timeout) as answer:
            return str(answer.read(10_000_000).decode("utf-8", "replace"))
    except HTTPError as error:
        error.close()
        why = f"answered {error.code} {error.reason}"
        why += "; an API's address mostly ends in /v1" if error.code == 404 else ""
    except (OSError, HTTPException) as error:
        why = f"could not be reached: {getattr(error, 'reason', error)}"
        why = "refuses to talk: nothing listens there yet" if "refused" in why else why
        if "timed out" in why:
            why = f"did not answer within {timeout:g} s; --timeout sets another limit"
    raise Problem(f"{url} {why}.")


def ask(url: str, key: str, body: Optional[Json] = None, timeout: float = 10) -> Json:
    """The JSON object at an address."""
    text = fetch(url, key, json.dumps(body) if body else None, timeout)
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    what = "a web page" if text.lstrip().startswith("<") else "something that is no JSON object"
    raise Problem(f"{url} answered with {what}; an API's address mostly ends in /v1.")


def chat(options: argparse.Namespace, prompt: str) -> str:
    """What the model behind the endpoint says."""
    body = {"model": options.model, "messages": [{"role": "user", "content": prompt}]}
    url = options.endpoint + "/chat/completions"
    found = ask(url, options.key, dict(body, temperature=0), options.timeout)
    try:
        return str(found["choices"][0]["message"]["content"] or "")
    except (KeyError, IndexError, TypeError):
        raise Problem(f"{url} answered without choices: is it an OpenAI-compatible API?") from None


def run(words: List[str], given: str = "", timeout: float = 20) -> Tuple[str, str]:
    """What a program prints to standard output and standard error; no shell is involved."""
    try:
        done = subprocess.run(words, input=given.encode(), capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Problem(f"{words[0]} did not end within {timeout:g} s.") from None
    except (OSError, ValueError) as error:
        raise Problem(f"{words[0]} could not be run: {error}.") from None
    if done.returncode:
        raise Problem(f"{words[0]} ended with exit code {done.returncode}.")
    return done.stdout.decode("utf-8", "replace").strip(), done.stderr.decode("utf-8", "replace")


def spawn(options: argparse.Namespace, prompt: str) -> str:
    """What the command makes of a prompt."""
    words = [word.replace("{prompt}", prompt) for word in options.words]
    return run(words, prompt if words == options.words else "", options.timeout)[0]


def told(*words: str) -> str:
    """What a program says, if it can be run."""
    try:
        return "\n".join(run(list(words)))
    except Problem:
        return ""


def read(path: Path) -> str:
    """A file of the system's, or nothing."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def serving(port: int) -> List[Path]:
    """The process that listens on a port here, then its children, as far as Linux tells."""
    tables = (read(Path("/proc/net/tcp")) + read(Path("/proc/net/tcp6"))).splitlines()
    rows = [row.split() for row in tables if " 0A " in row]
    sockets = {f"socket:[{row[9]}]" for row in rows if int(row[1].split(":")[1], 16) == port}
    found: List[Path] = []
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda folder: int(folder.name)):
        parent = re.search(r"PPid:\s*(\d+)", read(folder / "status"))
        try:
            files = {os.readlink(str(file)) for file in (folder / "fd").iterdir()}
        except OSError:
            continue
        if sockets & files or (parent and folder.with_name(parent[1]) in found):
            found.append(folder)
    return found


def connect(options: argparse.Namespace) -> Json:
    """What the endpoint serves and how; `options` learn the model and the process behind it."""
    parts = urlsplit(options.endpoint)
    served = ask(options.endpoint + "/models", options.key).get("data") or [{}]
    options.model = options.model or str(served[0].get("id", ""))
    options.pids = serving(parts.port or 80) if options.here else []
    options.words = read(options.pids[0] / "cmdline").split("\0")[:-1] if options.pids else []
    if options.words and Path(options.words[0]).name in TUNNELS:
        options.here, options.pids, options.words = False, [], []
    for name, where in VERSIONS.items():
        path, key = where.split()
        try:
            version = ask(re.sub("/v1$", "", options.endpoint) + path, options.key).get(key)
        except Problem:
            continue
        if version:
            sure = name != "vllm" or served[0].get("owned_by") == name  # others have /version, too
            return known(name=name if sure else "", version=str(version))
    return {}


def cached(repo: str, words: List[str]) -> Json:
    """The exact revision in the Hub's cache, and the GiB of the model there or in the command."""
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    hub = Path(os.environ.get("HF_HUB_CACHE") or home + "/hub").expanduser()
    folder = hub / ("models--" + repo.replace("/", "--"))
    asked = re.search(r"--revision[= ](\S+)", " ".join(words))
    exact = [asked[1] if asked else "", read(folder / "refs" / (asked[1] if asked else "main")).strip()]
    exact += [shot.name for shot in folder.glob("snapshots/*")] if not asked else []
    named = [Path(word) for word in words if re.search(r"\.(gguf|bin|safetensors)$", word)]
    parts = [part for file in named for part in file.parent.glob(re.sub(r"\d{5}-of", "*-of", file.name))]
    files = [file for file in list(folder.rglob("*")) or parts if file.is_file() and not file.is_symlink()]
    size = sum(file.stat().st_size for file in files)
    return known(
        revision=next((name for name in exact if re.fullmatch("[0-9a-f]{40}", name)), ""),
        disk_gib=round(size / 2**30, 3) if files else None,
    )


def machine() -> Tuple[Json, Optional[int]]:
    """GPU, driver and versions here, and the MiB in use on the GPUs."""
    query = "--query-gpu=name,driver_version,memory.used"
    rows = [row.split(", ") for row in told("nvidia-smi", query, "--format=csv,noheader,nounits").splitlines()]
    gpus = Counter(row[0] for row in rows if len(row) == 3)
    used = [int(row[2]) for row in rows if len(row) == 3 and row[2].isdigit()]
    cuda = re.search(r"CUDA Version:\s*([\d.]+)", told("nvidia-smi")) if gpus else None
    return known(
        gpu=", ".join(f"{n} x {name}" if n > 1 else name for name, n in gpus.items()),
        driver=rows[0][1] if gpus else "",
        cuda=cuda[1] if cuda else "",
        python=platform.python_version(),
        os=platform.platform(),
    ), sum(used) if used else None
