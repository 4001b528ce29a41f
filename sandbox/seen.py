"""What a person sees, read and pressed by its words: messages and modals.

For whoever drives the workspace without a page: a demo that checks itself, stories in tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox import inputs
from sandbox.acts.places import InMessage, InView, Where
from sandbox.model import Json, Message
from sandbox.outcome import Outcome
from sandbox.views import OpenView

if TYPE_CHECKING:
    from sandbox.person import Person


class NotThere(AssertionError):
    """The person looked for something that is not on the screen; the message says what is."""


def words_of(value: object) -> Iterator[str]:
    """Every text in a message or view, as Slack shows it: escapes undone."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield unescaped(value["text"])
        for key, inner in value.items():
            if key not in ("text", "private_metadata", "value") or isinstance(inner, dict):
                yield from words_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from words_of(inner)


def unescaped(text: str) -> str:
    """A text as Slack shows it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def label_of(element: Json) -> str:
    """The words on a button or option."""
    text = element.get("text") or {}
    return unescaped(text.get("text", "")) if isinstance(text, dict) else ""


@dataclass(frozen=True)
class Shown:
    """A message as one person sees it."""

    by: Person
    message: Message

    @property
    def is_card(self) -> bool:
        """Whether the app said it to everybody, outside threads."""
        said = self.message
        return bool(said.bot_id) and not said.is_reply and not said.ephemeral_to

    @property
    def text(self) -> str:
        """All its words, a line per text."""
        return "\n".join(words_of(list(self.message.blocks))) or unescaped(self.message.text)

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons."""
        return [label_of(e) for _, e in inputs.placed(self.message.blocks) if e["type"] == "button"]

    @property
    def primary(self) -> list[str]:
        """The labels of its primary buttons."""
        found = inputs.placed(self.message.blocks)
        return [label_of(e) for _, e in found if e.get("style") == "primary"]

    @property
    def menu(self) -> list[str]:
        """The lines of its overflow menu."""
        found = (e for _, e in inputs.placed(self.message.blocks) if e["type"] == "overflow")
        return [label_of(o) for e in found for o in e["options"]]

    @property
    def where(self) -> Where:
        """Its place."""
        return InMessage(self.message.channel, self.message.ts)

    async def click(self, label: str, *, confirmed: bool = False) -> Outcome:
        """Press the first button with this label."""
        for block, element in inputs.placed(self.message.blocks):
            if element["type"] == "button" and label_of(element) == label:
                return await self.by.press(self.where, block, element, {}, confirmed=confirmed)
        raise NotThere(f"no button {label!r} among {self.buttons}")

    async def choose(self, label: str, *, confirmed: bool = False) -> Outcome:
        """Choose a line of the overflow menu."""
        for block, element in inputs.placed(self.message.blocks):
            for option in element.get("options", []) if element["type"] == "overflow" else []:
                if label_of(option) == label:
                    return await self.by.press(
                        self.where, block, element, {"selected_option": option}, confirmed=confirmed
                    )
        raise NotThere(f"no menu line {label!r} among {self.menu}")

    def now(self) -> Shown:
        """The same message as it stands now."""
        found = self.by.workspace.conversations.find(self.message.channel, self.message.ts)
        if found is None:
            raise NotThere("the message was deleted")
        return Shown(self.by, found)


@dataclass(frozen=True)
class Modal:
    """The topmost modal of one person."""

    by: Person
    view_id: str

    @property
    def view(self) -> OpenView:
        """The view as it stands."""
        return self.by.workspace.views.find(self.view_id)

    @property
    def is_open(self) -> bool:
        """Whether it is still before the person."""
        return any(v.id == self.view_id for v in self.by.stack)

    @property
    def title(self) -> str:
        """Its title."""
        return unescaped(self.view.body["title"]["text"])

    @property
    def text(self) -> str:
        """All its words."""
        return "\n".join(words_of(self.view.blocks))

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons, which a modal's submit button is none of."""
        return [label_of(e) for _, e in inputs.placed(self.view.blocks) if e["type"] == "button"]

    @property
    def labels(self) -> list[str]:
        """The labels of its fields, in order."""
        return [unescaped(b["label"]["text"]) for b in self.view.blocks if b["type"] == "input"]

    @property
    def errors(self) -> dict[str, str]:
        """Field errors by the label of their field."""
        by_block = {b.get("block_id"): b for b in self.view.blocks}
        return {
            unescaped(by_block[k]["label"]["text"]): unescaped(v)
            for k, v in self.view.errors.items()
        }

    def value(self, label: str) -> Any:
        """What stands in the field: text, or the label of the chosen option."""
        block, element = self._field(label)
        typed = self.view.typed[block["block_id"], element["action_id"]]
        value = typed[inputs.VALUE_FIELD[element["type"]]]
        return label_of(value) if isinstance(value, dict) else value

    async def fill(self, fields: Mapping[str, str]) -> Outcome:
        """Type or choose in fields, by their labels, in the order given."""
        outcome = Outcome()
        for name, value in fields.items():
            outcome = await self.put(name, value)
            if not outcome.ok:
                raise NotThere(f"{name}: {outcome}")
        return outcome

    async def put(self, label: str, value: str) -> Outcome:
        """Type text, or choose the option with this label; several ids with blanks between them."""
        block, element = self._field(label)
        kind = element["type"]
        field = inputs.VALUE_FIELD[kind]
        if kind in inputs.EXTERNAL_TYPES:
            typed: Json = {field: await self._suggested(block, element, value)}
        elif field == "selected_option":
            typed = {field: self._option(element, value)}
        elif field in inputs.LIST_FIELDS:
            typed = {field: value.split()}
        else:
            typed = {field: value}
        return await self.by.type(self.view_id, block["block_id"], element["action_id"], typed)

    async def press(self, label: str, *, confirmed: bool = False) -> Outcome:
        """Press a button inside the modal."""
        for block, element in inputs.placed(self.view.blocks):
            if element["type"] == "button" and label_of(element) == label:
                where = InView(self.view_id)
                return await self.by.press(where, block, element, {}, confirmed=confirmed)
        raise NotThere(f"no button {label!r} in {self.title!r}")

    async def choose(self, label: str) -> Outcome:
        """Choose a line of a menu inside the modal, which is no field of a form."""
        for block, element in inputs.placed(self.view.blocks):
            for option in inputs.options(element) if block["type"] != "input" else ():
                if label_of(option) == label:
                    chosen = {"selected_option": option}
                    return await self.by.press(InView(self.view_id), block, element, chosen)
        raise NotThere(f"no menu line {label!r} in {self.title!r}")

    async def submit(self) -> Outcome:
        """Press the submit button."""
        return await self.by.submit(self.view_id)

    async def close(self) -> Outcome:
        """Press Cancel."""
        return await self.by.actor.close(self.view_id)

    async def _suggested(self, block: Json, element: Json, typed: str) -> Json:
        offered = await self.by.actor.suggest(
            InView(self.view_id), element["action_id"], typed, block_id=block["block_id"]
        )
        options: list[Json] = offered.data.get("options", [])
        if not options:
            raise NotThere(f"nothing is suggested for {typed!r}: {offered}")
        return options[0]

    def _option(self, element: Json, label: str) -> Json:
        offered = inputs.options(element)
        for option in offered:
            if label_of(option) == label or label_of(option).startswith((f"{label} ", f"{label}:")):
                return option
        raise NotThere(f"no option {label!r} among {[label_of(o) for o in offered]}")

    def _field(self, label: str) -> tuple[Json, Json]:
        for block in self.view.blocks:
            if block["type"] == "input" and unescaped(block["label"]["text"]) == label:
                return block, block["element"]
        raise NotThere(f"no field {label!r} among {self.labels}")
