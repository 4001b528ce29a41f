"""The experiment record: its two files, and what a person sees on screen who asks for it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache

from jinja2 import Template
from pydantic import JsonValue

from bot.cards import say
from bot.cards.blocks import commands, headline, literal, section
from bot.cards.i18n import words
from bot.cards.items import in_words, item_name
from bot.cards.markdown import Md, environment
from bot.cards.text import Mrkdwn, bold, joined, mention, one_line
from bot.domain.delivery import Block, File, HandedOver, Message, digest_of
from bot.domain.evidence import EvidenceState
from bot.domain.ids import UserId
from bot.domain.plans import Experiment
from bot.domain.record import as_text, to_json
from bot.domain.record_model import NINE, FirstRun, Item, Record, Resources, Runtime, Withheld
from bot.domain.record_waived import FEEDS, excused, unsaid, waiting
from engine.contract import EvidenceCheck, ProblemItem

LINE = 300
LISTED = 20
COMMANDS = 20
"""Lines of a shutdown on screen; the files have all of them."""


def markdown(record: Record, lang: str) -> str:
    """The record as a Markdown file in a language; equal records give equal bytes."""
    record = unsaid(_in_words(record, lang))
    page = _template(lang).render(
        r=record,
        missing=[e for e in record.evidence if e.item in record.missing],
        waiting=waiting(record),
        contents=[(e, rows) for e in record.evidence if (rows := list(_rows(e)))],
        versions=_versions(record),
        counts=_counts(record),
        moment=_moment,
    )
    return page.strip() + "\n"


def files(record: Record, lang: str) -> tuple[File, File]:
    """Markdown and JSON, each named by what is in it: the same name is the same file."""
    page, data = markdown(record, lang), to_json(record)
    digest = digest_of(page, data)
    title = words(lang).record.title(record.experiment)
    name = f"{record.experiment}-record-{digest}"
    return (
        File(f"{name}.md", f"{title} (Markdown)", page),
        File(f"{name}.json", f"{title} (JSON)", data),
    )


def comment(record: Record, lang: str) -> Mrkdwn:
    """The words above the two files."""
    say_, claimed = words(lang).record, EvidenceState.CLAIMED
    claims = [e for e in record.evidence if e.item in record.missing and e.state is claimed]
    if absent := len(record.missing) - len(claims):
        return say_.comment_incomplete(record.experiment, absent)
    if claims:
        return say_.comment_claimed(record.experiment, len(claims))
    return (say_.comment_waived if record.waived else say_.comment)(record.experiment)


def summary(
    x: Experiment, record: Record, check: EvidenceCheck | None, handed: HandedOver, lang: str
) -> Message:
    """The nine fields in a line each, what is missing or wrong, and where the files are."""
    say_, record = words(lang).record, unsaid(_in_words(record, lang))
    title = headline(say.SIGNS[say.standing(x)], say_.title(x.label), one_line(record.task, LINE))
    fields = [_field(record, name, lang) for name in NINE]
    notes = [*_notes(record, check, lang), _where(handed, lang)]
    waived = [e for e in record.evidence if e.state is EvidenceState.WAIVED][:LISTED]
    reasons = [(say_.waived(e.label), one_line(e.reason or "", LINE)) for e in waived]
    text = joined("\n", say_.title(x.label), *notes, *(joined(" ", *r) for r in reasons))
    shown = [literal(reason, title=name) for name, reason in reasons]
    return Message(text, (title, *fields, *shown, *(section(note) for note in notes)))


def explained(check: EvidenceCheck, lang: str) -> Iterator[tuple[str, str]]:
    """Each defect of a record: its field, and what to write there."""
    for name in check.missing:
        yield name, say.spoken(lang, "record", f"write_{name}")
    for problem in check.errors:
        yield problem.pointer.removeprefix("/"), problem.detail


def _in_words(record: Record, lang: str) -> Record:
    """The record as a reader of a language sees it: names of items, and what owroute wrote."""
    items, note = tuple(_item_in_words(e, lang) for e in record.evidence), record.license_note
    for e in record.evidence:
        use = e.content.get("allowed_use")
        if note and use and isinstance(use, str):
            note = note.replace(f": {use}", f": {in_words(use, lang)}", 1)
    return record.model_copy(update={"evidence": items, "license_note": note})


def _item_in_words(e: Item, lang: str) -> Item:
    said = {n: in_words(v, lang) if isinstance(v, str) else v for n, v in e.content.items()}
    return e.model_copy(update={"label": item_name(e, lang), "content": said})


def _notes(record: Record, check: EvidenceCheck | None, lang: str) -> Iterator[Mrkdwn]:
    say_ = words(lang).record
    if record.withheld:
        yield say_.withheld()
    owed = [e for e in record.evidence if e.item in record.missing]
    claims = [e.label for e in owed if e.state is EvidenceState.CLAIMED][:LISTED]
    absent = [e.label for e in owed if e.state is not EvidenceState.CLAIMED][:LISTED]
    if absent:
        yield say_.missing(say.listed(absent, lang), record.experiment, len(absent))
    if claims:
        yield say_.claimed(say.listed(claims, lang), record.experiment)
    if check is None:
        yield say_.unchecked()
        return
    left = excused(check, record.waived)
    for problem in left.errors:
        yield _defect(record, problem, lang)
    if left.valid and not owed:
        yield say_.valid_waived() if record.waived else say_.valid()
    elif not owed and left.missing == ("decision",):
        yield say_.undecided()


def _defect(record: Record, problem: ProblemItem, lang: str) -> Mrkdwn:
    """What is wrong with a field, for who puts evidence down in Slack."""
    say_, field = words(lang).record, problem.pointer.removeprefix("/")
    name = say.spoken(lang, "record", f"field_{field}")
    value = getattr(record, field)
    if isinstance(value, (Runtime, FirstRun, Resources)):
        lacking = [n for n in type(value).model_fields if not getattr(value, n)]
        named = [str(say.spoken(lang, "record", f"part_{n}")) for n in lacking]
        if named:
            return say_.lacks(name, say.listed(named, lang), n=len(named))
    if field in ("model_name", "eval"):
        return say.spoken(lang, "record", f"wrong_{field}", name)
    return say_.defect(name, problem.detail)


def _where(handed: HandedOver, lang: str) -> Mrkdwn:
    """Where the files are to be found."""
    return say.spoken(lang, "record", handed.how.value, say.place_words(handed.place, lang))


def _field(record: Record, name: str, lang: str) -> Block:
    """A field with its name above."""
    say_, title = words(lang).record, say.spoken(lang, "record", f"field_{name}")
    if name == "shutdown" and record.shutdown and name not in record.waived:
        lines = [one_line(line, LINE) for line in record.shutdown.split("\n")]
        shown = [line for line in lines if line][:COMMANDS]
        if shown:
            return commands(*shown, title=title)
    if name in waiting(record):
        return section(joined("\n", bold(title), say_.waits(mention(UserId(record.owner)))))
    known = [text] if (text := _line(record, name, lang)) else []
    if name in record.waived:
        known.append(joined(" ", say_.waived_field(), one_line(record.waived[name], LINE)))
    return literal(joined(" · ", *known) if known else say_.empty(), title=title)


def _line(record: Record, name: str, lang: str) -> str:
    """A field on one line; "" for none."""
    match name:
        case "eval" if record.eval:
            passed = sum(c.passed is True for c in record.eval)
            return words(lang).record.passed(passed, len(record.eval))
        case "route" if record.route:
            return say.route_words(record.route.value, lang)
        case "decision" if record.decision:
            return say.spoken(lang, "decide", record.decision.value)
        case _:
            return one_line(" · ".join(filter(None, _parts(record, name, lang))), LINE)


def _parts(record: Record, name: str, lang: str) -> tuple[str | None, ...]:
    match getattr(record, name):
        case FirstRun() as run:
            return (_brief(run.prompt, lang), _brief(run.output, lang), run.seconds)
        case Runtime() as start:
            return (start.version, start.command)
        case Resources() as note:
            return tuple(_labelled(n, getattr(note, n), lang) for n in type(note).model_fields)
        case str() as text:
            return (text,)
        case _:
            return ()


def _labelled(name: str, value: str | None, lang: str) -> str | None:
    return f"{say.spoken(lang, 'record', f'part_{name}')} {value}" if value else None


def _brief(text: str | Withheld | None, lang: str) -> str | None:
    if isinstance(text, Withheld):
        return words(lang).evidence.withheld(text.chars)
    return one_line(text, LINE // 3) if text else None


def _rows(e: Item) -> Iterator[tuple[str, str | JsonValue]]:
    """What an item holds beside the nine fields, a line for each of its own fields."""
    if e.item in FEEDS and e.state is EvidenceState.GIVEN:
        return
    for name, value in sorted(e.content.items()):
        held_back = isinstance(value, dict) and "sha256" in value
        yield name, value if held_back else as_text(value) or ""


def _versions(record: Record) -> Sequence[tuple[str, object]]:
    names = ("engine", "ruleset", "catalog", "offers", "overlay")
    return [(name, getattr(record.plan, name)) for name in names] if record.plan else []


def _counts(record: Record) -> tuple[JsonValue, ...]:
    """Passed, failed, not judged, where the script or the table says so."""
    counted = record.eval_counts
    return tuple(counted.get(n, 0) for n in ("passed", "failed", "unjudged")) if counted else ()


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""


@cache
def _template(lang: str) -> Template:
    made = environment(lang)
    made.filters["as_written"] = _as_written
    return made.get_template("record.md.j2")


def _as_written(part: str) -> Md:
    """What a macro of the template gave: escaped already, its outer white space removed."""
    return Md(part.strip())
