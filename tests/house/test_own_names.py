import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_no_other_installed_distribution_owns_our_import_names() -> None:
    build = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["hatch"]["build"]
    owners = packages_distributions()
    for name in build["targets"]["wheel"]["packages"]:
        assert set(owners.get(name, ())) <= {"owroute"}, name
