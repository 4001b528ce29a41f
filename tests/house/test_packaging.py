"""The wheel, built from the sdist and installed where this checkout cannot be seen."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.packaging, pytest.mark.timeout(300)]


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints, in a shell that knows nothing of this checkout or of settings."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel; dependencies come from the one that runs this test."""
    home = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", home / "venv", cwd=home)
    python = home / "venv/bin/python"
    run(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=home)
    purelib = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home
    ).strip()
    borrowed = Path(purelib) / "borrowed.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home


def test_the_wheel_carries_words_data_and_manifest_but_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "owroute/manifest.yml" in names
    assert "owroute/locale/zh_CN/LC_MESSAGES/owroute.po" in names
    assert "bot/cards/locale/zh_CN/LC_MESSAGES/owroute.po" in names
    assert "capture/owroute_capture.py" in names
    for folder, suffix in (
        ("bot/cards/templates/", ".j2"),
        ("engine/data/", ".yaml"),
        ("sandbox/page/", ".js"),
        ("storage/migrations/versions/", ".py"),
    ):
        assert any(name.startswith(folder) and name.endswith(suffix) for name in names), folder
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]


def test_what_runs_is_the_wheel_and_not_this_checkout(installed: Path) -> None:
    where = run(
        installed / "venv/bin/python", "-c", "import bot; print(bot.__file__)", cwd=installed
    )
    assert Path(where.strip()).is_relative_to(installed)


def test_version_and_manifest_from_another_directory(installed: Path) -> None:
    owroute = installed / "venv/bin/owroute"
    assert "0.1.0" in run(owroute, "--version", cwd=installed)
    assert run(owroute, "manifest", cwd=installed) == (ROOT / "manifest.yml").read_text("utf-8")


def test_the_capture_script_comes_out_as_it_is(installed: Path) -> None:
    printed = run(installed / "venv/bin/owroute", "capture", "--print", cwd=installed)
    assert printed == (ROOT / "capture/owroute_capture.py").read_text("utf-8")


def test_the_demo_walks_its_story_from_another_directory(installed: Path) -> None:
    run(installed / "venv/bin/owroute", "demo", "--check", cwd=installed)
