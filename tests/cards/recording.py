"""Records to show: complete, with much missing, private, and where the engine is down."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.cards import compare
from bot.cards.record import summary
from bot.domain.delivery import Handed, HandedOver, Message
from bot.domain.evidence import EvidenceState
from bot.domain.ids import ChannelId
from bot.domain.plans import Conclusion, Experiment
from bot.domain.record import record_of
from bot.domain.record_model import Record
from bot.domain.record_waived import FEEDS
from engine.contract import EvidenceCheck
from engine.load import load_data
from engine.records import check_record
from tests.cards.made import ENGINE_LANG, PLAIN, RENTED, STOPPED, checklist, planned
from tests.domain.recorded import ADA, AT, given, having

DATA = load_data()


def complete(fields: Mapping[str, str], lang: str) -> tuple[Experiment, Record]:
    """All evidence is there, and it is kept."""
    x = planned(fields, lang)
    items, entries = given(x)
    x = x.concluded(Conclusion.KEEP, by=ADA, at=AT)
    return x, record_of(x, items, entries)


def partly(lang: str) -> tuple[Experiment, Record]:
    """Four cases only, something waived, the rest missing."""
    x = planned(RENTED | STOPPED, lang)
    four = [{"case_id": str(n), "pass": True} for n in range(4)]
    items = having(checklist(x), "five_case_eval", cases=four)
    reason = "no *second* machine"
    waived = [e.waived(reason, by=ADA, at=AT) if e.item == "stop_proof" else e for e in items]
    return x, record_of(x, waived, [])


def toy(lang: str) -> tuple[Experiment, Record]:
    """All that feeds the nine fields is waived, the rest given; it is kept."""
    x = planned(RENTED | STOPPED, lang)
    items, entries = given(x)
    waived = [
        replace(e, content={}).waived("a <toy>", by=ADA, at=AT) if e.item in FEEDS else e
        for e in items
    ]
    x = x.concluded(Conclusion.KEEP, by=ADA, at=AT)
    return x, record_of(x, waived, entries)


def halves(lang: str) -> tuple[Experiment, Record]:
    """Fields of which a part is there, and what waits for Accept."""
    x = planned(PLAIN, lang)
    items, entries = given(x)
    items = having(items, "runtime_command", version="vllm 0.11.0")
    items = having(items, "latency_memory_note", latency="1.25 s", cost="0 USD")
    items = having(items, "model_card_license", repo="Qwen/Qwen3-8B", license_id="mit")
    claimed = replace(items[-1], state=EvidenceState.CLAIMED)
    return x, record_of(x, [*items[:-1], claimed], entries)


def captured(lang: str) -> tuple[Experiment, Record]:
    """All that feeds the nine fields was captured, and nobody has accepted any of it."""
    x = planned(RENTED | STOPPED, lang)
    items, entries = given(x)
    claims = [replace(e, state=EvidenceState.CLAIMED) if e.item in FEEDS else e for e in items]
    return x, record_of(x, claims, entries)


def shown(found: tuple[Experiment, Record], handed: Handed, lang: str) -> Message:
    """What its reader sees."""
    x, record = found
    return summary(x, record, checked(record, lang), HandedOver(handed, x.channel), lang)


def checked(record: Record, lang: str) -> EvidenceCheck:
    """The engine's own answer."""
    return check_record(record.nine, DATA.rules[ENGINE_LANG[lang]].evidence.record)


def unchecked(lang: str) -> Message:
    """The engine does not answer."""
    x, record = complete(PLAIN, lang)
    return summary(x, record, None, HandedOver(Handed.ON_ITS_WAY, ChannelId("D0ADA00001")), lang)


RECORDING: Mapping[str, Callable[[str], Message]] = {
    "record": lambda lang: shown(complete(PLAIN, lang), Handed.QUEUED, lang),
    "record_private": lambda lang: shown(complete(RENTED | STOPPED, lang), Handed.THERE, lang),
    "record_partly": lambda lang: shown(partly(lang), Handed.AGAIN, lang),
    "record_toy": lambda lang: shown(toy(lang), Handed.QUEUED, lang),
    "record_halves": lambda lang: shown(halves(lang), Handed.QUEUED, lang),
    "record_captured": lambda lang: shown(captured(lang), Handed.QUEUED, lang),
    "record_unchecked": unchecked,
    "record_unknown": lambda lang: compare.which("OW-99 *x*", [], {}, lang, word="record"),
}
