"""Where in a YAML or CSV file a value stands: a file read with its places, and its plain defects.

A document that can be read is still only plain data; what it may say is checked elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from typing_extensions import override

from engine.contract import Lang
from engine.overlay.findings import Finding, Steps

MAX_BYTES = 1_000_000
MAX_VALUES = 100_000
"""More than any real file holds; aliases inside aliases could ask for more than memory."""

ID_FIELDS = ("id", "repo", "gpu_id", "code")
"""The fields by which entries of a list are known."""

_LANGUAGES = frozenset(lang.value for lang in Lang)


class Unreadable(Exception):
    """The file is no YAML mapping; the finding says where and why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.said())
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, and how many steps of the way to it exist there."""

    file: str
    line: int
    known: int


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a document: the way to it, the line it begins in, and its node."""

    steps: Steps
    line: int
    node: yaml.Node


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML mapping: its name, the plain data, and the nodes that know their lines."""

    name: str
    data: dict[str, Any]
    root: yaml.MappingNode

    def place(self, steps: Steps) -> Place:
        """Where the value at the end of the way stands, or the nearest one around it.

        A list's entry is found by the value of its id; a step that is not there is passed over.
        """
        node: yaml.Node = self.root
        place = Place(self.name, 1, 0)
        for step in steps:
            found = next((v for v in _inside(Value((), place.line, node)) if _is(v, step)), None)
            if found is not None:
                node, place = found.node, Place(self.name, found.line, place.known + 1)
        return place

    def values(self) -> Iterator[Value]:
        """Every value, the document first, entries of lists by their place."""
        return walk(self.root)


def nearest(documents: Sequence[Document], steps: Steps) -> Place:
    """Where a value stands in documents laid over each other; the last that has it counts."""
    places = [document.place(steps) for document in documents]
    return max(reversed(places), key=lambda place: place.known)


def parsed(name: str, content: bytes) -> Document:
    """The document in a file. Raises Unreadable with the line of the first defect."""
    text = _decoded(name, content)
    try:
        root, data = _composed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _unreadable(name, mark.line + 1 if mark else 1, error.problem) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _unreadable(name, line, error.reason) from error
    except RecursionError as error:
        raise Unreadable(Finding(name, 1, "file_too_large")) from error
    if not isinstance(root, yaml.MappingNode) or not isinstance(data, dict):
        raise Unreadable(Finding(name, 1, "file_no_mapping"))
    return Document(name, data, root)


def walk(root: yaml.Node) -> Iterator[Value]:
    """A node and all in it, in the order of the file."""
    waiting = [Value((), root.start_mark.line + 1, root)]
    while waiting:
        value = waiting.pop()
        yield value
        waiting.extend(reversed(list(_inside(value))))


def is_text(node: yaml.Node) -> bool:
    """Whether a mapping is a text in languages rather than an entry with fields."""
    return isinstance(node, yaml.MappingNode) and any(k.value in _LANGUAGES for k, _ in node.value)


def plain_defects(document: Document) -> Iterator[Finding]:
    """Keys that stand twice and texts that lack a language; YAML itself minds neither."""
    for value in document.values():
        if not isinstance(value.node, yaml.MappingNode):
            continue
        yield from _twice(document.name, value.node)
        if is_text(value.node) and not _is_whole(value.node):
            yield Finding(document.name, value.line, "language_missing")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # has no type
    """Names the line of a value that only looks like a date or a number.

    By libyaml where PyYAML has it: ten times as fast.
    """

    @override
    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from (
                error
            )


def _decoded(name: str, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise Unreadable(Finding(name, 1, "file_too_large"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(Finding(name, line, "file_not_text")) from error


def _composed(text: str) -> tuple[yaml.Node | None, Any]:
    """The nodes and the data, each made on its own: making data rewrites nodes that use `<<`."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)  # libyaml would not survive all nesting
    if root is None:
        return None, None
    if _holds_too_much(root):
        raise RecursionError
    return root, yaml.load(text, Loader=_Loader)  # noqa: S506  # a SafeLoader all the same


def _holds_too_much(root: yaml.Node) -> bool:
    """Whether there are too many values, each counted as often as an alias leads to it."""
    waiting, found = [root], 1
    while waiting and found <= MAX_VALUES:
        node = waiting.pop()
        if isinstance(node, yaml.CollectionNode):
            found += len(node.value)
            fields = isinstance(node, yaml.MappingNode)
            waiting.extend([held for _, held in node.value] if fields else node.value)
    return found > MAX_VALUES


def _unreadable(name: str, line: int, problem: str | None) -> Unreadable:
    return Unreadable(Finding(name, line, "yaml_wrong", {"problem": problem or "?"}))


def _inside(value: Value) -> Iterator[Value]:
    """The values directly in a mapping or list; a field's line is that of its name."""
    node = value.node
    if isinstance(node, yaml.MappingNode):
        for key, held in node.value:
            yield Value((*value.steps, str(key.value)), key.start_mark.line + 1, held)
    if isinstance(node, yaml.SequenceNode):
        for place, held in enumerate(node.value):
            yield Value((*value.steps, place), held.start_mark.line + 1, held)


def _is(value: Value, step: str | int) -> bool:
    """Whether a value is the next on the way: by its field, its place or its id."""
    if value.steps[-1] == step:
        return True
    if isinstance(value.steps[-1], str) or not isinstance(value.node, yaml.MappingNode):
        return False
    return any(k.value in ID_FIELDS and v.value == step for k, v in value.node.value)


def _twice(name: str, node: yaml.MappingNode) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for key, _ in node.value:
        field, line = str(key.value), key.start_mark.line + 1
        if field in first:
            yield Finding(name, line, "key_twice", {"field": field, "first": first[field]})
        first.setdefault(field, line)


def _is_whole(node: yaml.MappingNode) -> bool:
    words = {k.value: v for k, v in node.value}
    return words.keys() == _LANGUAGES and all(
        isinstance(w, yaml.ScalarNode) and w.tag == "tag:yaml.org,2002:str" and w.value.strip()
        for w in words.values()
    )
