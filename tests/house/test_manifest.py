import ast
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import jsonschema
import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from handlers.application import router
from handlers.router import Router
from owroute.manifest import EXTRAS, ManifestError, manifest_text, what_is_worse

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((Path(__file__).parent / "slack-manifest.schema.2.0.0.json").read_text("utf-8"))
ALL = frozenset(EXTRAS)
PUBLIC = "https://bot.example.com"

SCOPE_OF = {
    "apps_connections_open": None,  # the app-level token's own scope
    "auth_test": None,
    "chat_delete": "chat:write",
    "chat_postEphemeral": "chat:write",
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "conversations_history": "channels:history",
    "conversations_replies": "channels:history",
    "files_completeUploadExternal": "files:write",
    "files_getUploadURLExternal": "files:write",
    "users_info": "users:read",
    "users_list": "users:read",
    "views_open": None,
    "views_publish": None,
    "views_push": None,
    "views_update": None,
}
"""The scope Slack wants for each method that owroute calls."""


def manifest(*extras: str, http_url: str | None = None) -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load(manifest_text(frozenset(extras), http_url)))


def bot_scopes(found: dict[str, Any]) -> set[str]:
    return set(found["oauth_config"]["scopes"]["bot"])


def events(found: dict[str, Any]) -> set[str]:
    return set(found["settings"]["event_subscriptions"]["bot_events"])


class NamedCase:
    """A use case of which only its methods' names are asked."""

    def __getattr__(self, name: str) -> str:
        return name


def tables() -> Router:
    names = ("steer_gpu", "gpus", "register_gpu", "end_gpu")  # whose methods are in the tables
    cases = SimpleNamespace(**{name: NamedCase() for name in names})
    return router(cast("Any", cases), cast("Any", None), cast("Any", None))


def slack_methods_called() -> set[str]:
    known = {name for name in vars(AsyncWebClient) if "_" in name.strip("_")}
    files = [*(ROOT / "handlers").glob("*.py"), *(ROOT / "gateways").glob("*.py")]
    names = {
        node.attr
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
    }
    return names & known


@pytest.mark.parametrize("http_url", [None, PUBLIC])
@pytest.mark.parametrize("extras", [(), ("reconcile",), ("intro",), tuple(ALL)])
def test_every_variant_is_valid_by_slacks_own_schema(
    extras: tuple[str, ...], http_url: str | None
) -> None:
    jsonschema.validate(manifest(*extras, http_url=http_url), SCHEMA)


def test_the_plain_variant_is_the_shipped_file_to_the_letter() -> None:
    assert manifest_text(frozenset(), None) == (ROOT / "manifest.yml").read_text("utf-8")


def test_as_shipped_it_asks_for_four_scopes_and_none_that_reads() -> None:
    assert bot_scopes(manifest()) == {"commands", "chat:write", "users:read", "files:write"}
    assert "bot_optional" not in manifest()["oauth_config"]["scopes"]


def test_an_optional_scope_is_also_a_scope() -> None:
    scopes = manifest(*ALL)["oauth_config"]["scopes"]
    assert set(scopes["bot_optional"]) < set(scopes["bot"])
    assert len(scopes["bot"]) == len(set(scopes["bot"]))


def test_over_http_every_address_is_the_one_that_the_bot_serves() -> None:
    found = manifest(http_url=f"{PUBLIC}/")
    address = f"{PUBLIC}/slack/events"
    assert [c["url"] for c in found["features"]["slash_commands"]] == [address]
    assert found["settings"]["event_subscriptions"]["request_url"] == address
    assert found["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": address,
        "message_menu_options_url": address,
    }
    assert found["settings"]["socket_mode_enabled"] is False


def test_in_socket_mode_there_is_no_address() -> None:
    assert "http" not in manifest_text(ALL, None)


def test_what_the_public_text_says_about_reading_follows_the_scopes() -> None:
    shipped = manifest()["display_information"]["long_description"]
    reading = manifest("reconcile")["display_information"]["long_description"]
    assert shipped.endswith("it does not read conversations.")
    assert "look for its own message" in reading


def test_unknown_extras_and_unreachable_addresses_are_refused_in_a_sentence() -> None:
    with pytest.raises(ManifestError, match="reconcile, intro"):
        manifest_text(frozenset({"everything"}), None)
    with pytest.raises(ManifestError, match="https://host"):
        manifest_text(frozenset(), "http://bot.example.com")


def test_what_is_worse_is_said_for_each_extra_left_out() -> None:
    assert what_is_worse(ALL, str) == ()
    assert [s.split(":")[0] for s in what_is_worse(frozenset(), str)] == [
        "Without reconcile",
        "Without intro",
    ]


def test_commands_and_shortcuts_in_code_are_the_declared_ones() -> None:
    features = manifest()["features"]
    assert [c["command"] for c in features["slash_commands"]] == [tables().command]
    assert {s["callback_id"] for s in features["shortcuts"]} == set(tables().shortcuts)


def test_events_in_code_are_the_declared_ones() -> None:
    assert set(tables().events) == events(manifest(*ALL))
    assert events(manifest()) < events(manifest("intro"))


def test_scopes_that_the_code_needs_are_the_declared_ones() -> None:
    called = slack_methods_called()
    assert called <= SCOPE_OF.keys(), "say in SCOPE_OF which scope a new method needs"
    needed = {scope for method in called if (scope := SCOPE_OF[method])} | {"commands"}
    assert needed - bot_scopes(manifest()) <= bot_scopes(manifest("reconcile"))
    assert bot_scopes(manifest()) <= needed, "nothing is asked for that nothing uses"
