"""fit.yaml: how a memory report speaks."""

from engine.contract import Wire
from engine.datafile import DataFile


class FitWords(Wire):
    """How a memory report speaks: of its method, and of what it was held against."""

    method: str
    method_training: str
    measured: str
    unmeasured: str
    ram: str
    ram_assumed: str
    given: str
    share: str
    idle: str
    older: str
    no_cuda: str
    none: str
    unknown: str
    way_fits: str
    way_too_big: str


class FitFile(DataFile):
    """fit.yaml: the words of a memory report, and where its figures come from."""

    words: FitWords
    sources: tuple[str, ...]
