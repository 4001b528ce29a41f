"""What `owroute prices refresh` leaves in a team's folder, as decisions see it."""

from pathlib import Path

import pytest

from engine.load import load_data
from engine.offers import COLUMNS

HEAD = ",".join(COLUMNS)


def offers_with(tmp_path: Path, name: str, *rows: str) -> dict[str, str]:
    """Price by offer id, with one more file of prices laid over the built-in ones."""
    folder = tmp_path / "offers"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join((HEAD, *rows)) + "\n", "utf-8")
    data = load_data(overlay=tmp_path)
    assert data.overlay is not None
    assert data.overlay.problems == ()
    return {offer.offer_id: str(offer.usd_per_hour) for offer in data.catalog.offers.values()}


ROW = "lambda,gpu_1x_a10,A10,1,24,1.19,on-demand,any,2026-11-25,https://lambda.ai/pricing,"


def test_the_file_of_a_provider_stands_for_all_its_rows(tmp_path: Path) -> None:
    found = offers_with(tmp_path, "lambda.csv", ROW)
    assert [i for i in found if i.startswith("lambda:")] == ["lambda:gpu_1x_a10:any:on-demand"]
    assert any(i.startswith("runpod:") for i in found), "other providers stay"


def test_any_other_file_adds_and_replaces_by_id(tmp_path: Path) -> None:
    before = {i for i in load_data().catalog.offers if i.startswith("lambda:")}
    found = offers_with(tmp_path, "ours.csv", ROW)
    assert before < {i for i in found if i.startswith("lambda:")}


OWN = "lambda,reserved-a10,A10,1,24,0.50,on-demand,any,2026-11-25,https://contract.example/l,ours"


@pytest.mark.parametrize("name", ["contract.csv", "zz-contract.csv"])
def test_a_teams_own_rows_stay_whatever_their_file_is_called(tmp_path: Path, name: str) -> None:
    mine = ROW.replace("1.19", "0.99")
    offers_with(tmp_path, name, OWN, mine)
    found = offers_with(tmp_path, "lambda.csv", ROW)
    assert {i: p for i, p in found.items() if i.startswith("lambda:")} == {
        "lambda:reserved-a10:any:on-demand": "0.50",
        "lambda:gpu_1x_a10:any:on-demand": "0.99",
    }
