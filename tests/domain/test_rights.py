"""Who may do what: the table of docs/security.md, row by row."""

from datetime import UTC, datetime

import pytest

from bot.domain.ids import TeamId, UserId
from bot.domain.workspace import Act, Actor, Person, may

TEAM, OTHER = TeamId("T1"), TeamId("T2")
ADA, LIN, GRACE, EVE = UserId("U1"), UserId("U2"), UserId("U3"), UserId("U4")


def person(user: UserId, home: TeamId = TEAM, **traits: bool) -> Person:
    known = {"is_admin": False, "is_guest": False, "is_bot": False, "deleted": False, **traits}
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Person(TEAM, user, home, "n", "en-US", "UTC", fetched_at=at, **known)


@pytest.mark.parametrize(
    ("who", "home", "view", "plan", "steer", "lead"),
    [
        (person(ADA), TEAM, True, True, True, False),  # the owner
        (person(LIN), TEAM, True, True, True, True),  # the channel's lead
        (person(GRACE, is_admin=True), TEAM, True, True, True, True),
        (person(EVE), TEAM, True, True, False, False),  # any engineer
        (person(ADA, is_guest=True), TEAM, False, False, False, False),
        (person(ADA, deleted=True), TEAM, False, False, False, False),
        (person(ADA, is_bot=True), TEAM, False, False, False, False),
        (
            person(GRACE, is_admin=True),
            OTHER,
            False,
            False,
            False,
            False,
        ),  # another workspace's admin
        (
            person(ADA, OTHER),
            TEAM,
            False,
            False,
            False,
            False,
        ),  # so says Slack's list, not the request
    ],
)
def test_rights(who: Person, home: TeamId, view: bool, plan: bool, steer: bool, lead: bool) -> None:
    actor = Actor(TEAM, who.user, home)
    granted = {act: may(actor, who, act, owner=ADA, lead=LIN) for act in Act}
    assert granted == {Act.VIEW: view, Act.PLAN: plan, Act.STEER: steer, Act.LEAD: lead}
