"""The constraint card: the modal **Plan a model run**."""

from collections.abc import Mapping
from datetime import date, timedelta

from bot.cards import ids
from bot.cards.blocks import LABEL, actions, button, modal, plain
from bot.cards.forms.elements import choice_words, entry
from bot.cards.forms.fields import FIRST, MORE, REVIEW_DAYS, applies, stop_fields
from bot.cards.forms.form import PlanForm, carried
from bot.cards.forms.problems import notice
from bot.cards.i18n import words
from bot.cards.say import money, spoken
from bot.cards.text import Mrkdwn, joined
from bot.domain.delivery import Block
from engine.contract import DecisionCard, Privacy, Status

Standing = DecisionCard
"""What the engine says of a card that is not submitted yet."""


def constraint_modal(form: PlanForm, lang: str, *, standing: Standing | None, today: date) -> Block:
    """The whole view, with everything typed so far in place and the rest carried along."""
    say = words(lang).form
    shown = form.visible
    review = (today + timedelta(days=REVIEW_DAYS)).isoformat()
    values = {"review_date": review, **form.values}
    fields = {n: entry(n, values, lang) for n in shown}
    blocks = [
        *_notices(form, lang),
        *(fields[n] for n in (*FIRST, *stop_fields(form.values))),
        _toggle(form, lang),
        *(fields[n] for n in (*MORE, "post_to") if n in fields),
        _facts(form.values, lang),
        *([_line("standing", standing_line(standing, lang))] if standing else ()),
    ]
    return modal(
        ids.PLAN_MODAL,
        say.title(),
        blocks,
        submit=say.submit(),
        close=say.close(),
        metadata=carried(form, shown),
    )


def standing_line(standing: Standing, lang: str) -> Mrkdwn:
    """As it stands: the status, and the edit that would change it."""
    say = words(lang).form
    if standing.status is Status.ok:
        return say.stands_ok(_planned(standing, lang))
    first, *others = standing.conflicts
    stands = say.stands_refused if standing.status is Status.refused else say.stands_changes
    line = stands(first.change)
    return say.stands_more(line, len(others)) if others else line


def _planned(standing: Standing, lang: str) -> Mrkdwn:
    """Where, with which model, at what price an hour."""
    route = choice_words("available_route", standing.route.route, lang)
    model = [f"{standing.model.repo} {standing.model.scheme}"] if standing.model else []
    cost = standing.cost
    price = [words(lang).plan.price(money(cost.hourly), cost.currency)] if cost else []
    return joined(" · ", route, *model, *price)


def facts_line(values: Mapping[str, str], lang: str) -> Mrkdwn:
    """Licence facts, providers, region and caps in one line."""
    say = words(lang).form
    parts = [
        say.fact_private_use() if values.get("commercial_use") == "no" else say.fact_commercial()
    ]
    if users := values.get("monthly_active_users"):
        parts.append(say.fact_users(users))
    if values.get("eu_entity"):
        parts.append(say.fact_eu() if values["eu_entity"] == "yes" else say.fact_not_eu())
    parts.append(say.fact_providers(values.get("providers_allowed") or say.any()))
    parts.append(say.fact_region(values.get("region") or say.any()))
    parts.extend(
        spoken(lang, "form", f"fact_{n}", values[n])
        for n in _OPTIONAL
        if values.get(n) and applies(n, values)
    )
    if values.get("tenancy"):
        parts.append(say.fact_tenancy(choice_words("tenancy", values["tenancy"], lang)))
    return joined(" · ", *parts)


_OPTIONAL = ("max_hourly", "max_monthly", "access_rule", "license_id", "license_review")


def is_private(values: Mapping[str, str]) -> bool:
    """Whether the documents of this task are not for everybody in the company."""
    return values.get("privacy") in (Privacy.private_docs, Privacy.regulated)


def _notices(form: PlanForm, lang: str) -> list[Block]:
    lines = [notice(p, lang) for p in form.notices]
    return [_line("notices", joined("\n", *lines))] if lines else []


def _toggle(form: PlanForm, lang: str) -> Block:
    say = words(lang).form
    text = say.fewer() if form.more else say.more()
    return actions([button(text, ids.TOGGLE)], block_id="toggle")


def _facts(values: Mapping[str, str], lang: str) -> Block:
    line = _line("facts", facts_line(values, lang))
    say = words(lang).form
    line["accessory"] = button(say.change(), ids.CHANGE, says=say.change_says())
    return line


def _line(block_id: str, text: Mrkdwn) -> Block:
    """Plain text, so that what people typed is shown as they typed it."""
    return {"type": "section", "block_id": block_id, "text": plain(text, LABEL)}
