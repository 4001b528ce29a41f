"""What the sandbox knows about the app: its manifest, in Slack's own format, and nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import yaml


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; `should_escape` turns typed @names and #channels into ids."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of the Shortcuts menu (global) or of a message's menu (message)."""

    name: str
    callback_id: str
    type: Literal["global", "message"]
    description: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of an app manifest that change how a workspace behaves."""

    name: str
    bot_name: str
    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]
    events: frozenset[str]
    scopes: frozenset[str]
    optional_scopes: frozenset[str]
    home_tab: bool
    messages_tab: bool
    interactive: bool

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a YAML or JSON manifest. Raises ValueError where it is no manifest."""
        return cls.parse(path.read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Understand the text of a manifest (YAML; JSON is YAML too). Raises ValueError."""
        document = yaml.safe_load(text)
        if not isinstance(document, dict) or "display_information" not in document:
            raise ValueError("this is no app manifest: display_information is missing")
        features = document.get("features", {})
        home = features.get("app_home", {})
        name = document["display_information"]["name"]
        scopes = document.get("oauth_config", {}).get("scopes", {})
        settings = document.get("settings", {})
        return cls(
            name=name,
            bot_name=features.get("bot_user", {}).get("display_name", name),
            commands=tuple(map(_command, features.get("slash_commands", []))),
            shortcuts=tuple(map(_shortcut, features.get("shortcuts", []))),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            scopes=frozenset(scopes.get("bot", [])),
            optional_scopes=frozenset(scopes.get("bot_optional", [])),
            home_tab=bool(home.get("home_tab_enabled", False)),
            messages_tab=bool(home.get("messages_tab_enabled", False)),
            interactive=bool(settings.get("interactivity", {}).get("is_enabled", False)),
        )

    def command(self, name: str) -> Command | None:
        """The slash command called `name` (with its slash), if the app has it."""
        return next((known for known in self.commands if known.command == name), None)

    def shortcut(self, callback_id: str, kind: Literal["global", "message"]) -> Shortcut | None:
        """The shortcut of this kind with this callback id, if the app has it."""
        same = (known for known in self.shortcuts if known.callback_id == callback_id)
        return next((known for known in same if known.type == kind), None)


def _command(entry: dict[str, Any]) -> Command:
    return Command(
        command=entry["command"],
        description=entry["description"],
        usage_hint=entry.get("usage_hint", ""),
        should_escape=bool(entry.get("should_escape", False)),
    )


def _shortcut(entry: dict[str, Any]) -> Shortcut:
    return Shortcut(
        name=entry["name"],
        callback_id=entry["callback_id"],
        type="message" if entry["type"] == "message" else "global",
        description=entry["description"],
    )
