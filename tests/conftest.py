"""What every test run says at its end: which tests did not run here, and why."""

from collections import Counter

import pytest


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
        "the long kill loops: make soak; cards against Slack's own check: make validate-cards"
    )
