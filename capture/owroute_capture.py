#!/usr/bin/env python3
"""Capture the evidence of a model run for owroute, on the machine where the model runs.

    python3 owroute_capture.py OW-12 --endpoint http://127.0.0.1:8000/v1 --cases cases.csv

It talks to --endpoint (key: OWROUTE_ENDPOINT_KEY) and --send (OWROUTE_CAPTURE_TOKEN) only; what it
cannot read is left out. With --private no prompt, answer, expected or note text leaves it: hashes,
lengths, verdicts and seconds do. Exit codes: 0 good, 1 something is missing, 2 usage. Python 3.8+.
"""

import argparse, collections, contextlib, csv, hashlib, http.client, io, json, os, platform, re
import shlex, subprocess, sys, time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional
from urllib import parse, request

Json = Dict[str, Any]
PASTE, POST, ID, ROWS, FIVE, TRIES = 2_900, 256_000, 100, 500, 5, 3  # characters, bytes, ...
TEXTS = ("prompt", "expected", "output", "note")
PASS = ("pass", "passed", "ok", "yes", "true", "1", "p", "通过")
FAIL = ("fail", "failed", "no", "false", "0", "f", "失败", "不通过")
VERSIONS = {"ollama": "/api/version", "llama_cpp": "/props", "vllm": "/version"}
TOKEN, COLUMNS = "OWROUTE_CAPTURE_TOKEN", "pid=,ppid=,rss=,args="  # a variable; columns of ps
LOCAL = r"https?://(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(?![^/])"  # an address on this machine
NAME = r"(?:token|auth|pass(?:w(?:or)?d)?|(?:key|secret|credential|passphrase)s?)"
VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'])+"""
SECRETS = re.compile(
    rf"(?i:((?:^|\s)-\S*{NAME}\s+){VALUE}(?:\s+(?![-\\|&;>]){VALUE})*"
    rf"|({NAME}[\"']?\s*[=:]\s*){VALUE}|((?:^|\s)(?:-u|--(?:proxy-)?user)[\s=]*)[^\s:]+:{VALUE}"
    r"|((?:bearer|basic)\s+)[^\s\"']+)|(://)[^/@\s]+(?=@)"
    r"|\b(hf_|sk-|rpa_|gh[a-z]_|github_pat_|xox[a-z]-|nvapi-|AKIA)[\w-]+"
)
FRAGILE = re.compile(r"[^ -~\w\u3001-\u3011\uff01-\uff5e]|[\U00010000-\U0010ffff]")
DIRECT = request.OpenerDirector()  # knows no proxy and follows no redirect
for part in ("HTTPHandler", "HTTPSHandler", "HTTPErrorProcessor", "HTTPDefaultErrorHandler"):
    DIRECT.add_handler(getattr(request, part)())


def fetch(url: str, key: str, body: str = "", limit: float = 10) -> str:
    """The text at an address."""
    head = {"Content-Type": "application/json", "Authorization": "Bearer " + "".join(key.split())}
    try:
        with DIRECT.open(request.Request(url, body.encode() or None, head), timeout=limit) as it:
            return str(it.read(10_000_000).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as failed:
        raise SystemExit(f"{url} failed within {limit:g} s: {failed}.") from failed


def ask(url: str, key: str, body: str = "", limit: float = 10) -> Json:
    """The JSON object at an address."""
    try:
        return dict(json.loads(fetch(url, key, body, limit)))
    except (ValueError, TypeError):
        raise SystemExit(f"{url} gave no JSON: a model's address mostly ends in /v1.") from None


def run(args: List[str], fed: str = "", most: float = 20, must: bool = False) -> str:
    """What a program prints, without a shell; nothing if it fails and is no must."""
    try:
        it = subprocess.run(args, input=fed.encode(), capture_output=True, timeout=most, check=True)
        return (it.stdout or it.stderr).decode("utf-8", "replace").strip()
    except (OSError, ValueError, subprocess.SubprocessError) as failed:
        if must:  # the error's own text has the prompt
            raise SystemExit(f"{args[0]} failed in {most:g} s: {type(failed).__name__}.") from None
    return ""


def _known(**facts: Any) -> Json:
    return {k: _cut(v, 700 if k == "command" else ID) for k, v in facts.items() if v or v == 0}


def answered(options: argparse.Namespace, prompt: str) -> Json:
    """The prompt with what the model says to it and the seconds that it took."""
    start = time.perf_counter()
    if options.command:
        words = [word.replace("{prompt}", prompt) for word in options.words]
        said = run(words, prompt if words == options.words else "", options.timeout, must=True)
    else:
        body = {"model": options.model, "messages": [{"role": "user", "content": prompt}]}
        url, sent = options.endpoint + "/chat/completions", json.dumps(dict(body, temperature=0))
        try:
            said = ask(url, options.key, sent, options.timeout)["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            raise SystemExit(f"{url} gave no choices: is it an OpenAI-compatible API?") from None
    seconds = round(time.perf_counter() - start, 3)
    return {"prompt": prompt, "output": str(said or ""), "seconds": seconds}


def connect(options: argparse.Namespace) -> Json:
    """Name and version of the server; `options` learn the model and the process behind it."""
    served = (ask(options.endpoint + "/models", options.key).get("data") or [{}])[0]
    options.model = options.model or str(served.get("id", ""))
    port = parse.urlsplit(options.endpoint).port or 80
    pid = run(["lsof", "-ti", f"tcp:{port}", "-sTCP:LISTEN"]).split("\n")[0] if options.here else ""
    rows = [line.split(None, 3) for line in run(["ps", "-axwwo", COLUMNS]).split("\n")]
    options.kib = sum(int(row[2]) for row in rows if pid and pid in row[:2])  # with its children
    options.words = next((row[3].split() for row in rows if pid and row[0] == pid), [])
    if options.words and Path(options.words[0]).name in ("ssh", "autossh", "sshd", "kubectl"):
        options.here, options.words = False, []  # a tunnel to another machine
    for name, path in VERSIONS.items():
        with contextlib.suppress(SystemExit):
            got = ask(re.sub("/v1$", "", options.endpoint) + path, options.key)
            sure = name != "vllm" or served.get("owned_by") == name  # others have /version, too
            if version := got.get("version", got.get("build_info")):
                return _known(name=name if sure else "", version=str(version))
    return {}


def cached(repo: str, words: List[str]) -> Json:
    """The exact revision in the Hub's cache, and the GiB of the model there or in the command."""
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    hub = Path(os.environ.get("HF_HUB_CACHE") or home + "/hub").expanduser()
    folder = hub / ("models--" + repo.replace("/", "--"))
    asked = re.search(r"--revision[= ](\S+)", " ".join(words))
    main = "".join(ref.read_text().strip() for ref in folder.glob("refs/main"))
    exact = asked[1] if asked else main or "".join(shot.name for shot in folder.glob("snapshots/*"))
    named = [Path(word) for word in words if re.search(r"\.(gguf|bin|safetensors)$", word)]
    parts = [p for file in named for p in file.parent.glob(re.sub(r"\d{5}-of", "*-of", file.name))]
    files = [f for f in list(folder.rglob("*")) or parts if f.is_file() and not f.is_symlink()]
    size = round(sum(file.stat().st_size for file in files) / 2**30, 3) if files else None
    return _known(revision=exact if re.fullmatch("[0-9a-f]{40}", exact) else "", disk_gib=size)


def machine(options: argparse.Namespace) -> Json:
    """Memory in use, GPU, driver and versions of this machine."""
    if sys.platform != "win32" and options.command:
        peak = __import__("resource").getrusage(-1).ru_maxrss  # of children; Windows has none
        options.kib = peak // 1024 if sys.platform == "darwin" else peak
    query = ["--query-gpu=name,driver_version,memory.used", "--format=csv,noheader,nounits"]
    rows = [row.split(", ") for row in run(["nvidia-smi", *query]).split("\n") if ", " in row]
    used = [int(row[2]) for row in rows if row[2].isdigit()]
    cuda = re.search(r"CUDA Version:\s*([\d.]+)", run(["nvidia-smi"])) if rows else None
    gpu = _known(gpu=", ".join(row[0] for row in rows), driver=rows[0][1] if rows else "")
    gpu.update(_known(cuda=cuda[1] if cuda else "", python=platform.python_version()))
    memory = _known(gpu_mib=sum(used) if used else None, rss_mib=options.kib // 1024 or None)
    return _known(memory=memory, environment=dict(gpu, os=platform.platform()))


def read_cases(path: str) -> List[Dict[str, str]]:
    """The rows of a table by column; ValueError says what is wrong with it."""
    raw = Path(path).read_bytes()
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    mark = max(",;\t", key=text.split("\n")[0].count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark)
    lines = (dict(json.loads(line)) for line in text.split("\n") if line.strip())
    cases = []
    for row in lines if text.lstrip().startswith("{") else rows:
        named = {str(k).strip().lower().replace(" ", "_"): v for k, v in row.items()}
        case = {k: str(v).strip() for k, v in named.items() if v is not None}
        cases += [case] if any(case.values()) else []
    ids = collections.Counter(case.get("case_id", "") for case in cases)
    bad = [name[:50] for name, n in ids.items() if n > 1 or not name or len(encoded(name)) > ID]
    if not cases or bad:
        raise ValueError(f"each row needs a short case_id of its own; these are not: {bad[:9]}")
    if len(ids) < FIVE:
        print(f"Only {len(ids)} cases: a baseline needs {FIVE}. Captured anyway.", file=sys.stderr)
    return cases


def verdict(case: Dict[str, str], output: Optional[str]) -> Optional[bool]:
    """The table's result, else whether the expected text occurs, else what the person says."""
    said = case.get("result", "").lower()
    if not said and output is not None and case.get("expected"):
        return case["expected"].lower() in output.lower()
    if not said and output is not None and sys.stdin.isatty():
        print(case["case_id"], case["prompt"], output, "Passed? p or f", sep="\n", file=sys.stderr)
        said = sys.stdin.readline().strip().lower()
    return True if said in PASS else False if said in FAIL else None


def tried(options: argparse.Namespace) -> List[Json]:
    """The cases with their answers and verdicts."""
    rows: List[Json] = []
    for case in options.cases:
        row: Json = {"case_id": case["case_id"], **{k: case[k] for k in TEXTS if case.get(k)}}
        try:
            asked = case.get("prompt") and options.lost < TRIES
            row.update(answered(options, case["prompt"]) if asked else {})
        except SystemExit as problem:
            options.lost += 1
            print(f"{case['case_id']}: {problem}", file=sys.stderr)
        rows.append(dict(row, **{"pass": verdict(case, row.get("output"))}))
    return rows


def capture(options: argparse.Namespace) -> Json:
    """All that could be learnt."""
    runtime = connect(options) if options.endpoint else {"name": Path(options.words[0]).name}
    prompts = [options.prompt, *(case.get("prompt") for case in options.cases)]
    first = answered(options, next(filter(None, prompts), "Say in one sentence what you are."))
    rows = tried(options)
    times = sorted(row["seconds"] for row in rows if "seconds" in row) or [first["seconds"]]
    repo = "".join(re.findall(r"^[\w.-]+/[\w.-]+(?<!\.gguf)$", options.repo or options.model))
    here = dict(machine(options), **cached(repo, options.words)) if options.here else {}
    if options.command:
        runtime["version"] = run([options.words[0], "--version"]).split("\n")[0]
    words = ["***" if options.private and " " in word else word for word in options.words]
    if options.private:
        words = words if options.command else []  # what ps shows has no bounds between arguments
        bare = [{k: _hashed(v) if k in TEXTS else v for k, v in r.items()} for r in [first, *rows]]
        first, rows = bare[0], bare[1:]
    runtime["command"] = SECRETS.sub(r"\1\2\3\4\5\6***", " ".join(map(shlex.quote, words)))
    judged, digest = [row["pass"] for row in rows], _hashed(encoded(rows))["sha256"]
    cases: Json = {"total": len(rows), "passed": judged.count(True), "failed": judged.count(False)}
    cases.update(unjudged=judged.count(None), sha256=digest, rows=rows)
    latency = {f"p{n}": times[-(-len(times) * n // 100) - 1] for n in (50, 95)}
    facts = _known(repo=repo, model=options.model, endpoint=options.endpoint, **here)
    facts.update(v=1, experiment=options.experiment, private=options.private, first=first)
    facts.update({"cases": cases} if rows else {}, latency=latency, runtime=_known(**runtime))
    return dict(facts, at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))


def encoded(value: Any) -> str:
    """A line of JSON that terminals and Slack hand on as it is: emoji and the like are escaped."""
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    line = line.encode("utf-8", "replace").decode()
    return FRAGILE.sub(lambda found: json.dumps(found[0])[1:-1], line)


def _hashed(t: str) -> Json:
    return {"sha256": hashlib.sha256(t.encode("utf-8", "replace")).hexdigest(), "chars": len(t)}


def _cut(text: Any, room: int) -> Any:
    while isinstance(text, str) and len(encoded(text)) > room + 8:
        text = text[: min(room, len(text) * 3 // 4)] + "…"
    return text


def fitted(whole: Json, room: int, size: Callable[[str], int] = len) -> str:
    """The line with as much as there is room for: texts get shorter, then go, then rows go."""
    rows, line = whole.get("cases", {}).get("rows", []), ""
    order = sorted(rows, key=lambda row: row["pass"] is not False)
    steps = [(n, ROWS) for n in (9_000, 3_000, 1_000, 400, ID)]
    for n, count in steps + [(0, n) for n in range(min(len(rows), ROWS), -1, -1)]:
        some = rows if len(rows) <= count else order[:count]
        kept = [{k: _cut(v, n or ID) for k, v in r.items() if n or k not in TEXTS} for r in some]
        facts = dict(whole, first={k: _cut(v, n or ID) for k, v in whole["first"].items()})
        line = encoded(dict(facts, cases=dict(whole["cases"], rows=kept)) if rows else facts)
        if size(line) <= room:
            break
    return line


def paste(whole: Json) -> str:
    """What is pasted into Slack."""
    line = fitted(whole, PASTE - 60)
    return f"owroute-capture 1 {whole['experiment']}\n{line}\nsha256 {_hashed(line)['sha256'][:16]}"


def typed(arguments: Optional[List[str]]) -> argparse.Namespace:
    """What was typed; what cannot be used ends the script with exit code 2."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("experiment")
    for name in ("endpoint", "command", "model", "cases", "prompt", "repo", "send", "out"):
        parser.add_argument("--" + name, default="")
    parser.add_argument("--private", action="store_true")
    parser.add_argument("--timeout", type=float, default=300)
    parser.set_defaults(lost=0, kib=0, key=os.environ.get("OWROUTE_ENDPOINT_KEY", "-"))
    options = parser.parse_args(arguments)
    url = options.endpoint = options.endpoint.rstrip("/")
    options.here = bool(options.command) or bool(re.match(LOCAL, url))
    try:
        options.words = shlex.split(options.command)
        options.cases = read_cases(options.cases) if options.cases else []
    except (OSError, ValueError, TypeError, csv.Error) as wrong:
        parser.error(str(wrong))
    if not re.fullmatch(r"OW-[1-9]\d{0,8}", options.experiment):
        parser.error("name the experiment, as in OW-12")
    if bool(url) == bool(options.words) or not re.match(r"(https?://[^@?]+)?$", url):
        parser.error("give --endpoint or --command; an address holds no password")
    safe = re.match(LOCAL + "|https://[^@]+$", options.send) and TOKEN in os.environ
    if options.send and not safe:
        parser.error(f"--send needs an https address, and its token in {TOKEN}")
    return options


def main(arguments: Optional[List[str]] = None) -> int:
    """The exit code."""
    whole = capture(options := typed(arguments))
    if not options.here:
        print("Memory, disk and GPU are another machine's and were not read.", file=sys.stderr)
    if options.send:
        try:
            line = fitted(whole, POST, lambda text: len(text.encode()))
            print(fetch(options.send, os.environ[TOKEN], line, 60).strip())
        except SystemExit as problem:
            why = getattr(problem.__cause__, "read", bytes)().decode("utf-8", "replace")
            print(problem, why.strip(), file=sys.stderr)
            options.lost, options.send = 1, ""
    if not options.send:
        sys.stdout.buffer.write((paste(whole) + "\n").encode())  # UTF-8 on every terminal
    if options.out:
        Path(options.out).write_text(json.dumps(whole, indent=1), "utf-8")
    return 1 if options.lost else 0


if __name__ == "__main__":  # what follows the word guard is for another file, beside this one
    guard = [sys.executable, str(Path(__file__).with_name("owroute_guard.py")), *sys.argv[2:]]
    sys.exit(os.execv(guard[0], guard) if sys.argv[1:2] == ["guard"] else main())
