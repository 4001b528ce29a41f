"""The team's own data as commands take them, and the sentence when they do not serve."""

from dataclasses import dataclass
from pathlib import Path

import typer

from engine.contract import Lang
from engine.gpus import HardwareFile
from engine.load import layered, load_data
from engine.overlay.layer import OFFERS, Layer, OverlayUse, read_overlay
from owroute.commands.speech import Speech, spoken
from owroute.commands.terminal import harmless


@dataclass(frozen=True, slots=True)
class Known:
    """The GPUs that count, and whether a team's own are missing because its overlay is broken."""

    hardware: HardwareFile
    lacks_ours: bool = False


def hardware_over(folder: Path, say: Speech) -> Known:
    """The GPUs that count with the team's overlay, whatever has become of its price tables."""
    layer = read_overlay(folder)
    if layer is None:
        return Known(load_data().catalog.hardware)
    contents = {n: c for n, c in layer.contents.items() if not n.startswith(OFFERS)}
    defects = [found for found in layer.findings() if not found.file.startswith(OFFERS)]
    data = layered(None, Layer(contents, defects) if contents or defects else None)
    tell_if_broken(data.overlay, say)
    is_broken = data.overlay is not None and bool(data.overlay.findings)
    return Known(data.catalog.hardware, is_broken)


def sound(folder: Path, say: Speech) -> Path | None:
    """The overlay's folder where it serves; else None, said, and the built-in data serve alone."""
    use = load_data(overlay=folder).overlay if folder.exists() else None
    tell_if_broken(use, say)
    return None if use is None or use.findings else folder


def tell_if_broken(use: OverlayUse | None, say: Speech) -> None:
    """Say on standard error that an overlay does not serve, and its first defect."""
    if use is not None and use.findings:
        first = use.findings[0].said(Lang.en if say.lang == "en" else Lang.zh)
        typer.echo(harmless(spoken(say.lang, "rules", "check_broken", first)), err=True)
