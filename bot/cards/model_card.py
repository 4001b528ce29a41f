"""A model card from the hub: the preview to confirm, and what is kept of it."""

import re
from collections.abc import Iterator

from bot.cards import say
from bot.cards.hub import why_unreachable
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, bold, code, joined, link, mention, unescaped
from bot.domain.delivery import Message
from bot.domain.evidence import Content
from bot.domain.hub import Renamed, Unreachable
from bot.domain.ids import UserId
from bot.domain.model_card import Agreement, ModelCard, NoCard, agreement
from bot.domain.plans import Experiment

LANGUAGES = 12
SHORT = 12
_COMMIT = re.compile(r"[0-9a-f]{40}")


def weights(x: Experiment) -> str:
    """The repository whose files the decision runs; "" without a decision."""
    model = x.decision.model if x.decision else None
    return model.weights.repo if model else ""


def pinned(x: Experiment, repo: str) -> str | None:
    """The commit at which the decision runs this repository; None where it pins none."""
    model = x.decision.model if x.decision else None
    if model is None or model.weights.repo != repo:
        return None
    revision = model.weights.revision or ""
    return revision if _COMMIT.fullmatch(revision) else None


def facts(card: ModelCard, lang: str) -> list[Mrkdwn]:
    """What the card says, a line each; what it does not say is said too."""
    say_ = words(lang).model_card
    none = say_.not_said()
    named = (
        (say_.repository(), code(card.repo)),
        (say_.revision(), code(card.revision)),
        (say_.licence(), _licence(card, lang)),
        (say_.languages(), _languages(card, lang) or none),
        (
            say_.context(),
            say_.tokens(say.count(card.context_length)) if card.context_length else none,
        ),
        (say_.parameters(), say.count(card.parameters) if card.parameters else none),
        (say_.access(), say_.gated() if card.gated else say_.open()),
        (say_.changed(), card.last_modified.isoformat() if card.last_modified else none),
    )
    return [joined(" ", bold(name), value) for name, value in named]


def safety(card: ModelCard, lang: str) -> list[Mrkdwn]:
    """Tags that warn, and where the authors say what to mind."""
    say_ = words(lang).model_card
    tagged = [say_.cautions(joined(" ", *map(code, card.cautions)))]
    return [*(tagged if card.cautions else ()), say_.safety(link(card.page, say_.card_itself()))]


def compared(x: Experiment, card: ModelCard, lang: str) -> list[Mrkdwn]:
    """The card beside the decision: its licence, and whether it is of what the decision runs."""
    return [_verdict(x, card, lang), *_elsewhere(x, card, lang)]


def content(x: Experiment, card: ModelCard, known: Content, lang: str) -> Content:
    """The fields of the item. What is known of the same licence's use stays."""
    licence = card.license_id or known.get("license_id") or ""
    same = str(licence).casefold() == str(known.get("license_id") or "").casefold()
    allowed = known.get("allowed_use") if same else None
    fields = {
        "repo": card.repo,
        "revision": card.revision,
        "license_id": licence,
        "allowed_use": allowed or _use(x, card, lang),
    }
    return {name: value for name, value in fields.items() if value}


def kept_note(x: Experiment, card: ModelCard, by: UserId, lang: str) -> Message:
    """Who took what from which card; a difference from the verdict stays on record."""
    say_ = words(lang).model_card
    licence = code(card.license_id) if card.license_id else say_.not_said()
    first = say_.kept(mention(by), code(card.repo), code(card.revision[:SHORT]), licence)
    said = [first, *(compared(x, card, lang) if differs(x, card) else ())]
    return Message(joined("\n", *said))


def differs(x: Experiment, card: ModelCard) -> bool:
    """Whether the card is not of what the decision runs, or of another licence."""
    alike = _agreement(x, card) in (Agreement.SAME, Agreement.MORE, Agreement.UNJUDGED)
    return not alike or card.repo != weights(x) or pinned(x, card.repo) not in (None, card.revision)


def no_card(
    x: Experiment,
    repo: str,
    revision: str | None,
    answer: Renamed | NoCard | Unreachable,
    lang: str,
) -> Mrkdwn:
    """Why there is nothing to confirm, and what to do instead."""
    say_ = words(lang).model_card
    match answer:
        case Renamed(to=new):
            return say_.renamed(code(repo), code(new)) if new else say_.moved(code(repo))
        case Unreachable(reason="redirect"):
            return say_.led_away()
        case Unreachable(reason=reason):
            return say_.unreachable(code(repo), why_unreachable(reason, lang))
        case NoCard():
            at = code((revision or "")[:SHORT])
            return say.spoken(lang, "model_card", f"none_{answer.value}", code(repo), at)


def _licence(card: ModelCard, lang: str) -> Mrkdwn:
    say_ = words(lang).model_card
    named = code(card.license_id) if card.license_id else say_.not_said()
    if card.license_link is None:
        return named
    return joined(" · ", named, link(card.license_link, say_.licence_text()))


def _languages(card: ModelCard, lang: str) -> Mrkdwn:
    more = len(card.languages) - LANGUAGES
    rest = [words(lang).decide.more(more)] if more > 0 else []
    return joined(" ", *map(code, card.languages[:LANGUAGES]), *rest)


def _agreement(x: Experiment, card: ModelCard) -> Agreement:
    judged = x.decision.license if x.decision else None
    return agreement(card.license_id, judged.license_id if judged else None)


def _verdict(x: Experiment, card: ModelCard, lang: str) -> Mrkdwn:
    judged = x.decision.license if x.decision else None
    ours = code(judged.license_id) if judged else ""
    use = say.spoken(lang, "running", f"licence_{judged.verdict.value}") if judged else ""
    theirs = code(card.license_id or "")
    name = f"verdict_{_agreement(x, card).value}"
    return say.spoken(lang, "model_card", name, theirs, ours, use)


def _elsewhere(x: Experiment, card: ModelCard, lang: str) -> Iterator[Mrkdwn]:
    say_, ours = words(lang).model_card, weights(x)
    if ours and card.repo != ours:
        yield say_.other_repo(code(ours))
        return
    runs = pinned(x, card.repo)
    if runs is not None and runs != card.revision:
        yield say_.other_revision(code(runs[:SHORT]))


def _use(x: Experiment, card: ModelCard, lang: str) -> str:
    """What the licence allows, in plain words for the record."""
    judged = x.decision.license if x.decision else None
    if judged is None:
        return ""
    use = say.spoken(lang, "running", f"licence_{judged.verdict.value}")
    if _agreement(x, card) is not Agreement.DIFFERS:
        return unescaped(use)
    return unescaped(words(lang).model_card.use_differs(card.license_id, judged.license_id, use))
