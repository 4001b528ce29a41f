"""The sentences that Slack's own client says to a person, in English and Simplified Chinese."""

from enum import StrEnum
from typing import Literal

Lang = Literal["en", "zh"]


class Say(StrEnum):
    """What can be said, by name."""

    OPERATION_TIMEOUT = "operation_timeout"
    DISPATCH_FAILED = "dispatch_failed"
    UNKNOWN_COMMAND = "unknown_command"
    NOT_IN_THREADS = "not_in_threads"
    NOT_A_MEMBER = "not_a_member"
    ARCHIVED = "archived"
    BAD_ANSWER = "bad_answer"
    REQUIRED = "required"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_AN_EMAIL = "not_an_email"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    FIX_FIELDS = "fix_fields"
    CONFIRM_FIRST = "confirm_first"
    GONE = "gone"
    NOT_ON_OFFER = "not_on_offer"
    MESSAGES_OFF = "messages_off"
    NOT_POSSIBLE = "not_possible"


EN: dict[Say, str] = {
    Say.OPERATION_TIMEOUT: "{what} did not work: {app} gave no answer within 3 seconds.",
    Say.DISPATCH_FAILED: "{what} did not work: {app} was out of reach or answered with an error.",
    Say.UNKNOWN_COMMAND: "{what} is no command of this workspace. It was not sent to anybody.",
    Say.NOT_IN_THREADS: "{what} cannot be used in a thread. Type it in the channel instead.",
    Say.NOT_A_MEMBER: "You are not in this channel.",
    Say.ARCHIVED: "This channel is archived. Nothing can be said in it any more.",
    Say.BAD_ANSWER: "{what} did not work: {app} sent an answer that Slack does not understand.",
    Say.REQUIRED: "Please fill in this field.",
    Say.NOT_A_NUMBER: "Please enter a number.",
    Say.NOT_WHOLE: "Please enter a whole number.",
    Say.TOO_SMALL: "Please enter {limit} or more.",
    Say.TOO_LARGE: "Please enter {limit} or less.",
    Say.NOT_AN_ADDRESS: "Please enter a full web address, such as https://example.com.",
    Say.NOT_AN_EMAIL: "Please enter an email address.",
    Say.TOO_SHORT: "Please enter at least {limit} characters.",
    Say.TOO_LONG: "Please enter at most {limit} characters.",
    Say.FIX_FIELDS: "Some fields need your attention.",
    Say.CONFIRM_FIRST: "This asks for a confirmation first.",
    Say.GONE: "This is no longer here. It was changed or closed meanwhile.",
    Say.NOT_ON_OFFER: "This choice is not on offer.",
    Say.MESSAGES_OFF: "This app takes no direct messages.",
    Say.NOT_POSSIBLE: "This is not possible here.",
}

ZH: dict[Say, str] = {
    Say.OPERATION_TIMEOUT: "{what} 没有成功：{app} 在 3 秒内没有回应。",
    Say.DISPATCH_FAILED: "{what} 没有成功：无法连接 {app}，或者它返回了错误。",
    Say.UNKNOWN_COMMAND: "{what} 不是此工作区的命令，没有发送给任何人。",
    Say.NOT_IN_THREADS: "消息列里不能使用 {what}，请在频道里输入。",
    Say.NOT_A_MEMBER: "你不在这个频道里。",
    Say.ARCHIVED: "此频道已归档，不能再发言。",
    Say.BAD_ANSWER: "{what} 没有成功：{app} 返回了 Slack 无法理解的内容。",
    Say.REQUIRED: "请填写此栏。",
    Say.NOT_A_NUMBER: "请输入数字。",
    Say.NOT_WHOLE: "请输入整数。",
    Say.TOO_SMALL: "请输入不小于 {limit} 的数。",
    Say.TOO_LARGE: "请输入不大于 {limit} 的数。",
    Say.NOT_AN_ADDRESS: "请输入完整的网址，例如 https://example.com。",
    Say.NOT_AN_EMAIL: "请输入电子邮件地址。",
    Say.TOO_SHORT: "请至少输入 {limit} 个字符。",
    Say.TOO_LONG: "请最多输入 {limit} 个字符。",
    Say.FIX_FIELDS: "有些栏目需要修改。",
    Say.CONFIRM_FIRST: "此操作需要先确认。",
    Say.GONE: "它已不在这里：可能已被更改或关闭。",
    Say.NOT_ON_OFFER: "没有这个选项。",
    Say.MESSAGES_OFF: "此应用不接收私信。",
    Say.NOT_POSSIBLE: "这里不能这样做。",
}

SENTENCES: dict[Lang, dict[Say, str]] = {"en": EN, "zh": ZH}


def lang_of(locale: str) -> Lang:
    """The language of a Slack locale such as `zh-CN`; everything else reads English."""
    return "zh" if locale.replace("_", "-").lower().startswith("zh") else "en"


def say(sentence: Say, locale: str, **words: object) -> str:
    """The sentence in the reader's language, its gaps filled."""
    return SENTENCES[lang_of(locale)][sentence].format(**words)
