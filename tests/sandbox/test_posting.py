"""The Web API as the SDK uses it: speaking, correcting, reading back."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.conftest import ADA, AWAY, CLOSED, LIN, ROOM, Lamp

Json = dict[str, Any]


async def error_of(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def test_a_message_is_kept_with_its_metadata_and_found_again(lamp: Lamp) -> None:
    lamp.workspace.grant(["channels:history"])
    metadata = {"event_type": "lamp", "event_payload": {"k": "abc"}}
    posted = await lamp.client.chat_postMessage(channel=ROOM, text="Hi", metadata=metadata)
    found = await lamp.client.conversations_history(channel=ROOM, include_all_metadata=True)
    bare = await lamp.client.conversations_history(channel=ROOM)

    assert found["messages"][0]["ts"] == posted["ts"] == "1795510800.000000"
    assert found["messages"][0]["metadata"] == metadata
    assert "metadata" not in bare["messages"][0]


async def test_two_messages_of_one_instant_have_two_time_stamps(lamp: Lamp) -> None:
    stamps = [(await lamp.client.chat_postMessage(channel=ROOM, text="x"))["ts"] for _ in range(3)]

    assert stamps == sorted(set(stamps))


async def test_a_person_is_reached_by_their_id_and_the_answer_names_the_channel(
    lamp: Lamp,
) -> None:
    posted = await lamp.client.chat_postMessage(channel=ADA, text="Psst")

    assert posted["channel"].startswith("D")
    [said] = lamp.workspace.conversations.visible(posted["channel"], ADA)
    assert said.text == "Psst"
    assert lamp.workspace.conversations.unread(posted["channel"], ADA) == 1


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        (AWAY, "not_in_channel"),
        (CLOSED, "channel_not_found"),
        ("C0NOWHERE", "channel_not_found"),
        ("U0GONE", "user_disabled"),
    ],
)
async def test_where_the_bot_cannot_speak(lamp: Lamp, channel: str, error: str) -> None:
    assert await error_of(lamp.client.chat_postMessage(channel=channel, text="Hi")) == error


async def test_an_archived_channel_takes_no_message_and_no_edit(lamp: Lamp) -> None:
    posted = await lamp.client.chat_postMessage(channel=ROOM, text="Hi")
    lamp.workspace.conversations.archive(ROOM)

    again = lamp.client.chat_postMessage(channel=ROOM, text="Hi")
    edit = lamp.client.chat_update(channel=ROOM, ts=posted["ts"], text="Ho")

    assert [await error_of(again), await error_of(edit)] == ["is_archived", "is_inactive"]


async def test_direct_messages_need_the_messages_tab(lamp: Lamp) -> None:
    lamp.workspace.manifest = replace(lamp.workspace.manifest, messages_tab=False)

    assert (
        await error_of(lamp.client.chat_postMessage(channel=ADA, text="Hi"))
        == "messages_tab_disabled"
    )


async def test_only_own_lasting_messages_are_changed(lamp: Lamp) -> None:
    own = (await lamp.client.chat_postMessage(channel=ROOM, text="Hi"))["ts"]
    other = (await lamp.person().say(ROOM, "Hello")).data["ts"]
    whisper = await lamp.client.chat_postEphemeral(channel=ROOM, user=ADA, text="Psst")

    await lamp.client.chat_update(channel=ROOM, ts=own, text="Ho")
    errors = [
        await error_of(lamp.client.chat_update(channel=ROOM, ts=other, text="No")),
        await error_of(lamp.client.chat_delete(channel=ROOM, ts=other)),
        await error_of(lamp.client.chat_update(channel=ROOM, ts=whisper["message_ts"], text="No")),
        await error_of(lamp.client.chat_update(channel=ADA, ts=own, text="No")),
        await error_of(lamp.client.chat_update(channel=ROOM, ts=own, text="x" * 4001)),
    ]
    await lamp.client.chat_delete(channel=ROOM, ts=own)

    assert errors == [
        "cant_update_message",
        "cant_delete_message",
        "message_not_found",
        "channel_not_found",
        "msg_too_long",
    ]
    assert lamp.workspace.conversations.find(ROOM, own) is None


async def test_an_edit_is_marked_and_keeps_blocks_and_metadata(lamp: Lamp) -> None:
    blocks = [{"type": "divider", "block_id": "line"}]
    metadata = {"event_type": "lamp", "event_payload": {"k": "1"}}
    posted = await lamp.client.chat_postMessage(
        channel=ROOM, text="Hi", blocks=blocks, metadata=metadata
    )
    await lamp.client.chat_update(channel=ROOM, ts=posted["ts"], text="Ho")

    said = lamp.workspace.conversations.find(ROOM, posted["ts"])
    assert said is not None
    assert (said.text, list(said.blocks), said.metadata) == ("Ho", blocks, metadata)
    assert said.edited is not None


async def test_a_whisper_is_seen_by_one_person_until_they_load_their_client_anew(
    lamp: Lamp,
) -> None:
    await lamp.client.chat_postEphemeral(channel=ROOM, user=ADA, text="Psst")
    seen = {user: lamp.workspace.conversations.visible(ROOM, user) for user in (ADA, LIN)}
    await lamp.person().reload()

    assert [len(seen[ADA]), len(seen[LIN])] == [1, 0]
    assert lamp.workspace.conversations.visible(ROOM, ADA) == []
    stranger = lamp.client.chat_postEphemeral(channel=ROOM, user="U0GONE", text="Psst")
    assert await error_of(stranger) == "user_not_in_channel"


async def test_a_thread_is_read_by_its_parent(lamp: Lamp) -> None:
    lamp.workspace.grant(["channels:history"])
    parent = (await lamp.client.chat_postMessage(channel=ROOM, text="Hi"))["ts"]
    await lamp.client.chat_postMessage(channel=ROOM, text="below", thread_ts=parent)
    thread = await lamp.client.conversations_replies(channel=ROOM, ts=parent)
    history = await lamp.client.conversations_history(channel=ROOM)

    assert [m["text"] for m in thread["messages"]] == ["Hi", "below"]
    assert [(m["text"], m["reply_count"]) for m in history["messages"]] == [("Hi", 1)]


async def test_history_is_paged_and_bounded_in_time(lamp: Lamp) -> None:
    lamp.workspace.grant(["channels:history"])
    stamps = []
    for n in range(3):
        stamps.append((await lamp.client.chat_postMessage(channel=ROOM, text=str(n)))["ts"])
        lamp.workspace.clock.advance(timedelta(seconds=1))

    first = await lamp.client.conversations_history(channel=ROOM, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await lamp.client.conversations_history(channel=ROOM, limit=2, cursor=cursor)
    late = await lamp.client.conversations_history(channel=ROOM, oldest=stamps[1])
    late_too = await lamp.client.conversations_history(
        channel=ROOM, oldest=stamps[1], inclusive=True
    )

    pages = [[m["text"] for m in page["messages"]] for page in (first, second, late, late_too)]
    assert pages == [["2", "1"], ["0"], ["2"], ["2", "1"]]


async def test_a_missing_scope_says_what_is_needed_and_what_is_there(lamp: Lamp) -> None:
    with pytest.raises(SlackApiError) as refused:
        await lamp.client.conversations_history(channel=ROOM)

    body = refused.value.response
    assert (body["error"], body["needed"]) == ("missing_scope", "channels:history")
    assert body["provided"] == "chat:write,commands,files:write,users:read"


async def test_tokens_are_told_apart(lamp: Lamp) -> None:
    base = lamp.client.base_url
    app = lamp.workspace.app

    async def with_token(token: str | None) -> str:
        client = AsyncWebClient(token=token, base_url=base, session=lamp.client.session)
        return await error_of(client.auth_test())

    found = [await with_token(t) for t in (None, "xoxb-wrong", app.app_token)]
    app.is_revoked = True
    found.append(await with_token(app.bot_token))

    assert found == ["not_authed", "invalid_auth", "not_allowed_token_type", "token_revoked"]


async def test_who_the_bot_is_and_what_it_was_granted(lamp: Lamp) -> None:
    answer = await lamp.client.auth_test()

    assert answer["user_id"] == lamp.workspace.app.bot_user_id
    assert answer.headers["x-oauth-scopes"] == "chat:write,commands,files:write,users:read"


async def test_people_have_a_zone_and_only_on_request_a_locale(lamp: Lamp) -> None:
    bare = (await lamp.client.users_info(user=LIN))["user"]
    full = (await lamp.client.users_info(user=LIN, include_locale=True))["user"]
    people = await lamp.client.users_list(limit=2)

    assert (full["tz"], full["tz_offset"], full["locale"]) == ("Asia/Shanghai", 28800, "zh-CN")
    assert full["is_admin"]
    assert "locale" not in bare
    assert len(people["members"]) == 2
    assert people["response_metadata"]["next_cursor"]


async def test_form_and_query_arguments_are_understood_too(lamp: Lamp) -> None:
    form = {"channel": ROOM, "blocks": '[{"type":"divider"}]', "text": "Hi"}
    posted = await lamp.client.api_call("chat.postMessage", data=form)
    query = {"channel": ROOM, "ts": posted["ts"]}
    deleted = await lamp.client.api_call("chat.delete", params=query)

    assert posted["message"]["blocks"][0]["type"] == "divider"
    assert deleted["ok"]


async def test_an_unknown_method_is_named_so(lamp: Lamp) -> None:
    assert await error_of(lamp.client.api_call("chat.sing")) == "unknown_method"


async def test_bad_blocks_come_back_with_pointers(lamp: Lamp) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": ""}}]
    with pytest.raises(SlackApiError) as refused:
        await lamp.client.chat_postMessage(channel=ROOM, text="Hi", blocks=blocks)

    body = refused.value.response
    assert body["error"] == "invalid_blocks"
    [message] = body["response_metadata"]["messages"]
    assert message.endswith("[json-pointer:/blocks/0/text/text]")


async def test_a_file_arrives_in_three_steps_and_a_moment_later(lamp: Lamp) -> None:
    await lamp.client.files_upload_v2(
        channel=ROOM, content="a,b\n", filename="t.csv", title="Table", alt_txt="Two columns"
    )
    at_once = lamp.workspace.conversations.visible(ROOM, ADA)
    await lamp.workspace.chores.settle()
    [said] = lamp.workspace.conversations.visible(ROOM, ADA)

    assert at_once == []
    [shape] = lamp.workspace.file_shapes(said)
    assert (shape["title"], shape["alt_txt"], shape["mimetype"]) == (
        "Table",
        "Two columns",
        "text/csv",
    )
    assert lamp.client.session is not None
    async with lamp.client.session.get(shape["url_private"]) as answer:
        assert await answer.read() == b"a,b\n"


async def test_an_upload_of_another_length_is_refused(lamp: Lamp) -> None:
    address = await lamp.client.files_getUploadURLExternal(filename="a.txt", length=3)
    assert lamp.client.session is not None
    async with lamp.client.session.post(address["upload_url"], data=b"four") as answer:
        assert answer.status == 400
    complete = lamp.client.files_completeUploadExternal(files=[{"id": address["file_id"]}])

    assert await error_of(complete) == "file_not_found"
