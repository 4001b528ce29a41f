"""Accounts that cannot be read: how a poll changes what is known of one, and what is wrong there.

Pure. A row (`Account`) is one scope of an account: all of it, or one of its regions. What is wrong
in several regions at once is one trouble. Regions that refuse the key while others answer, and
where nothing is known to run, are closed to it: that is how the key is, and no alarm.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.fleet import Listing, Problem, Scope
from bot.domain.ids import TeamId
from bot.domain.watch import Account

Whole = Scope
"""A scope without a region: all of an account."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One problem of an account. `regions` that have it; none where it has no regions.

    `since` is when the account's troubles began: those that come while others last are of the same
    time, so that it names them until all is well again.
    """

    scope: Whole
    problem: Problem
    since: datetime | None
    regions: tuple[str, ...] = ()
    told: bool = False


def whole(scope: Scope) -> Whole:
    """The account that a scope belongs to."""
    return replace(scope, region="")


def by_account(rows: Iterable[Account]) -> Mapping[Whole, Sequence[Account]]:
    """Rows of each account."""
    found: dict[Whole, list[Account]] = {}
    for row in rows:
        found.setdefault(whole(row.scope), []).append(row)
    return found


def closed(rows: Sequence[Account]) -> list[Account]:
    """Regions of one account that refuse the key while others answer.

    One that was listed and where something ran then is none: somebody pays for what nobody sees.
    """
    if not any(_answers(row) for row in rows):
        return []
    refused = (row for row in rows if row.problem is Problem.AUTH and row.scope.region)
    return [row for row in refused if row.complete_at is None]


def alarming(rows: Sequence[Account]) -> list[Account]:
    """What of one account cannot be read and should be."""
    known = closed(rows)
    return [row for row in rows if row.is_trouble and row not in known]


def troubles(rows: Sequence[Account]) -> list[Trouble]:
    """What the admins should hear of one account, a trouble per problem, once it lasts."""
    lasting = [row for row in alarming(rows) if row.lasts]
    return [_together([r for r in lasting if r.problem is p]) for p in Problem if _has(lasting, p)]


def unlisted(rows: Iterable[Account]) -> list[Trouble]:
    """Each account of which something cannot be read just now, lasting or not."""
    found = (alarming(mine) for mine in by_account(rows).values())
    return [_together(mine) for mine in found if mine]


def shut_out(rows: Iterable[Account]) -> list[Trouble]:
    """Each account of which regions are closed to its key."""
    found = (closed(mine) for mine in by_account(rows).values())
    return [_together(mine) for mine in found if mine]


def polled(
    team: TeamId,
    rows: Sequence[Account],
    listings: Sequence[Listing],
    now: datetime,
    *,
    live: Collection[str] = (),
    untouched: Collection[str] = (),
) -> list[Account]:
    """One account's rows after a poll.

    In `live` regions something ran when they were listed last; `untouched` ones were listed now and
    not worked in.

    A failure that speaks for the whole account is one of each region that is known. What no listing
    speaks for any more is forgotten once the account answers.
    """
    said = _spread(rows, listings)
    known = {row.scope.region: row for row in rows}
    after = {
        region: _noted(known.get(region) or Account(team, listing.scope), listing, now)
        for region, listing in said.items()
    }
    after = {region: _kept(row, region in live) for region, row in after.items()}
    answered = any(not row.is_trouble for row in after.values())
    for region, row in known.items():
        if region not in after:
            lapsed = (answered or (said and not region)) and region not in untouched
            after[region] = _forgotten(row) if lapsed else row
    return _dated(rows, list(after.values()), now)


def _spread(rows: Sequence[Account], listings: Sequence[Listing]) -> Mapping[str, Listing]:
    """What was said of each region."""
    said = {listing.scope.region: listing for listing in listings}
    regions = [row.scope for row in rows if row.scope.region]
    if "" not in said or not regions:
        return said
    everywhere = said.pop("")
    return {scope.region: replace(everywhere, scope=scope) for scope in regions} | said


def _noted(row: Account, listing: Listing, now: datetime) -> Account:
    if listing.problem is None:
        return Account(row.team, row.scope, complete_at=now, may_stop=row.may_stop)
    return replace(
        row,
        problem=listing.problem,
        since=row.since or now,
        failures=row.failures + 1,
        told=row.told and row.problem is listing.problem,
    )


def _kept(row: Account, is_live: bool) -> Account:
    """Where the key is refused and nothing runs, nothing is kept of an earlier list."""
    refused = row.problem is Problem.AUTH and not is_live
    return replace(row, complete_at=None) if refused else row


def _forgotten(row: Account) -> Account:
    return Account(row.team, row.scope, may_stop=row.may_stop)


def _dated(before: Sequence[Account], after: Sequence[Account], now: datetime) -> list[Account]:
    """What joins a trouble is of its time; what is none was told to nobody."""
    were, are = alarming(before), alarming(after)
    since = min((row.since for row in were if row.since), default=now)
    old = {row.scope for row in were}
    return [
        replace(row, since=since, told=row.told and row.scope in old)
        if row in are
        else replace(row, told=False)
        for row in after
    ]


def _answers(row: Account) -> bool:
    """Whether it is listed, or was until a failure that may pass."""
    return row.complete_at is not None and bool(row.scope.region) and not row.lasts


def _has(rows: Iterable[Account], problem: Problem) -> bool:
    return any(row.problem is problem for row in rows)


def _together(rows: Sequence[Account]) -> Trouble:
    return Trouble(
        scope=whole(rows[0].scope),
        problem=rows[0].problem or Problem.SERVER,
        since=min((row.since for row in rows if row.since), default=None),
        regions=tuple(sorted(row.scope.region for row in rows if row.scope.region)),
        told=any(row.told for row in rows),
    )
