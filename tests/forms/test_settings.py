"""Forms of settings: what nobody touched changes nothing; what is wrong is said beside it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.cards import personal, settings, settings_defaults, settings_said, workspace
from bot.cards import workspace_prices as prices
from bot.domain.digest_when import DigestMode, WeekTime
from bot.domain.fleet import Provider
from bot.domain.personal import Mute, Own
from bot.domain.reminders import NIGHT, ReminderRules
from bot.domain.schedule import QuietHours, WorkHours
from bot.domain.watch import NO_CAP, MonthlyCap, Watching
from bot.domain.workspace import Channel
from tests.cards.reminding import ADA, CAP, GRACE, HERE, LIN, RULES, WATCHING
from tests.cards.settling import DEFAULTS, OWN, PERSON, WORKING
from tests.forms.submitting import EMPTY, submitted

CHANNELS = [
    HERE,
    WORKING,
    replace(HERE, language="zh_CN", remind_every=timedelta(days=3), lead=LIN),
]


def of_channel(
    changed: Mapping[str, str] = EMPTY, here: Channel = HERE, zone: str | None = None
) -> dict[str, Any]:
    view = settings.settings_modal(here, CAP, RULES, "en", zone=zone or here.tz, leads=True)
    return submitted(view, changed)


def wrong(changed: Mapping[str, str], here: Channel = HERE) -> Mapping[str, str]:
    return settings.settings_errors(of_channel(changed, here), "en")


def saved(changed: Mapping[str, str], here: Channel = HERE) -> settings.Settled:
    view = of_channel(changed, here)
    assert not settings.settings_errors(view, "en")
    return settings.applied((here, CAP), settings.settings_edit(view))


@pytest.mark.parametrize("here", CHANNELS)
def test_a_form_that_nobody_touched_changes_nothing(here: Channel) -> None:
    assert settings.settings_edit(of_channel(here=here)) == {}
    assert saved({}, here) == (here, CAP)


def test_two_who_save_at_once_keep_what_each_changed() -> None:
    first = settings.settings_edit(of_channel({"tz": " asia/tokyo ", "muted": "yes"}))
    second = settings.settings_edit(of_channel({"weekends": "yes", "budget": "0.000001"}))
    here, cap = settings.applied(settings.applied((HERE, CAP), first), second)
    assert here == replace(HERE, tz="Asia/Tokyo", muted=True, weekends=True)
    assert cap == MonthlyCap(Decimal("0.000001"), stops=True)


def test_what_the_installation_decides_goes_on_being_decided_there() -> None:
    here, _ = saved({"weekends": "yes"})
    assert (here.remind_at, here.remind_every, here.digest_at, here.hours) == (None,) * 4
    later = ReminderRules(every=timedelta(days=2))
    assert later.cadence(here).every == timedelta(days=2)


def test_a_zone_that_was_suggested_counts_while_none_is_set() -> None:
    bare = Channel(HERE.team, HERE.channel)
    edit = settings.settings_edit(of_channel(here=bare, zone="Asia/Tokyo"))
    assert settings.applied((bare, NO_CAP), edit)[0].tz == "Asia/Tokyo"
    meanwhile = replace(bare, tz="Europe/Berlin")
    assert settings.applied((meanwhile, NO_CAP), edit)[0].tz == "Europe/Berlin"


def test_hours_and_digest_are_set_together_and_go_together() -> None:
    changed = {
        "work_start": "22:00", "work_end": "06:00", "digest": "always",
        "digest_day": "7", "digest_hour": "02:00",
    }  # fmt: skip
    here, _ = saved(changed)
    assert here.hours == WorkHours(time(22), time(6))
    assert here.hours.rest == QuietHours(time(6), time(22))
    assert (here.digest, here.digest_at) == (DigestMode.ALWAYS, WeekTime(7, time(2)))
    gone = dict.fromkeys(("work_start", "work_end", "digest_day", "digest_hour"), "usual")
    here, _ = saved(gone, here)
    assert (here.hours, here.digest_at) == (None, None)


def test_of_two_that_belong_together_one_is_not_enough() -> None:
    assert "begins" not in wrong({"work_start": "09:00"}).get("work_start", "")
    assert wrong({"work_start": "09:00"}).keys() == {"work_end"}
    assert wrong({"work_end": "09:00"}).keys() == {"work_start"}
    same = wrong({"work_start": "09:00", "work_end": "09:00"})
    assert "09:00 cannot end at 09:00" in same["work_end"]
    assert wrong({"digest_day": "1"}).keys() == {"digest_hour"}
    assert wrong({"digest_hour": "09:00"}).keys() == {"digest_day"}


@pytest.mark.parametrize("zone", ["Berlin", "Mars/Olympus", "", "../etc", "UTC+9", "欧洲/柏林"])
def test_a_zone_that_does_not_exist_is_answered_beside_its_field(zone: str) -> None:
    assert "Europe/Berlin" in wrong({"tz": zone})["tz"]


@pytest.mark.parametrize("zone", ["UTC", "utc", " america/new york ", "Pacific/Auckland"])
def test_a_zone_may_be_typed_in_any_case(zone: str) -> None:
    assert saved({"tz": zone})[0].tz in ("UTC", "America/New_York", "Pacific/Auckland")


AMOUNTS = ["1,5", "-1", "NaN", "1e309", "10000000.01", "\uff15\uff10", "0.0000001", "1e-6"]


@pytest.mark.parametrize("typed", AMOUNTS)
def test_an_amount_that_is_none_is_answered_beside_its_field(typed: str) -> None:
    assert "I cannot read" in wrong({"budget": typed})["budget"]


@pytest.mark.parametrize("typed", ["0.000001", "10000000", "49.9", "0.5"])
def test_the_smallest_and_the_largest_amount_read_as_they_were_typed(typed: str) -> None:
    before = (HERE, NO_CAP)
    after = saved({"budget": typed})
    [change] = settings_said.changes(before, after, RULES, "en")[:1]
    shown = "49.90" if typed == "49.9" else "0.50" if typed == "0.5" else typed
    assert change[2] == f"{shown} USD a month"
    assert after[1].cap == Decimal(typed)


def test_mute_turns_off_reminders_and_digests_alone() -> None:
    here, cap = settings.applied((WORKING, CAP), settings.muting())
    assert here == replace(WORKING, muted=True, digest=DigestMode.PAUSED_ALWAYS)
    assert cap == CAP


def test_a_pause_is_shown_with_what_it_keeps_and_kept_by_a_form_that_changes_something_else() -> (
    None
):
    paused = replace(WORKING, digest=DigestMode.PAUSED_ALWAYS)
    view = of_channel(here=paused)
    [menu] = [b["element"] for b in view["blocks"] if b.get("block_id") == "digest"]
    assert menu["initial_option"]["text"]["text"] == "Paused; every week once it is resumed"
    assert saved({"weekends": "yes"}, paused)[0].digest is DigestMode.PAUSED_ALWAYS
    assert saved({"digest": "on"}, paused)[0].digest is DigestMode.ON
    assert saved({"digest": "paused_always"}, WORKING)[0].digest is DigestMode.PAUSED_ALWAYS
    assert saved({"digest": "paused"}, HERE)[0].digest is DigestMode.PAUSED


def test_defaults_are_kept_taken_back_and_checked() -> None:
    view = settings_defaults.defaults_modal(DEFAULTS, {}, "en", HERE.channel)
    assert settings_defaults.defaults_edit(submitted(view)) == {}
    changed = {"privacy": "usual", "eu_entity": "yes", "max_hourly": "", "region": " eu-west "}
    edit = settings_defaults.defaults_edit(submitted(view, changed))
    held = settings_defaults.defaulted(DEFAULTS, edit)
    assert held == {
        "needs_service_api": "no",
        "stop_after": "6",
        "providers_allowed": "runpod, aws",
        "eu_entity": "yes",
        "region": "eu-west",
    }
    bad = {"max_hourly": "cheap", "monthly_active_users": "many"}
    found = settings_defaults.defaults_errors(submitted(view, bad), "en")
    assert found.keys() == bad.keys()


def test_what_the_workspace_has_is_shown_where_a_channel_has_nothing() -> None:
    view = settings_defaults.defaults_modal({}, {"privacy": "regulated"}, "en", HERE.channel)
    shown = {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    assert shown["privacy"]["initial_option"]["text"]["text"] == "The workspace's: Regulated"
    assert shown["eu_entity"]["initial_option"]["text"]["text"] == "No default"


def mine(own: Own, changed: Mapping[str, str] = EMPTY) -> dict[str, Any]:
    return submitted(personal.personal_modal(replace(PERSON, own=own), NIGHT, "en"), changed)


def changed_own(own: Own, changed: Mapping[str, str]) -> Own:
    view = mine(own, changed)
    assert not personal.personal_errors(view, "en")
    return personal.applied(own, personal.personal_edit(view))


def test_ones_own_settings() -> None:
    assert changed_own(Own(), {}) == Own()
    assert changed_own(OWN, {}) == OWN
    awake = changed_own(Own(), {"quiet": "never", "tz": "asia/tokyo"})
    assert awake == Own(tz="Asia/Tokyo", usual=False)
    assert awake.quiet_of(NIGHT) is None
    back = changed_own(OWN, {"quiet": "usual", "tz": "", "mute_evidence": "no"})
    assert back == Own()
    assert changed_own(OWN, {"mute_gpus": "yes", "mute_digest": "yes"}).mutes == set(Mute)


def test_who_chooses_hours_wants_quiet_hours_of_their_own() -> None:
    found = changed_own(Own(), {"quiet_end": "10:00"})
    assert found.quiet_of(NIGHT) == QuietHours(NIGHT.start, time(10))


def test_quiet_hours_of_no_length_are_answered_beside_their_field() -> None:
    view = mine(Own(), {"quiet": "own", "quiet_start": "08:00"})
    assert personal.personal_errors(view, "en").keys() == {"quiet_end"}
    assert personal.personal_errors(mine(Own(), {"tz": "Nowhere"}), "en").keys() == {"tz"}


HELD = workspace.Settled(WATCHING, CAP, (ADA,))


def in_workspace(changed: Mapping[str, str]) -> workspace.Settled:
    view = submitted(workspace.workspace_modal(HELD, "en"), changed)
    assert not workspace.workspace_errors(view, "en")
    return workspace.applied(HELD, workspace.workspace_edit(view))


def test_a_workspace_changes_field_by_field() -> None:
    assert in_workspace({}) == HELD
    found = in_workspace({"admins": f"{LIN} {GRACE}", "keep": "for_good", "ops": ""})
    assert found.admins == tuple(sorted((LIN, GRACE)))
    assert found.watching == replace(WATCHING, keep=None, ops=None)
    assert in_workspace({"keep": "90"}).watching.keep == timedelta(days=90)
    hold = replace(HELD, watching=replace(WATCHING, hold=True))
    view = submitted(workspace.workspace_modal(HELD, "en"), {"members_stop": "stop_few"})
    after = workspace.applied(hold, workspace.workspace_edit(view))
    assert after.watching == replace(WATCHING, hold=True, members_stop=False)


def test_a_workspace_without_a_single_setting_reads_and_saves() -> None:
    bare = workspace.Settled(Watching(HERE.team))
    view = submitted(workspace.workspace_modal(bare, "en"))
    assert workspace.applied(bare, workspace.workspace_edit(view)) == bare


def of_price(changed: Mapping[str, str]) -> dict[str, Any]:
    return submitted(prices.prices_modal(prices.Prices([]), "en"), changed)


@pytest.mark.parametrize("typed", [*AMOUNTS, "0", "0.00"])
def test_a_price_that_is_none_is_answered_beside_its_field(typed: str) -> None:
    found = prices.price_errors(of_price({"gpu": "H100", "price": typed}), "en")
    assert found.keys() == {"price"}
    assert "0.000001" in found["price"]


def test_a_price_is_of_a_kind_and_nothing_removes_it() -> None:
    price = prices.parse_price(of_price({"gpu": "  H100   SXM ", "price": "0.000001"}))
    assert price.key == (Provider.RUNPOD, "h100 sxm")
    assert price.price == Decimal("0.000001")
    assert prices.price_words(price, "en") == "0.000001 USD/h"
    assert not prices.parse_price(of_price({"gpu": "H100", "price": ""})).price
    assert prices.price_errors(of_price({"gpu": "\u200b ", "price": "1"}), "en").keys() == {"gpu"}
