"""What every test run says at its end: what did not run here and why, and on which databases."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Generator, Iterable

import hypothesis
import pytest

from tests.harness.run import begin_run, end_run
from tests.harness.stores import KINDS, described

AGAIN = {"zh_CN", "postgres"}
"""Values with which a test walks the same code a second time."""


def pytest_configure(config: pytest.Config) -> None:
    """Told to stop, a run ends as by Ctrl-C: through the front door, and its servers with it.

    Examples have no time limit: how long one takes says how busy the machine is. Compiled files are
    kept even where Python was told not to: some hundred processes would compile all of it again.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    hypothesis.settings.register_profile("house", deadline=None, max_examples=30)
    hypothesis.settings.register_profile("thorough", deadline=None, max_examples=600)
    hypothesis.settings.load_profile("house")  # --hypothesis-profile comes after us
    if begin_run():
        config.add_cleanup(end_run)


@pytest.hookimpl(trylast=True)  # Hypothesis marks its own before
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage, which makes a test twice as slow, is taken where it is new.

    That is not in properties, and of each test with the first of its values only.
    """
    traced: set[str] = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        again = test in traced or bool(AGAIN & {*_words(item)})
        if again or item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")
        else:
            traced.add(test)


def _words(item: pytest.Item) -> Iterable[str]:
    """The words among the values that a test is run with."""
    callspec = getattr(item, "callspec", None)
    return (v for v in callspec.params.values() if isinstance(v, str)) if callspec else ()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    outcome = yield
    callspec = getattr(item, "callspec", None)
    kind = callspec.params.get("kind") if callspec else None
    if kind in KINDS:
        item.user_properties.append(("store", described(kind)))
    return outcome


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple)
    )
    terminalreporter.section("not run here")
    for reason, tests in sorted(skipped.items()):
        terminalreporter.line(f"{tests} x {reason}")
    terminalreporter.line(
        "the long kill loops and twenty times as many examples: make soak;"
        " cards against Slack's own check: make validate-cards"
    )
    stores = Counter(
        value
        for report in terminalreporter.stats.get("passed", ())
        for name, value in report.user_properties
        if name == "store"
    )
    if stores:
        found = ", ".join(
            f"{store}: {tests} tests" for store, tests in sorted(stores.items(), reverse=True)
        )
        terminalreporter.line(found)
