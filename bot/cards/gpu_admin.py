"""What admins are told of the watch itself: providers that cannot be read, budgets, hold."""

from collections.abc import Sequence

from bot.cards import ids, say
from bot.cards.blocks import actions, button, confirm, context, headline, section
from bot.cards.gpu_money import spent_words, usd
from bot.cards.gpu_say import PROVIDERS, named
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, channel, code, joined, mention, moment
from bot.domain.costs import Spent
from bot.domain.delivery import Block, Message
from bot.domain.fleet import Problem, Provider, Scope
from bot.domain.ids import ChannelId
from bot.domain.troubles import Trouble
from bot.domain.watch import Account, Budget, BudgetScope, Watching

KEYS = {
    Provider.RUNPOD: "RUNPOD_API_KEY",
    Provider.VAST: "VAST_API_KEY",
    Provider.DSTACK: "DSTACK_TOKEN",
    Provider.AWS: "AWS_ACCESS_KEY_ID",
}
"""Where the key of a provider is set."""

OWN = ("", "default")
"""Accounts whose name says nothing: the only one of a provider."""

SPENT = 100


def trouble_card(trouble: Trouble, lang: str) -> Message:
    """A provider that cannot be read: why, where, since when, what that means, and what to do."""
    say_, provider, problem = words(lang).gpu_admin, _provider(trouble.scope), trouble.problem
    since = [say_.since(moment(trouble.since))] if trouble.since else []
    why = joined(" · ", say.spoken(lang, "gpu_admin", f"why_{problem.value}", provider), *since)
    lines = [why, say_.meanwhile(), _next_step(trouble.scope, problem, lang)]
    if len(trouble.regions) > 1:
        lines.insert(1, say_.regions(say.listed(trouble.regions, lang)))
    title = say.spoken(lang, "gpu_admin", f"title_{_kind(problem)}", provider)
    return _told("warning", title, _where(trouble.scope, trouble.regions), lines)


def recovered_card(rows: Sequence[Account], lang: str) -> Message:
    """All of an account can be read again; for the messages of `trouble_card`, or a new one."""
    scope, at = rows[0].scope, max((r.complete_at for r in rows if r.complete_at), default=None)
    say_, provider = words(lang).gpu_admin, _provider(scope)
    since = [say_.since(moment(at))] if at else []
    lines = [joined(" · ", say_.listed_again(provider), *since), say_.corrected()]
    return _told("white_check_mark", say_.title_recovered(provider), _where(scope), lines)


def budget_card(budget: Budget, spent: Spent, mark: int, subject: str, lang: str) -> Message:
    """A mark of a budget is reached. `subject`: OW-12, or empty for a channel or the workspace."""
    say_, whose = words(lang).gpu_admin, _whose(budget, subject, lang)
    period = say_.in_all if budget.scope is BudgetScope.EXPERIMENT else say_.this_month
    sums = period(spent_words(spent, lang), usd(budget.cap, lang))
    lines = [joined(" · ", whose, sums)]
    if mark >= SPENT:
        lines.append(say_.stops_now() if budget.stops else say_.stops_nothing())
    if not spent.is_whole:
        lines.append(say_.more_than_known())
    title = say_.title_spent() if mark >= SPENT else say_.title_mark(mark)
    small = [say_.set_by(mention(budget.set_by))] if budget.set_by else []
    row = [actions([button(say_.show_gpus(), ids.OPEN_GPUS)])]
    sign = "rotating_light" if mark >= SPENT else "moneybag"
    return _told(sign, title, "", lines, small=small, row=row)


def hold_card(watching: Watching, lang: str) -> Message:
    """Hold as it stands: since when, by whom, what it means, and the button that changes it."""
    say_, facts = words(lang).gpu_admin, hold_facts(watching, lang)
    row = [actions([hold_button(watching, lang)])]
    if watching.hold:
        lines = [*facts, say_.hold_means()]
        return _told("raised_hand", say_.title_held(), "", lines, row=row)
    if not facts:
        return _told("arrow_forward", say_.title_not_held(), "", [say_.works()], row=row)
    lines = [*facts, say_.works_again()]
    return _told("arrow_forward", say_.title_released(), "", lines, row=row)


def hold_button(watching: Watching, lang: str) -> Block:
    """The button that changes it, at once; before a hold one is asked."""
    say_ = words(lang).gpu_admin
    if watching.hold:
        return button(say_.end_hold(), ids.RELEASE, style="primary")
    asked = confirm(say_.hold_title(), say_.hold_means(), say_.put_on_hold(), say_.cancel())
    return button(say_.put_on_hold(), ids.HOLD, confirm=asked)


def hold_facts(watching: Watching, lang: str) -> list[Mrkdwn]:
    """Who changed it and when; nothing where nobody ever has."""
    say_, at, user = words(lang).gpu_admin, watching.held_at, watching.held_by
    if at is None:
        return []
    if watching.hold:
        by = say_.held_by(mention(user)) if user else say_.held_by_operator()
        return [joined(" · ", by, say_.since(moment(at)))]
    by = say_.released_by(mention(user)) if user else say_.released_by_operator()
    return [joined(" · ", by, moment(at))]


def hold_unknown(word: str, lang: str) -> Message:
    """What was typed after `/owroute hold` is neither on nor off."""
    return Message(words(lang).gpu_admin.hold_unknown(code(word)))


def _told(
    sign: str,
    title: Mrkdwn,
    name: str,
    lines: list[Mrkdwn],
    *,
    small: list[Mrkdwn] | None = None,
    row: list[Block] | None = None,
) -> Message:
    head = headline(sign, title, name) if name else section(_bold_sign(sign, title))
    blocks = [head, section(joined("\n", *lines))]
    blocks += [context(joined("\n", *small))] if small else []
    text = joined("\n", joined(" · ", title, name) if name else title, *lines, *(small or []))
    return Message(text, (*blocks, *(row or [])))


def _bold_sign(sign: str, title: Mrkdwn) -> Mrkdwn:
    return Mrkdwn(f":{sign}: *{title}*")


def _provider(scope: Scope) -> Mrkdwn:
    return Mrkdwn(PROVIDERS.get(scope.provider, scope.provider.value))


def _where(scope: Scope, regions: Sequence[str] = ()) -> str:
    """Which account, where there are several, and which region, where it is one."""
    one = regions[0] if len(regions) == 1 else ""
    return " · ".join(part for part in (scope.account, one) if part not in OWN)


def _kind(problem: Problem) -> str:
    return problem.value if problem in (Problem.AUTH, Problem.GONE) else "fails"


def _next_step(scope: Scope, problem: Problem, lang: str) -> Mrkdwn:
    say_ = words(lang).gpu_admin
    if problem is Problem.GONE:
        return say_.update_owroute()
    if problem is not Problem.AUTH:
        return say_.asks_again()
    return say_.new_key(code(KEYS.get(scope.provider, scope.provider.value)))


def _whose(budget: Budget, subject: str, lang: str) -> Mrkdwn:
    match budget.scope:
        case BudgetScope.EXPERIMENT:
            return named(subject)
        case BudgetScope.CHANNEL:
            return channel(ChannelId(budget.subject))
        case BudgetScope.WORKSPACE:
            return words(lang).gpu_admin.workspace()
