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
from typing import Any, Callable, Dict, List, Optional, Union
from urllib import request
from urllib.error import HTTPError
from urllib.parse import urlsplit

if sys.platform != "win32":
    import resource

Json = Dict[str, Any]
PASTE, POST, ROWS, FIVE = 2_900, 256_000, 500, 5  # characters, bytes, listed rows, enough cases
TEXTS = ("prompt", "expected", "output", "note")
PASS = ("pass", "passed", "ok", "yes", "true", "1", "p", "通过")
FAIL = ("fail", "failed", "no", "false", "0", "f", "失败", "不通过")
COLUMNS = dict(zip("编号 提示 预期 结果 备注".split(), "case_id prompt expected result note".split()))
TUNNELS = ("ssh", "autossh", "sshd", "kubectl")  # what listens here for another machine
VERSIONS = (
    ("ollama", "/api/version", "version"),
    ("llama_cpp", "/props", "build_info"),
    ("vllm", "/version", "version"),
)
_NAME, _VALUE = r"(?:key|token|secret|passw(?:or)?d)", r"""(?:"[^"]*"|'[^']*'|[^\s"'])+"""
SECRETS = re.compile(
    rf"(?i)((?:^|\s)-\S*{_NAME}\s+|{_NAME}[\"']?\s*[=:]\s*){_VALUE}|((?:bearer|basic)\s+)[^\s\"']+"
    r"|(://)[^/@\s]+(?=@)|\b(hf_|sk-|rpa_|gh[a-z]_|github_pat_|xox[a-z]-|nvapi-|AKIA)[\w-]+"
)
HINTS = {
    401: "it wants a key or token, or another one",
    404: "there is no such address or model; an API's address mostly ends in /v1",
}
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
        asked = request.Request(url, body and body.encode(), headers)
        with DIRECT.open(asked, timeout=timeout) as answer:
            return str(answer.read(10_000_000).decode("utf-8", "replace"))
    except HTTPError as error:
        error.close()
        why = f"answered {error.code}: {HINTS.get(error.code, error.reason)}"
    except (OSError, HTTPException) as error:
        why = f"could not be reached: {getattr(error, 'reason', error)}"
        if "refused" in why:
            why = "refuses to talk: nothing listens there yet"
        if "timed out" in why:
            why = f"did not answer within {timeout:g} s; --timeout sets another limit"
    raise Problem(f"{url} {why}.")


def ask(url: str, key: str, body: Optional[Json] = None, timeout: float = 10) -> Json:
    """The JSON object at an address."""
    text = fetch(url, key, body and json.dumps(body), timeout)
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    what = "a web page" if text.lstrip().startswith("<") else "something that is no JSON object"
    raise Problem(f"{url} answered with {what}: an API's address mostly ends in /v1.")


def chat(options: argparse.Namespace, prompt: str) -> str:
    """What the model behind the endpoint says."""
    body = {"model": options.model, "messages": [{"role": "user", "content": prompt}]}
    url = options.endpoint + "/chat/completions"
    found = ask(url, options.key, dict(body, temperature=0), options.timeout)
    try:
        return str(found["choices"][0]["message"]["content"] or "")
    except (KeyError, IndexError, TypeError):
        raise Problem(f"{url} answered without choices: is it an OpenAI-compatible API?") from None


def spawn(options: argparse.Namespace, prompt: str) -> str:
    """What the command prints, run without a shell."""
    words = [word.replace("{prompt}", prompt) for word in options.words]
    given = prompt.encode() if words == options.words else b""
    try:
        done = subprocess.run(
            words, input=given, capture_output=True, timeout=options.timeout, check=True
        )
    except (OSError, ValueError) as error:
        raise Problem(f"{words[0]} could not be run: {error}.") from None
    except subprocess.TimeoutExpired:
        raise Problem(f"{words[0]} did not end within {options.timeout:g} s.") from None
    except subprocess.CalledProcessError as error:
        raise Problem(f"{words[0]} ended with exit code {error.returncode}.") from None
    return done.stdout.decode("utf-8", "replace").strip()


def told(*command: str) -> str:
    """What a program prints; nothing if it cannot be run or ends badly."""
    try:
        done = subprocess.run(command, input=b"", capture_output=True, timeout=20, check=True)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return (done.stdout or done.stderr).decode("utf-8", "replace")


def read(path: Union[str, Path]) -> str:
    """A file of the system's, or nothing."""
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""


def serving(port: int) -> List[int]:
    """Which process listens on a port here, and its children, as far as Linux tells."""
    tables = (read("/proc/net/tcp") + read("/proc/net/tcp6")).splitlines()
    rows = [row.split() for row in tables if " 0A " in row]
    sockets = {f"socket:[{row[9]}]" for row in rows if int(row[1].split(":")[1], 16) == port}
    found: List[int] = []
    for pid in sorted(int(folder.name) for folder in Path("/proc").glob("[0-9]*")):
        parent = re.search(r"PPid:\s*(\d+)", read(f"/proc/{pid}/status"))
        try:
            files = [os.readlink(str(file)) for file in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:
            continue
        if sockets.intersection(files) or (parent and int(parent[1]) in found):
            found.append(pid)
    return found


def connect(options: argparse.Namespace) -> None:
    """Learn what the endpoint serves and, if it runs here, which process it is."""
    parts = urlsplit(options.endpoint)
    try:
        served = [str(model["id"]) for model in ask(options.endpoint + "/models", options.key)["data"]]
    except ...
