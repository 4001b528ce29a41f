"""Evidence in Slack: the checklist of an experiment, and the lines its thread keeps."""

from collections.abc import Iterable, Sequence

from bot.cards import say
from bot.cards.forms.evidence_inputs import label
from bot.cards.i18n import words
from bot.cards.items import item_name
from bot.cards.model_card import weights
from bot.cards.text import Mrkdwn, code, mention
from bot.domain.delivery import Message
from bot.domain.evidence import (
    ELSEWHERE,
    Content,
    Entry,
    Evidence,
    EvidenceState,
    Source,
)
from bot.domain.evidence_fields import fields_of, lacks
from bot.domain.ids import UserId
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private


def attached_note(
    x: Experiment,
    items: Sequence[Evidence],
    by: UserId | None,
    lang: str,
    *,
    entries: Sequence[Entry] = (),
) -> Message:
    """Who put what down, and what of it still waits to be accepted or completed.

    `entries` are what was put down; what is no whole one is noted and changes nothing else.
    """
    say_, who, owner = words(lang).evidence, mention(by or x.owner), mention(x.owner)
    sorts: dict[str, list[str]] = {
        name: [] for name in ("gave", "captured", "newer", "same", "beside")
    }
    partly = {e.item: e for e in entries if not e.whole}
    sorts["partly"] = [_partly(x, e, partly.get(e.item), lang) for e in items if _open(e)]
    machine = {e.item for e in entries if e.source is Source.CAPTURED}
    for item in items:
        if not _open(item):
            sort = _sort(item, captured=item.item in machine)
            sorts["beside" if item.item in partly else sort].append(item_name(item, lang))
    said = {name: say.listed(labels, lang) for name, labels in sorts.items() if labels}
    lines = [say.spoken(lang, "evidence", f"noted_{n}", t, who, owner) for n, t in said.items()]
    other = elsewhere(x, [e.content for e in entries])
    return Message(
        "\n".join([*lines, *([say_.elsewhere(code(other), code(weights(x)))] if other else [])])
    )


def _partly(x: Experiment, item: Evidence, entry: Entry | None, lang: str) -> str:
    """An item that is there in part, with what it still lacks."""
    rest, name = lacking(x, item, lang, entry), item_name(item, lang)
    return words(lang).evidence.lacks(name, say.listed(rest, lang)) if rest else name


def lacking(x: Experiment, item: Evidence, lang: str, entry: Entry | None = None) -> list[str]:
    """The fields that an item, which is there in part, still lacks, in words.

    Of a rejected one: what `entry`, a part that was put down since, does not say.
    """
    if not _open(item) or not item.content:
        return []
    private, known = is_private(x), item.content
    if entry is not None and item.state is EvidenceState.REJECTED:
        known = {**item.basis(entry), **entry.content}
    empty = lacks(item.item, known, private=private)
    fields = fields_of(item.item, private=private)
    return [label(item.item, f, lang) for f in fields if f.name in empty]


def state_word(item: Evidence, lang: str) -> Mrkdwn:
    """How an item stands, in words."""
    partly = item.state is EvidenceState.MISSING and item.content
    name = "partly" if partly else "doubted" if item.is_doubted else item.state.value
    return say.spoken(lang, "evidence", f"state_{name}")


def _open(item: Evidence) -> bool:
    return item.state in (EvidenceState.MISSING, EvidenceState.REJECTED)


def _sort(item: Evidence, *, captured: bool) -> str:
    if item.state is EvidenceState.CLAIMED:
        return "captured"
    if not captured:
        return "gave"
    return "newer" if item.newer else "same"


def elsewhere(x: Experiment, contents: Iterable[Content]) -> str:
    """The other repository that something was captured from; "" for the plan's own or none."""
    ours = weights(x)
    named = (str(c.get(ELSEWHERE) or "") for c in contents)
    return next((repo for repo in named if repo and ours and repo != ours), "")


def accepted_note(x: Experiment, items: Sequence[Evidence], by: UserId, lang: str) -> Message:
    """Whose claims stand now."""
    names = say.listed([item_name(e, lang) for e in items], lang)
    return Message(words(lang).evidence.accepted(mention(by), names))


def rejected_note(
    x: Experiment, item: Evidence, reason: str, by: UserId, lang: str, *, newer: bool = False
) -> Message:
    """What does not do, and why; of a newer capture, that what stood goes on standing."""
    say_ = words(lang).evidence
    tell = say_.rejected_newer if newer else say_.rejected
    return Message(tell(mention(by), item_name(item, lang), code(reason)))


def waived_note(x: Experiment, item: Evidence, by: UserId, lang: str) -> Message:
    """What nobody needs to give any more, and why."""
    return Message(
        words(lang).evidence.waived(mention(by), item_name(item, lang), code(item.reason or ""))
    )


def assigned_note(x: Experiment, item: Evidence, to: UserId, by: UserId, lang: str) -> Message:
    """Who is asked for it from now on."""
    return Message(words(lang).evidence.assigned(mention(by), item_name(item, lang), mention(to)))
