"""Each error is a sentence for a person, in every language, with a way on."""

import inspect
from datetime import UTC, datetime
from decimal import Decimal

import pytest

import bot.errors
import bot.errors_gpu
from bot.cards import errors
from bot.domain.budgets import CapKind
from bot.domain.plans import State
from bot.domain.workspace import LANGUAGES
from bot.errors import (
    AlreadyDecided,
    AlreadySettled,
    AlreadyStopping,
    BadToken,
    CannotCheck,
    ChangedMeanwhile,
    DecidedMeanwhile,
    EngineRefusedCard,
    EngineUnavailable,
    LeadGone,
    LeadOnly,
    NoSuchGpu,
    NoSuchItem,
    NotAllowed,
    NotDecidable,
    NotFound,
    NothingAsked,
    NothingClaimed,
    NothingOpen,
    NothingToFix,
    NotLead,
    NotMember,
    NotRejectable,
    NotRun,
    NotRunning,
    NotWhatWasSeen,
    NowPrivate,
    OldButton,
    OldGeneration,
    OwnerGone,
    StillDeciding,
    UsedUp,
    UserError,
    WrongState,
)
from bot.errors_gpu import (
    AdminOnly,
    NameInUse,
    NoStopTime,
    NotYourGpu,
    OverCap,
    ProviderSilent,
    StillListed,
    TakenMeanwhile,
)
from tests.cards.made import RENTED, STOPPED, checklist, planned

OWED = checklist(planned(RENTED | STOPPED))
"""More than are named."""

EVENING = datetime(2026, 11, 23, 18, 20, tzinfo=UTC)

ALL = [
    NotFound("OW-12"),
    NotAllowed("OW-12", "U1"),
    LeadOnly("OW-12"),
    NoSuchItem("OW-12"),
    NothingAsked("OW-12"),
    NothingClaimed("OW-12"),
    NothingOpen(),
    NowPrivate("OW-12"),
    NotMember(),
    NotLead(led=True),
    NotLead(led=False),
    LeadGone(),
    CannotCheck(),
    *(WrongState("OW-12", state.value) for state in State),
    ChangedMeanwhile("OW-12"),
    NothingToFix("OW-12"),
    NotDecidable("OW-12", OWED[:2], no_failures=True, led=True),
    NotDecidable("OW-12", OWED, no_failures=False, led=False),
    DecidedMeanwhile("OW-12", "keep"),
    NotRun("OW-12"),
    StillDeciding("OW-12"),
    AlreadyDecided("OW-12"),
    NotWhatWasSeen("OW-12"),
    NotRejectable("OW-12"),
    AlreadySettled("OW-12"),
    BadToken(),
    UsedUp("OW-12", 20),
    OldButton(),
    OwnerGone("U1"),
    EngineUnavailable("timeout"),
    NoSuchGpu(),
    OldGeneration("ow-12-ada"),
    AlreadyStopping("ow-12-ada", "U1"),
    NotRunning("ow-12-ada"),
    *(
        NotYourGpu("ow-12-ada", act, owner, lead)
        for act in ("steer", "stop", "lead")
        for owner in ("Ada", None)
        for lead in ("Lin", None)
    ),
    AdminOnly(),
    TakenMeanwhile("ow-12-ada", "Ada"),
    TakenMeanwhile("ow-12-ada", None),
    StillListed("ow-12-ada", stopping=False),
    StillListed("ow-12-ada", stopping=True),
    ProviderSilent("ow-12-ada"),
    NoStopTime("ow-12-ada"),
    *(
        OverCap("ow-12-ada", kind, "OW-12", Decimal(20), Decimal("19.804"), latest, "Asia/Shanghai")
        for kind in CapKind
        for latest in (EVENING, None)
    ),
    NameInUse("ow-12-ada"),
    EngineRefusedCard("hardware.gpu_id: <unknown> & more", ("hardware/gpu_id",)),
]


def test_no_error_is_forgotten() -> None:
    modules = (bot.errors, bot.errors_gpu)
    kinds = [kind for m in modules for kind in inspect.getmembers(m, inspect.isclass)]
    known = {kind for _, kind in kinds if issubclass(kind, UserError)} - {UserError}
    assert {type(error) for error in ALL} == known


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("error", ALL, ids=lambda e: f"{e.code}-{e.values.get('state', '')}")
def test_an_error_is_one_plain_paragraph(error: UserError, lang: str) -> None:
    sentence = errors.sentence(error, lang)
    assert len(sentence) > 20 - 10 * (lang == "zh_CN")
    assert "\n" not in sentence
    assert "<" not in sentence, "beside a field Slack shows a mention as an id"
    assert not any(f"({state.value})" in sentence for state in State)


def test_a_cap_names_its_sums_and_the_readers_own_time() -> None:
    kind, spent = CapKind.EXPERIMENT, Decimal("19.804")
    error = OverCap("ow-12-ada", kind, "OW-12", Decimal(20), spent, EVENING, "Asia/Shanghai")
    said = errors.sentence(error, "en")
    assert "19.80 USD of the cap of 20.00 USD for OW-12 are spent" in said
    assert "until 2026-11-24 02:20 (Shanghai)" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_refusal_about_a_gpu_names_who_may(lang: str) -> None:
    said = errors.sentence(NotYourGpu("ow-12-ada", "stop", "Ada", "Lin"), lang)
    assert "Ada" in said
    assert "Lin" in said


def test_the_engine_s_words_are_escaped() -> None:
    assert "&lt;unknown&gt; &amp; more" in errors.sentence(ALL[-1], "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_goes_wrong_on_our_side_has_a_reference(lang: str) -> None:
    assert "1a2b3c4d" in errors.unexpected("1a2b3c4d", lang)
    assert "1a2b3c4d" in errors.database_down("1a2b3c4d", lang)


def test_a_gate_names_whom_to_ask_and_counts() -> None:
    one = errors.sentence(NotDecidable("OW-12", OWED[:1], no_failures=False, led=False), "en")
    assert "Attach it, or ask an admin to waive it." in one
    two = errors.sentence(NotDecidable("OW-12", OWED[:2], no_failures=False, led=True), "en")
    assert "Attach them, or ask the channel's lead to waive them." in two
