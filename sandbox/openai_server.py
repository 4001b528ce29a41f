"""A model behind an OpenAI-shaped API, made of a table of answers: no model runs here.

`python -m sandbox.openai_server --port 8000 --cases cases.csv` starts it here and writes
five cases to try on it, of which one fails. It has one model, answers one prompt always alike, and
listens on the loopback address only.
"""

import argparse
import csv
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from typing_extensions import override

from sandbox.model import Json

LOOPBACK = "127.0.0.1"
MODEL = "sandbox/answer-table"

ANSWERS = {
    "What is the capital of France?": "The capital of France is Paris.",
    "What is 17 + 25?": "17 + 25 = 42.",
    "Translate to German: good morning": "Guten Morgen",
    "Which HTTP status says that nothing was found?": "404 Not Found says so.",
    "How many r are in strawberry?": "There are two.",
}
"""What it knows by heart. Any other prompt is repeated back."""

EXPECTED = ("Paris", "42", "guten Morgen", "404", "three")
"""What each of the answers must contain; the last one is wrong on purpose."""

VERSIONS: dict[str, tuple[str, Json]] = {
    "vllm": ("/version", {"version": "0.11.0+sandbox"}),
    "ollama": ("/api/version", {"version": "0.12.0-sandbox"}),
    "llama_cpp": ("/props", {"build_info": "b6000-sandbox"}),
}
"""Where each runtime tells its version, and how."""


def answer(prompt: str) -> str:
    """What the model says, the same for the same prompt."""
    return ANSWERS.get(prompt, f"You said: {prompt}")


@dataclass
class Served:
    """What is served and how: `reply` stands in for a usual answer as (status, headers, body)."""

    model: str = MODEL
    runtime: str = "vllm"
    answers: Callable[[str], str] = answer
    key: str | None = None
    delay: float = 0.0
    reply: Callable[[str], tuple[int, dict[str, str], str] | None] = lambda _path: None
    asked: list[tuple[str, str | None, Json]] = field(default_factory=list)

    def answered(self, path: str, body: Json) -> Json | None:
        """The JSON at a path; None where nothing is."""
        version_at, version = VERSIONS[self.runtime]
        if path == version_at:
            return version
        if path == "/v1/models":
            owner = "vllm" if self.runtime == "vllm" else "sandbox"
            return {"object": "list", "data": [{"id": self.model, "owned_by": owner}]}
        if path == "/v1/chat/completions" and body.get("model") == self.model:
            said = {"role": "assistant", "content": self.answers(body["messages"][-1]["content"])}
            choice = {"index": 0, "message": said, "finish_reason": "stop"}
            return {"object": "chat.completion", "model": self.model, "choices": [choice]}
        return None


@contextmanager
def serving(served: Served, port: int = 0) -> Iterator[str]:
    """The server in a thread of its own; gives the API's address, `http://127.0.0.1:PORT/v1`."""

    class Handler(_Handler):
        what = served

    with ThreadingHTTPServer((LOOPBACK, port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    what: Served

    def do_GET(self) -> None:  # the name that http.server calls
        self._answer({})

    def do_POST(self) -> None:  # the name that http.server calls
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length))
        time.sleep(self.what.delay)
        self._answer(body)

    def _answer(self, body: Json) -> None:
        bearer = self.headers.get("Authorization")
        self.what.asked.append((self.path, bearer, body))
        instead = self.what.reply(self.path)
        if instead is not None:
            return self._send(*instead)
        if self.what.key is not None and bearer != f"Bearer {self.what.key}":
            return self._send(401, {}, json.dumps({"error": {"message": "a key is missing"}}))
        found = self.what.answered(self.path, body)
        if found is None:
            return self._send(404, {}, json.dumps({"error": {"message": "nothing is here"}}))
        return self._send(200, {}, json.dumps(found))

    def _send(self, status: int, headers: dict[str, str], body: str) -> None:
        with suppress(ConnectionError):  # who asked has gone
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    @override
    def log_message(self, format: str, *args: object) -> None:  # http.server's name
        """Silence: what is asked is kept in `Served.asked`."""


def write_cases(path: Path) -> None:
    """Five cases for the answers above."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("case_id", "prompt", "expected"))
        cases = zip(ANSWERS, EXPECTED, strict=True)
        rows.writerows((f"c{n}", *case) for n, case in enumerate(cases, start=1))


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.openai_server", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--runtime", choices=tuple(VERSIONS), default="vllm")
    parser.add_argument("--cases", type=Path)
    options = parser.parse_args(arguments)
    if options.cases is not None:
        write_cases(options.cases)
    with ExitStack() as stack:
        try:
            served = serving(Served(model=options.model, runtime=options.runtime), options.port)
            address = stack.enter_context(served)
        except OSError as error:
            why = f"Port {options.port} cannot be used ({error.strerror})"
            parser.exit(1, f"{why}: choose another with --port.\n")
        sys.stdout.write(f"{options.model} answers at {address} until Ctrl-C.\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
