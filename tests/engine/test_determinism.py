"""The same card gives the same bytes in another process with another hash seed."""

import hashlib
import os
import subprocess
import sys

from engine.contract import Lang
from engine.decide import decide
from engine.service.answers import answer
from tests.engine.cards import DATA, SCENARIOS

PROGRAM = """
from tests.engine.test_determinism import digest_of_all
print(digest_of_all())
"""


def digest_of_all() -> str:
    bodies = (
        bytes(answer(decide(card, DATA, lang)).body) for card in SCENARIOS.values() for lang in Lang
    )
    return hashlib.sha256(b"".join(bodies)).hexdigest()


def test_hash_seeds_do_not_matter() -> None:
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == digest_of_all()


def test_the_plan_id_follows_the_card_the_day_and_nothing_else() -> None:
    card = SCENARIOS["laptop_only"]
    plan_id = decide(card, DATA).plan_id
    assert decide(card, DATA, Lang.zh).plan_id == plan_id
    later = card.model_copy(update={"as_of": card.as_of and card.as_of.replace(day=25)})
    assert decide(later, DATA).plan_id != plan_id
    longer = card.model_copy(update={"context_tokens": 4096})
    assert decide(longer, DATA).plan_id != plan_id
