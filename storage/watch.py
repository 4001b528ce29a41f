"""Settings of the GPU watch, how listings went, and budgets."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.fleet import Problem, Provider, Scope
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.watch import Account, Budget, BudgetScope, SetPrice, Watching, mark_key
from storage.gpu_tables import budget_marks, budgets, fleet_accounts, set_prices, watching
from storage.insert import insert_once, upsert
from storage.tables import people


class SqlWatchBook:
    """`bot.ports.WatchBook`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def settings(self, team: TeamId) -> Watching:
        """The workspace's; as shipped where nobody has set any."""
        found = await self._connection.execute(select(watching).where(watching.c.team == team))
        row = found.first()
        if row is None:
            return Watching(team)
        return Watching(
            team,
            row.hold,
            UserId(row.held_by) if row.held_by else None,
            row.held_at,
            time.fromisoformat(row.default_stop) if row.default_stop else None,
            ChannelId(row.ops) if row.ops else None,
            row.members_stop,
            row.defaults or {},
            timedelta(days=row.keep_days) if row.keep_days else None,
        )

    async def taken(self, team: TeamId) -> Watching:
        """On Postgres behind a lock by the workspace's name: a row may not be there yet."""
        if self._connection.dialect.name == "postgresql":
            key = func.hashtextextended(f"watching:{team}", 0)
            await self._connection.execute(select(func.pg_advisory_xact_lock(key)))
        return await self.settings(team)

    async def put(self, settings: Watching) -> None:
        """Replace them."""
        at = settings.default_stop
        values = {
            "team": settings.team,
            "hold": settings.hold,
            "held_by": settings.held_by,
            "held_at": settings.held_at,
            "default_stop": at.isoformat("minutes") if at else None,
            "ops": settings.ops,
            "members_stop": settings.members_stop,
            "defaults": dict(settings.defaults),
            "keep_days": settings.keep.days if settings.keep else None,
        }
        await upsert(self._connection, watching, values, watching.c.team)

    async def accounts(self, team: TeamId) -> Sequence[Account]:
        """All scopes that were ever listed."""
        rows = await self._connection.execute(
            select(fleet_accounts).where(fleet_accounts.c.team == team)
        )
        return [_account(row) for row in rows]

    async def account(self, team: TeamId, scope: Scope) -> Account:
        """One of them; a new one where it was never listed."""
        found = await self._connection.execute(
            select(fleet_accounts).where(
                fleet_accounts.c.team == team,
                fleet_accounts.c.provider == scope.provider.value,
                fleet_accounts.c.account == scope.account,
                fleet_accounts.c.region == scope.region,
            )
        )
        row = found.first()
        return _account(row) if row else Account(team, scope)

    async def put_account(self, account: Account) -> None:
        """Replace it."""
        scope = account.scope
        values = {
            "team": account.team,
            "provider": scope.provider.value,
            "account": scope.account,
            "region": scope.region,
            "problem": account.problem.value if account.problem else None,
            "since": account.since,
            "failures": account.failures,
            "complete_at": account.complete_at,
            "told": account.told,
            "may_stop": account.may_stop,
        }
        await upsert(self._connection, fleet_accounts, values, *fleet_accounts.primary_key)

    async def budgets(self, team: TeamId) -> Sequence[Budget]:
        """All caps of a workspace."""
        rows = await self._connection.execute(select(budgets).where(budgets.c.team == team))
        return [_budget(row) for row in rows]

    async def budgets_of(
        self, team: TeamId, scope: BudgetScope, subjects: Collection[str]
    ) -> Sequence[Budget]:
        """By their key."""
        theirs = (budgets.c.scope == scope.value, budgets.c.subject.in_(list(subjects)))
        asked = select(budgets).where(budgets.c.team == team, *theirs)
        return [_budget(row) for row in await self._connection.execute(asked)]

    async def put_budget(self, budget: Budget) -> None:
        """Set a cap; zero removes it."""
        if not budget.cap:
            await self._connection.execute(
                delete(budgets).where(
                    budgets.c.team == budget.team,
                    budgets.c.scope == budget.scope.value,
                    budgets.c.subject == budget.subject,
                )
            )
            return
        values = {
            "team": budget.team,
            "scope": budget.scope.value,
            "subject": budget.subject,
            "cap": budget.cap,
            "stops": budget.stops,
            "set_by": budget.set_by,
            "set_at": budget.set_at,
        }
        await upsert(self._connection, budgets, values, *budgets.primary_key)

    async def prices(self, team: TeamId) -> Sequence[SetPrice]:
        """In the order of provider and GPU."""
        asked = select(set_prices).where(set_prices.c.team == team)
        rows = await self._connection.execute(
            asked.order_by(set_prices.c.provider, set_prices.c.key)
        )
        return [
            SetPrice(
                Provider(row.provider),
                row.gpu,
                row.price,
                UserId(row.set_by) if row.set_by else None,
                row.set_at,
            )
            for row in rows
        ]

    async def put_price(self, team: TeamId, price: SetPrice) -> None:
        """Set a price; zero removes it."""
        provider, key = price.key
        if not price.price:
            gone = (set_prices.c.team == team, set_prices.c.provider == provider.value)
            await self._connection.execute(delete(set_prices).where(*gone, set_prices.c.key == key))
            return
        values = {
            "team": team,
            "provider": provider.value,
            "key": key,
            "gpu": price.gpu,
            "price": price.price,
            "set_by": price.set_by,
            "set_at": price.set_at,
        }
        await upsert(self._connection, set_prices, values, *set_prices.primary_key)

    async def mark(self, budget: Budget, period: str, mark: int, now: datetime) -> bool:
        """Insert unless it was told: another cap has other marks."""
        values = {"key": mark_key(budget, period, mark), "team": budget.team, "told_at": now}
        new = await insert_once(self._connection, budget_marks, values, budget_marks.c.key)
        return new is not None

    async def told(self, keys: Collection[str]) -> set[str]:
        """Which of these marks are noted."""
        asked = select(budget_marks.c.key).where(budget_marks.c.key.in_(list(keys)))
        return set((await self._connection.execute(asked)).scalars()) if keys else set()

    async def admins(self, team: TeamId) -> Sequence[UserId]:
        """Slack's admins whom we have met and those they named, who are still here."""
        asked = select(people.c.user).where(
            people.c.team == team,
            people.c.home_team == team,
            or_(people.c.is_admin, people.c.named_admin),
            ~people.c.deleted,
            ~people.c.is_guest,
            ~people.c.is_bot,
        )
        found = await self._connection.execute(asked.order_by(people.c.user))
        return [UserId(user) for user in found.scalars()]


def _account(row: Any) -> Account:
    return Account(
        TeamId(row.team),
        Scope(Provider(row.provider), row.account, row.region),
        Problem(row.problem) if row.problem else None,
        row.since,
        row.failures,
        row.complete_at,
        row.told,
        row.may_stop,
    )


def _budget(row: Any) -> Budget:
    return Budget(
        TeamId(row.team),
        BudgetScope(row.scope),
        row.subject,
        row.cap,
        row.stops,
        UserId(row.set_by) if row.set_by else None,
        row.set_at,
    )
