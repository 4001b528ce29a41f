#!/usr/bin/env python3
"""Guard of a GPU run: ends the rent of the machine it runs on at a time, by a command of yours.

    python3 owroute_capture.py guard OW-12 --until 18:00 --stop 'runpodctl stop pod $RUNPOD_POD_ID'

--until: 18:00 (this machine's clock, today or tomorrow), 2026-11-24T18:00+01:00, or +2h30m.
With --ask (an address of owroute; token: OWROUTE_GUARD_TOKEN) it says what was typed and asks every
5 minutes for the time that holds in Slack. It is told a time, never a command; while owroute is
silent, the last time known counts. Leave it running: nohup ... &, or tmux. It fails when it is
killed, when the machine hangs, or when the command does not end the rent: try the command once.
Exit codes: 0 the command ended well, 2 usage, 130 and 143 ended by a signal. Python 3.8+.
"""

import argparse, contextlib, json, math, os, re, signal, subprocess, sys, threading, time
from datetime import datetime, timedelta, timezone
from typing import Any, List, Optional, Tuple

from owroute_capture import LOCAL, fetch  # type: ignore[import-not-found]  # lies beside this file

TOKEN, REFUSED = "OWROUTE_GUARD_TOKEN", 401  # a variable; HTTP's word for a token that is over
EVERY, SPACING, LAST_LOOK, PATIENCE = 300, 61, 30, 15  # seconds; owroute answers once a minute
TRIES, AGAIN, HANGS, YEAR = 3, 10, 120, 31_536_000  # tries in a row, then seconds
ENDED = "ended this token, and is not asked any more"
CLOCK = argparse.Namespace(wall=time.time, ticks=time.monotonic, sleep=time.sleep)
if hasattr(time, "CLOCK_BOOTTIME"):  # counts on while the machine is suspended
    CLOCK.ticks = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)


def say(*words: object) -> None:
    """A line with the time, in nohup's file at once."""
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(time.strftime("%H:%M:%S"), *words, flush=True)


def moment(text: str) -> float:
    """A date and time with its zone; ValueError for anything else."""
    found = datetime.fromisoformat(re.sub("Z$", "+00:00", text))
    if found.tzinfo is None:
        raise ValueError("a date needs its zone, as in 2026-11-24T18:00+01:00")
    return found.timestamp()


def typed_end(text: str, clock: Any) -> Tuple[float, float]:
    """--until on both clocks, ticks and wall; a span is counted, whatever the time is set to."""
    ticks, wall = clock.ticks(), clock.wall()
    span = re.fullmatch(r"\+(?=\d)(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s)?", text)
    if span:
        h, m, s = (int(n or 0) for n in span.groups())
        return ticks + 3600 * h + 60 * m + s, math.inf
    if re.fullmatch(r"\d{1,2}:\d\d", text):
        here, (hour, minute) = datetime.fromtimestamp(wall), map(int, text.split(":"))
        then = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
        at = (then if then > here else then + timedelta(days=1)).timestamp()
    else:
        at = moment(text)
    if at <= wall:
        raise ValueError("this time has passed")
    return ticks + at - wall, at


class Guard:
    """Waits for the end, hears of another one meanwhile, and stops the machine."""

    def __init__(self, options: argparse.Namespace, clock: Any) -> None:
        self.options, self.clock, self.end = options, clock, options.end
        self.began, self.failures = clock.ticks(), 0
        self.next = self.began if options.ask else math.inf  # when owroute is asked
        self.typed = datetime.fromtimestamp(clock.wall() + self.left(), timezone.utc).isoformat()

    def left(self) -> float:
        """Seconds until the end, by whichever clock comes there first."""
        return float(min(self.end[0] - self.clock.ticks(), self.end[1] - self.clock.wall()))

    def run(self) -> int:
        """Return when the command has ended well."""
        say(f"{self.options.experiment} {self.plan()}, by: {self.options.stop}")
        unset = set(re.findall(r"\$\{?([A-Za-z_]\w*)", self.options.stop)) - set(os.environ)
        if unset:
            say("careful, the command needs what is not set here:", *sorted(unset))
        while True:
            if self.clock.ticks() >= self.next and (self.left() > 0 or self.failures >= TRIES):
                self.listen()
            if self.left() > 0:
                self.failures, wait = 0, min(self.left(), self.next - self.clock.ticks(), SPACING)
            elif self.stopped():
                return 0
            else:
                wait = AGAIN if self.failures < TRIES else SPACING
            self.clock.sleep(max(wait, 0.05))

    def plan(self) -> str:
        """What will happen, by this machine's clock."""
        left = min(self.left(), YEAR)
        if left <= 0:
            return "is past its time"
        at = datetime.fromtimestamp(round(self.clock.wall() + left)).astimezone()
        hours, minutes = divmod(round(left / 60), 60)
        return f"stops at {at:%Y-%m-%d %H:%M:%S %Z}, in {hours} h {minutes} min"

    def listen(self) -> None:
        """Ask in a thread: however slowly owroute answers, the end is kept."""
        asked, answers = self.clock.ticks(), []  # type: float, List[Tuple[Optional[float], str]]
        thread = threading.Thread(target=lambda: answers.append(self.answer()), daemon=True)
        thread.start()
        thread.join(max(1, min(PATIENCE, self.left())))
        seconds, said = answers[0] if answers else (None, "gave no answer in time")
        if seconds is not None:
            self.end = (asked + seconds, math.inf)
        say(f"owroute {said}. This machine {self.plan()}")
        soon = max(SPACING, min(EVERY, self.left() - LAST_LOOK))
        self.next = math.inf if said == ENDED else asked + soon

    def answer(self) -> Tuple[Optional[float], str]:
        """The seconds that owroute gives, or none, and how to say it."""
        facts = {"v": 1, "experiment": self.options.experiment, "until": self.typed}
        facts.update(age=int(self.clock.ticks() - self.began), failed=self.failures >= TRIES)
        try:
            told = json.loads(fetch(self.options.ask, self.options.token, json.dumps(facts), 10))
            return moment(told["until"]) - moment(told["now"]), f"says {told['until']}"
        except SystemExit as silent:
            over = getattr(silent.__cause__, "code", 0) == REFUSED
            return None, ENDED if over else f"is silent: {silent}"
        except (ValueError, TypeError, KeyError, RecursionError):
            return None, "gave no time"

    def stopped(self) -> bool:
        """Whether the command ended well."""
        say("time to stop; running:", self.options.stop)
        try:
            said = f"exit code {subprocess.call(self.options.stop, shell=True, timeout=HANGS)}"
        except (OSError, subprocess.TimeoutExpired) as problem:
            said = type(problem).__name__
        if said == "exit code 0":
            say("the command ended well. If this machine is up in some minutes, it did not stop it")
            return True
        self.failures += 1
        say(f"the command failed ({said}), try {self.failures}")
        if self.failures >= TRIES:
            say("!!! NOT STOPPED, STILL BILLING: stop it by hand. The next try is in a minute")
        return False


def ended(number: int, _: object) -> None:
    """Say that a signal was the end of the guard."""
    say(f"ended by {signal.Signals(number).name}: nothing here stops this machine any more")
    sys.exit(128 + number)


def main(arguments: Optional[List[str]] = None, clock: Any = CLOCK) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("experiment")
    parser.add_argument("--until", required=True)
    parser.add_argument("--stop", required=True)
    parser.add_argument("--ask", default="")
    options = parser.parse_args(arguments)
    options.token = os.environ.pop(TOKEN, "")  # the command does not get it
    try:
        options.end = typed_end(options.until, clock)
    except (ValueError, OverflowError) as wrong:
        parser.error(f"--until {options.until}: {wrong}")
    if not re.fullmatch(r"(OW|GPU)-[1-9]\d{0,8}", options.experiment) or not options.stop.strip():
        parser.error("name the experiment, as in OW-12, and the command that stops this machine")
    if options.ask and not (re.match(LOCAL + "|https://[^@]+$", options.ask) and options.token):
        parser.error(f"--ask needs an https address, and its token in {TOKEN}")
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), ended)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the terminal may be closed
    return Guard(options, clock).run()


if __name__ == "__main__":
    sys.exit(main())
