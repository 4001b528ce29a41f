"""What `owroute rules lint`, `diff` and `test` do."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import typer

from bot.cards.say import route_words, status_words
from bot.clock import SystemClock
from engine.accuracy.check import Accuracy, check
from engine.accuracy.facts import UnreadableFacts, published
from engine.contract import Lang
from engine.load import EngineData, layered, load_data
from engine.overlay.difference import Change, Kind, differences
from engine.overlay.layer import Layer, read_overlay
from engine.overlay.lint import lint as linted
from engine.overlay.rehearsal import Outcome, Rehearsed, rehearse
from owroute.commands.alone import settings_alone
from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech, plain, spoken
from owroute.commands.terminal import harmless


def lint(folder: Path | None, say: Speech) -> Code:
    """A line per finding, or one that says there is none."""
    report = linted(_folder(folder, say))
    _print(finding.said(_lang(say)) for finding in report.findings)
    if report.findings:
        return Code.PROBLEM
    _print([_told(say, "clean", report.files)])
    return Code.OK


def diff(folder: Path | None, say: Speech) -> Code:
    """What changes, file by file."""
    before, after, layer = _both(folder, say)
    if layer is None:
        return Code.OK
    changes = differences(layer, before, after, _lang(say))
    for file, found in groupby(changes, key=lambda change: change.file):
        _print([file, *(f"  {_changed(change, say)}" for change in found)])
    if not changes:
        _print([_told(say, "same")])
    return Code.OK


def test(folder: Path | None, facts: Path | None, say: Speech) -> Code:
    """Which of the known cards are decided otherwise, and how far off the memory model is."""
    before, after, layer = _both(folder, say)
    if layer is not None:
        tried = rehearse(before, after, SystemClock().now().date())
        changed = [one for one in tried if one.changed]
        for one in changed:
            _print([one.scenario.name[_lang(say)], *(f"  {line}" for line in _moved(one, say))])
        _print([_told(say, "decided", len(tried), len(changed))])
    return _measured(_accuracy(facts, after, say), say)


def _folder(typed: Path | None, say: Speech) -> Path:
    """The overlay's folder; one that was named must be there."""
    if typed is not None and not typed.is_dir():
        stop(Code.BAD_INPUT, _told(say, "no_folder", typed))
    folder = typed or settings_alone(say).overlay
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _both(typed: Path | None, say: Speech) -> tuple[EngineData, EngineData, Layer | None]:
    """The data without and with the overlay; one that does not serve ends the command."""
    folder = _folder(typed, say)
    before, layer = load_data(), read_overlay(folder)
    if layer is None:
        _print([_told(say, "no_overlay", folder)])
        return before, before, None
    after = layered(None, layer)
    if found := layer.findings():
        _print(f"{folder}/{finding.said(_lang(say))}" for finding in found)
        stop(Code.PROBLEM, _told(say, "not_applied"))
    return before, after, layer


def _changed(change: Change, say: Speech) -> str:
    if change.kind is not Kind.changed:
        return _told(say, change.kind.value, change.entry)
    what = " ".join(part for part in (change.entry, change.field) if part)
    return _told(say, "changed", what, change.old, change.new)


def _moved(one: Rehearsed, say: Speech) -> Iterable[str]:
    """The values of a decision that are not what they were."""
    before, after = _values(one.before, say), _values(one.after, say)
    for name, was in before.items():
        if was != after[name]:
            yield _told(say, "changed", _told(say, name), was, after[name])


def _values(outcome: Outcome, say: Speech) -> dict[str, str]:
    nothing = _told(say, "nothing")
    return {
        "status": plain(status_words(outcome.status, say.lang)),
        "route": plain(route_words(outcome.route.value, say.lang)),
        "model": outcome.model or nothing,
        "scheme": outcome.scheme or nothing,
        "offer": outcome.offer or nothing,
    }


def _accuracy(facts: Path | None, data: EngineData, say: Speech) -> Accuracy:
    shapes = {repo: m.architecture for repo, m in data.catalog.models.models.items()}
    try:
        return check(facts or published(), shapes)
    except (UnreadableFacts, OSError, UnicodeDecodeError) as error:
        stop(Code.BAD_INPUT, _told(say, "facts_wrong", facts, error))


def _measured(accuracy: Accuracy, say: Speech) -> Code:
    outside = accuracy.outside
    _print([_told(say, "measured", len(accuracy.asserted), len(outside))])
    for name, errors in accuracy.groups.items():
        figures = (errors.rows, f"{errors.mean:.1f}", f"{errors.worst:.1f}")
        _print([f"  {_told(say, 'group', name, *figures)}"])
    for row in outside:
        fact = row.fact
        values = (fact.line, fact.fact_id, fact.published, row.computed)
        _print([f"  {_told(say, 'outside', *values)}"])
    return Code.PROBLEM if outside else Code.OK


def _told(say: Speech, macro: str, *values: object) -> str:
    return spoken(say.lang, "rules", macro, *values)


def _lang(say: Speech) -> Lang:
    return Lang.en if say.lang == "en" else Lang.zh


def _print(lines: Iterable[str]) -> None:
    """Data files are foreign text: nothing in them moves the reader's cursor."""
    for line in lines:
        typer.echo(harmless(line))
