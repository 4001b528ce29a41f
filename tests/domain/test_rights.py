"""Who may do what: the table of docs/security.md, row by row."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.fleet import Billing, Machine, Provider
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_rights import GpuPowers, gpu_powers
from bot.domain.ids import ChannelId, GpuId, TeamId, UserId
from bot.domain.personal import Own
from bot.domain.watch import Watching
from bot.domain.workspace import Act, Actor, Person, may

TEAM, OTHER = TeamId("T1"), TeamId("T2")
ADA, LIN, GRACE, EVE = UserId("U1"), UserId("U2"), UserId("U3"), UserId("U4")


def person(user: UserId, home: TeamId = TEAM, **traits: Any) -> Person:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    plain = Person(TEAM, user, home, "n", "en-US", "UTC", False, False, False, False, at)
    return replace(plain, **traits)


MEMBER = {Act.VIEW, Act.PLAN}
OWNS = MEMBER | {Act.STEER, Act.STOP}
LEADS = OWNS | {Act.LEAD}
NOTHING: set[Act] = set()


@pytest.mark.parametrize(
    ("who", "home", "acts"),
    [
        (person(ADA), TEAM, OWNS),  # the owner
        (person(LIN), TEAM, LEADS),  # the channel's lead
        (person(GRACE, is_admin=True), TEAM, LEADS | {Act.ADMIN}),
        (replace(person(EVE), own=Own(admin=True)), TEAM, LEADS | {Act.ADMIN}),  # named one
        (replace(person(EVE, is_guest=True), own=Own(admin=True)), TEAM, NOTHING),
        (person(EVE), TEAM, MEMBER),  # any engineer
        (person(ADA, is_guest=True), TEAM, NOTHING),
        (person(ADA, deleted=True), TEAM, NOTHING),
        (person(ADA, is_bot=True), TEAM, NOTHING),
        (person(GRACE, is_admin=True), OTHER, NOTHING),  # another workspace's admin
        (person(ADA, OTHER), TEAM, NOTHING),  # so says Slack's list, not the request
    ],
)
def test_rights(who: Person, home: TeamId, acts: set[Act]) -> None:
    actor = Actor(TEAM, who.user, home)
    assert {act for act in Act if may(actor, who, act, owner=ADA, lead=LIN)} == acts


def test_a_setting_lets_every_full_member_stop_and_nothing_else() -> None:
    eve = person(EVE)
    may_now = {
        act
        for act in Act
        if may(Actor(TEAM, EVE, TEAM), eve, act, owner=ADA, lead=LIN, members_stop=True)
    }
    assert may_now == MEMBER | {Act.STOP}


@pytest.mark.parametrize("trait", ["is_guest", "is_bot", "deleted"])
def test_the_setting_reaches_no_guest(trait: str) -> None:
    who = replace(person(EVE), **{trait: True})  # type: ignore[arg-type]  # all three are booleans
    actor = Actor(TEAM, EVE, TEAM)
    assert not may(actor, who, Act.STOP, owner=ADA, lead=None, members_stop=True)
    elsewhere = Actor(TEAM, EVE, OTHER)
    assert not may(elsewhere, person(EVE), Act.STOP, owner=None, lead=None, members_stop=True)


def test_what_has_no_owner_and_no_lead_is_left_to_admins() -> None:
    eve = Actor(TEAM, EVE, TEAM)
    for act in (Act.STEER, Act.STOP, Act.LEAD):
        assert not may(eve, person(EVE), act, owner=None, lead=None)
    grace = Actor(TEAM, GRACE, TEAM)
    for act in (Act.STEER, Act.STOP, Act.LEAD):
        assert may(grace, person(GRACE, is_admin=True), act, owner=None, lead=None)


HERE, ELSEWHERE, OPS = ChannelId("C1"), ChannelId("C2"), ChannelId("C3")
NONE_OF_IT = GpuPowers(takes=False, steers=False, stops=False, leads=False)
HIS_OWN = GpuPowers(takes=False, steers=True, stops=True, leads=False)
ALL_OF_IT = replace(HIS_OWN, leads=True)


def run(owner: UserId | None) -> GpuRun:
    machine = Machine(Provider.RUNPOD, "team", "pod-1")
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return GpuRun(
        GpuId(1), TEAM, machine, 1, RunState.RUNNING, Billing.COMPUTE, at, at, at, at,
        owner=owner, channel=HERE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "owner", "place", "shown"),
    [
        (person(ADA), ADA, None, HIS_OWN),
        (person(LIN), ADA, None, ALL_OF_IT),
        (person(GRACE, is_admin=True), ADA, ELSEWHERE, ALL_OF_IT),
        (person(EVE), ADA, HERE, NONE_OF_IT),
        (person(EVE), ADA, OPS, None),
        (person(EVE), None, OPS, replace(NONE_OF_IT, takes=True)),
        (person(EVE), ADA, ELSEWHERE, None),
        (person(EVE), ADA, None, None),
        (person(EVE), None, ELSEWHERE, replace(NONE_OF_IT, takes=True)),
        (person(EVE, is_guest=True), ADA, HERE, None),
        (person(EVE, is_guest=True), None, HERE, None),
    ],
)
def test_a_gpu_is_shown_in_its_channel_and_to_who_answers_for_it(
    who: Person, owner: UserId | None, place: ChannelId | None, shown: GpuPowers | None
) -> None:
    actor = Actor(TEAM, who.user, TEAM)
    assert gpu_powers(actor, who, run(owner), LIN, place, Watching(TEAM, ops=OPS)) == shown
