"""The commit that a card shows is that of the repository that is downloaded."""

import json
from dataclasses import replace

from bot.cards.detail import detail
from engine.contract import Weights
from tests.cards.made import checklist, priced

OTHERS = "0123456789ab" + "c" * 28


def shown(repo: str, revision: str | None) -> str:
    """The detail of a plan whose files are these."""
    x = priced()
    assert x.decision is not None
    assert x.decision.model is not None
    files = Weights(scheme="FP8", repo=repo, revision=revision)
    model = x.decision.model.model_copy(update={"weights": files})
    latest = replace(x.latest, decision=x.decision.model_copy(update={"model": model}))
    x = replace(x, latest=latest, current=latest)
    return json.dumps(detail(x, checklist(x), "en").blocks, ensure_ascii=False)


def test_files_of_another_repository_are_named_with_their_own_commit() -> None:
    assert "Revision `Qwen/Qwen3-8B-FP8@0123456789ab`" in shown("Qwen/Qwen3-8B-FP8", OTHERS)


def test_files_without_a_commit_are_not_pinned_whatever_the_model_is() -> None:
    told = shown("Qwen/Qwen3-8B-FP8", None)
    assert "No revision is pinned" in told
    assert "Revision `" not in told


def test_files_of_the_model_itself_show_their_commit_alone() -> None:
    assert "Revision `0123456789ab`" in shown("Qwen/Qwen3-8B", OTHERS)
