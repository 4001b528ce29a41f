"""What waits for somebody: GPUs that burn, then evidence, then what they are asked as lead."""

from typing import assert_never

from bot.cards import ids, say
from bot.cards.blocks import actions, button, header, headline, section
from bot.cards.gpu_buttons import keep_button, snooze_menu
from bot.cards.gpu_say import when
from bot.cards.gpus import line_buttons, line_on_home
from bot.cards.home_pages import turning
from bot.cards.home_view import GpuNeed, HomeNeed, HomeSeen, PlanNeed
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.items import item_name
from bot.cards.steps import ref
from bot.cards.summary import summary
from bot.cards.text import Mrkdwn, code, joined, mention, one_line
from bot.domain.delivery import Block
from bot.domain.evidence import EvidenceState
from bot.domain.home import Kind
from bot.domain.privacy import is_private
from bot.domain.seen import seen_as

TASK = 80
NAMED = 6
"""Items named in a line; the rest is counted."""

TOLD = 4
"""Captures whose content is told in a line each before they are accepted."""


def needs(seen: HomeSeen, lang: str) -> list[Block]:
    """The first section: what to do now, or that there is nothing."""
    say_ = words(lang).home
    if not seen.needs.total:
        new = not seen.plans.total
        quiet = say_.all_quiet_new() if new else say_.all_quiet()
        row = [button(words(lang).help.plan_button(), ids.OPEN_PLAN, style="primary")]
        plan = [actions(row)] if new else []
        return [header(say_.needs_nothing()), section(quiet), *plan]
    blocks = [header(say_.needs_you(seen.needs.total))]
    for need in seen.needs.shown:
        blocks += _need(need, lang)
    return [*blocks, *turning("needs", seen.needs, seen.pages, lang)]


def _need(need: HomeNeed, lang: str) -> list[Block]:
    match need:
        case GpuNeed():
            return _gpu(need, lang)
        case PlanNeed():
            return _plan(need, lang)
        case _:
            assert_never(need)


def _gpu(need: GpuNeed, lang: str) -> list[Block]:
    line, run = need.line, need.line.run
    sign = Mrkdwn(":alarm_clock:" if need.kind is Kind.PROPOSED else ":money_with_wings:")
    told = joined("\n", joined(" ", sign, line_on_home(line, lang)), _why(need, lang))
    *row, more = line_buttons(line, lang)
    if line.powers.steers:
        proposed = need.kind is Kind.PROPOSED
        row = [keep_button(run, lang), *row] if proposed else [*row, snooze_menu(line.view, lang)]
    return [section(told), actions([*row, more])]


def _why(need: GpuNeed, lang: str) -> Mrkdwn:
    """What is the matter with a run."""
    say_, run, view = words(lang).home, need.line.run, need.line.view
    if need.kind is Kind.PROPOSED and view.plan.stops_at is not None:
        at = when(view.plan.stops_at, view.zone, view.now, lang)
        return say_.default_stop_held(at) if view.hold else say_.default_stop(at)
    if need.kind is Kind.LEAD_GPU:
        asked, times = run.owner, run.pings
        return say_.others_asked(mention(asked), times) if asked else say_.nobody_owns()
    return say_.nobody_stops()


def _plan(need: PlanNeed, lang: str) -> list[Block]:
    x = need.need.experiment
    title = headline(say.SIGNS[say.standing(x)], x.label, one_line(x.shown.card.task, TASK))
    return [title, section(_asked(need, lang)), actions(_row(need, lang))]


def _asked(need: PlanNeed, lang: str) -> Mrkdwn:
    """What to accept with what it says, what to attach, or that all is there."""
    say_, x = words(lang).home, need.need.experiment
    items = need.need.items
    mine = tuple(e for e in items if e.state is EvidenceState.CLAIMED)
    claimed = need.claims if need.steers else mine
    missing = [item_name(e, lang) for e in items if e.state is not EvidenceState.CLAIMED]
    lines: list[Mrkdwn] = []
    if claimed:
        names = [item_name(e, lang) for e in claimed]
        lines.append(say_.to_accept(len(claimed), say.some_of(names, lang, NAMED)))
        private = is_private(x)
        told = [(item_name(e, lang), summary(e, private=private, lang=lang)) for e in claimed]
        lines += [_told(name, said, lang) for name, said in told[:TOLD] if said]
    if missing:
        lines.append(say_.to_attach(len(missing), say.some_of(missing, lang, NAMED)))
    owner = [say_.of_owner(mention(x.owner))] if need.need.leads else []
    return joined("\n", *(lines or [say_.to_decide()]), *owner)


def _told(name: str, said: str, lang: str) -> Mrkdwn:
    """What a capture says, as it was captured: shown literally."""
    return joined(" ", Mrkdwn("•"), words(lang).home.told(name, code(said)))


def _row(need: PlanNeed, lang: str) -> list[Block]:
    """*Accept*, *Attach evidence*, *Decide* or *Waive*, and the checklist."""
    say_, x, items = words(lang).home, need.need.experiment, need.need.items
    row: list[Block] = []
    if need.claims and need.steers:
        every = {"choice": ids.ALL, "seen": seen_as(need.claims)}
        many, about = len(need.claims), words(lang).evidence
        text = about.accept_all(many) if many > 1 else about.accept()
        row.append(_button(need, text, f"{ids.ACCEPT}:all", every, lang, primary=True))
    if any(e.state is not EvidenceState.CLAIMED for e in items):
        attach = words(lang).plan.attach()
        row.append(_button(need, attach, ids.ATTACH, {}, lang, primary=not row))
    if not items:
        row.append(_button(need, words(lang).plan.decide(), ids.DECIDE, {}, lang, primary=True))
    if need.need.leads:
        waive = {"choice": ids.WAIVE_CHOICE}
        row.append(_button(need, say_.waive(), f"{ids.EVIDENCE_MORE}:waive", waive, lang))
    says = words(lang).plan.says(say_.open(), x.label)
    return [*row, button(say_.open(), ids.OPEN_EVIDENCE, value=ref(x).dump(), says=says)]


def _button(
    need: PlanNeed,
    text: Mrkdwn,
    action: str,
    more: dict[str, str],
    lang: str,
    *,
    primary: bool = False,
) -> Block:
    x = need.need.experiment
    value = PlanRef.model_validate({**ref(x).model_dump(), **more}).dump()
    says = words(lang).plan.says(text, x.label)
    return button(text, action, value=value, style="primary" if primary else None, says=says)
