from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.domain.reminders import ReminderRules
from bot.domain.schedule import QuietHours
from owroute.settings import Settings, SettingsError, Transport, load
from owroute.words import translator

NOWHERE = Path("no-such.env")
HTTP = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_SIGNING_SECRET": "s3cret"}
SOCKET = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-a"}


def settings(**more: str) -> Settings:
    return load({**HTTP, **more}, env_file=NOWHERE)


def problems(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(environ, env_file=NOWHERE)
    return caught.value.problems


def test_two_values_are_enough_and_the_rest_has_the_documented_defaults() -> None:
    found = settings()
    assert (found.host, found.port, found.tick_seconds) == ("127.0.0.1", 3000, 10)
    assert found.slack_api_url == "https://slack.com/api/"
    assert (found.public_url, found.engine_url, found.engine_token) == (None, None, None)
    assert (found.hub_url, found.hub_bearer) == ("https://huggingface.co", None)
    assert found.data_dir == Path.cwd() / "owroute-data"
    assert found.database_url == f"sqlite+aiosqlite:///{Path.cwd()}/owroute-data/owroute.db"
    assert found.is_sqlite


def test_an_app_token_means_socket_mode_and_needs_no_signing_secret() -> None:
    assert load(SOCKET, env_file=NOWHERE).transport is Transport.SOCKET
    assert settings().transport is Transport.HTTP


def test_an_empty_signing_secret_is_a_missing_one() -> None:
    [sentence] = problems({**HTTP, "SLACK_SIGNING_SECRET": "  "})
    assert sentence.startswith("SLACK_SIGNING_SECRET is missing")


def test_nothing_set_names_both_things_to_do() -> None:
    first, second = problems({})
    assert first.startswith("SLACK_BOT_TOKEN is missing")
    assert second.startswith("SLACK_SIGNING_SECRET is missing")


def test_every_problem_is_named_at_once_and_in_the_order_of_the_settings() -> None:
    found = problems(
        {
            "SLACK_BOT_TOKEN": "xoxp-1",
            "SLACK_APP_TOKEN": "xapp-1-a",
            "OWROUTE_PORT": "many",
            "OWROUTE_TICK_SECONDS": "0",
        }
    )
    assert [sentence.split()[0] for sentence in found] == [
        "SLACK_BOT_TOKEN",
        "OWROUTE_PORT",
        "OWROUTE_TICK_SECONDS",
    ]


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-1-a", "starts with xoxb-"),
        ("SLACK_BOT_TOKEN", "xoxb-", "starts with xoxb-"),
        ("SLACK_BOT_TOKEN", "xoxb-1 xoxb-2", "starts with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1-a", "starts with xapp-"),
        ("SLACK_SIGNING_SECRET", "two words", "without spaces"),
        ("SLACK_CLIENT_ID", "1.2", "not built yet"),
        ("SLACK_CLIENT_SECRET", "abc", "not built yet"),
        ("SLACK_API_URL", "https://slack.com", "must end in /api/"),
        ("SLACK_API_URL", "http://slack.com/api/", "must start with https://"),
        ("OWROUTE_HOST", "http://127.0.0.1", "not an address to listen on"),
        ("OWROUTE_HOST", "127.0.0.1:3000", "not an address to listen on"),
        ("OWROUTE_PORT", "65536", "from 0 to 65535"),
        ("OWROUTE_PORT", "-1", "from 0 to 65535"),
        ("OWROUTE_PORT", "3000.5", "from 0 to 65535"),
        ("OWROUTE_PUBLIC_URL", "bot.example.com", "https://host"),
        ("OWROUTE_PUBLIC_URL", "http://bot.example.com", "must start with https://"),
        ("OWROUTE_PUBLIC_URL", "https://u:p@bot.example.com", "https://host"),
        ("OWROUTE_PUBLIC_URL", "https://bot.example.com/?a=1", "https://host"),
        ("OWROUTE_PUBLIC_URL", "https://bot.example.com:0/", "https://host"),
        ("OWROUTE_DATABASE_URL", "mysql://host/db", "cannot use"),
        ("OWROUTE_DATABASE_URL", "postgresql+psycopg2://host/db", "cannot use"),
        ("OWROUTE_DATABASE_URL", "postgresql://host", "not complete"),
        ("OWROUTE_DATABASE_URL", "postgresql://[host/db", "not complete"),
        ("OWROUTE_DATABASE_URL", "sqlite://file.db", "not complete"),
        ("OWROUTE_DATABASE_URL", "sqlite://", "in memory"),
        ("OWROUTE_DATABASE_URL", "sqlite:///:memory:", "in memory"),
        ("OWROUTE_ENGINE_URL", "http://10.0.0.8:8000", "must start with https://"),
        ("OWROUTE_ENGINE_URL", "http://127.1:8000", "must start with https://"),
        ("OWROUTE_ENGINE_URL", "http://localhost.evil.example", "must start with https://"),
        ("OWROUTE_ENGINE_URL", "https://allowed\\@evil.example", "https://host"),
        ("OWROUTE_ENGINE_URL", "file:///etc/passwd", "https://host"),
        ("OWROUTE_ENGINE_TOKEN", "a b", "without spaces"),
        ("HF_ENDPOINT", "http://hub.example", "must start with https://"),
        ("HF_ENDPOINT", "http://localhost.evil.example", "must start with https://"),
        ("HF_ENDPOINT", "https://hub.example\\@evil.example", "off to ask no hub"),
        ("HF_ENDPOINT", "https://hf_x@hub.example", "off to ask no hub"),
        ("HF_ENDPOINT", "none", "off to ask no hub"),
        ("HF_TOKEN", "hf_a hf_b", "without spaces"),
        ("OWROUTE_EVIDENCE_REMIND_AFTER", "1 day", "as in P1D"),
        ("OWROUTE_EVIDENCE_REMIND_AFTER", "P31D", "thirty days"),
        ("OWROUTE_EVIDENCE_REMIND_AFTER", "P", "as in P1D"),
        ("OWROUTE_EVIDENCE_REMIND_AFTER", "-P1D", "as in P1D"),
        ("OWROUTE_EVIDENCE_REMIND_EVERY", "PT30M", "PT1H to PT24H"),
        ("OWROUTE_EVIDENCE_REMIND_EVERY", "P1DT1H", "whole days"),
        ("OWROUTE_EVIDENCE_REMIND_EVERY", "86400", "whole days"),
        ("OWROUTE_GPU_POLL_EVERY", "PT9S", "PT10S to PT1H"),
        ("OWROUTE_GPU_POLL_EVERY", "120", "PT10S to PT1H"),
        ("OWROUTE_GPU_PING_AFTER", "P2D", "PT0M to PT24H"),
        ("OWROUTE_GPU_PING_EVERY", "PT9M", "PT10M to PT24H"),
        ("OWROUTE_DIGEST_AT", "Monday 09:00", "MON 09:00"),
        ("OWROUTE_DIGEST_AT", "MON 24:00", "MON 09:00"),
        ("OWROUTE_DIGEST_AT", "MON", "MON 09:00"),
        ("OWROUTE_QUIET_HOURS", "10pm-8am", "22:00-08:00"),
        ("OWROUTE_QUIET_HOURS", "24:00-08:00", "22:00-08:00"),
        ("OWROUTE_QUIET_HOURS", "08:00-08:00", "four hours"),
        ("OWROUTE_QUIET_HOURS", "08:00-07:59", "four hours"),
        ("OWROUTE_TICK_SECONDS", "nan", "from 0.1 to 60"),
        ("OWROUTE_TICK_SECONDS", "1e309", "from 0.1 to 60"),
        ("OWROUTE_TICK_SECONDS", "soon", "from 0.1 to 60"),
        ("OWROUTE_HEARTBEAT_URL", "ping me", "https://host"),
        ("OWROUTE_AWS", "yes", "neither on nor off"),
        ("AWS_SECRET_ACCESS_KEY", "two words", "without spaces"),
        ("OWROUTE_DSTACK_URL", "http://10.0.0.8:3000", "must start with https://"),
    ],
)
def test_a_wrong_value_is_answered_in_one_sentence_that_names_it(
    name: str, typed: str, words: str
) -> None:
    [sentence] = problems({**HTTP, name: typed})
    assert sentence.startswith(name)
    assert words in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("postgres://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
        ("postgresql://u:p@h:5433/db", "postgresql+asyncpg://u:p@h:5433/db"),
        ("postgresql+asyncpg://h/db", "postgresql+asyncpg://h/db"),
        ("postgresql:///db?host=/var/run/pg", "postgresql+asyncpg:///db?host=/var/run/pg"),
        (
            "postgres://u:p%40x@h/db?sslmode=require",
            "postgresql+asyncpg://u:p%40x@h/db?ssl=require",
        ),
        ("sqlite:///data/my.db", "sqlite+aiosqlite:///data/my.db"),
        ("sqlite+aiosqlite:////srv/my.db", "sqlite+aiosqlite:////srv/my.db"),
    ],
)
def test_a_database_url_gets_the_driver_that_owroute_has(typed: str, used: str) -> None:
    assert settings(OWROUTE_DATABASE_URL=typed).database_url == used


@pytest.mark.parametrize(
    ("name", "typed", "used"),
    [
        ("slack_api_url", "http://127.0.0.1:4000/api", "http://127.0.0.1:4000/api/"),
        ("engine_url", "http://localhost:8000/", "http://localhost:8000"),
        ("engine_url", "http://[::1]:8000", "http://[::1]:8000"),
        ("public_url", "https://bot.example.com/owroute/", "https://bot.example.com/owroute"),
        ("hub_url", "http://127.0.0.1:4000/hub/", "http://127.0.0.1:4000/hub"),
        ("hub_url", "off", None),
        ("hub_url", "OFF", None),
    ],
)
def test_addresses_are_brought_to_one_form(name: str, typed: str, used: str | None) -> None:
    alias = Settings.model_fields[name].alias
    assert alias is not None
    assert getattr(settings(**{alias: typed}), name) == used


def test_reminders_have_a_beginning_a_cadence_and_quiet_hours() -> None:
    night = QuietHours(time(22), time(8))
    assert settings().reminders == ReminderRules(timedelta(days=1), timedelta(days=1), night)
    found = settings(
        OWROUTE_EVIDENCE_REMIND_AFTER="PT0M",
        OWROUTE_EVIDENCE_REMIND_EVERY="PT4H",
        OWROUTE_QUIET_HOURS="off",
    )
    assert found.reminders == ReminderRules(timedelta(), timedelta(hours=4), None)
    week = settings(OWROUTE_EVIDENCE_REMIND_EVERY="P1W", OWROUTE_QUIET_HOURS="12:30-13:15")
    assert week.remind_every == timedelta(days=7)
    assert week.quiet_hours == QuietHours(time(12, 30), time(13, 15))


def test_the_watch_has_cadences_down_to_seconds() -> None:
    found = settings(OWROUTE_GPU_POLL_EVERY="PT10S", OWROUTE_GPU_PING_AFTER="PT1M30S").watch
    assert (found.poll_every, found.ping_after) == (timedelta(seconds=10), timedelta(seconds=90))


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(
    tmp_path: Path,
) -> None:
    env = tmp_path / ".env"
    env.write_text(
        "SLACK_BOT_TOKEN=xoxb-file\nSLACK_SIGNING_SECRET='quoted'\nOWROUTE_PORT=4000\nOTHER=1\n",
        encoding="utf-8",
    )
    found = load({"OWROUTE_PORT": "5000"}, env_file=env)
    assert found.port == 5000
    assert found.slack_bot_token.get_secret_value() == "xoxb-file"
    assert found.slack_signing_secret is not None
    assert found.slack_signing_secret.get_secret_value() == "quoted"


def test_only_what_load_was_handed_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWROUTE_PORT", "4321")
    assert settings().port == 3000


def test_an_unreadable_file_is_a_sentence_too(tmp_path: Path) -> None:
    env = tmp_path / "wrong.env"
    env.write_bytes(b"SLACK_BOT_TOKEN=\xff\xfe\n")
    with pytest.raises(SettingsError, match="cannot be read"):
        load({}, env_file=env)


def test_a_data_folder_must_be_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    [sentence] = problems({**HTTP, "OWROUTE_DATA_DIR": str(file)})
    assert "not a folder" in sentence


def test_settings_never_change_after_the_start() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings().__setattr__("port", 1)  # what mypy already forbids


@pytest.mark.parametrize(
    ("variables", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LC_ALL": "zh_TW.UTF-8", "LANG": "C"}, True),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8"}, False),
    ],
)
def test_problems_are_told_in_the_terminals_language(
    variables: dict[str, str], *, chinese: bool
) -> None:
    first, _ = problems(variables)
    assert first.startswith("缺少 SLACK_BOT_TOKEN") is chinese


def test_a_sentence_without_translation_stays_english() -> None:
    assert translator("zh_CN")("never written") == "never written"


CANARY = "canary-7f3a"


def test_no_secret_shows_in_what_people_or_logs_may_print() -> None:
    found = settings(
        SLACK_BOT_TOKEN=f"xoxb-{CANARY}",
        SLACK_APP_TOKEN=f"xapp-{CANARY}",
        SLACK_SIGNING_SECRET=CANARY,
        OWROUTE_ENGINE_TOKEN=CANARY,
        HF_TOKEN=CANARY,
        OWROUTE_DATABASE_URL=f"postgresql://u:{CANARY}@h/db",
        OWROUTE_HEARTBEAT_URL=f"https://beat.example/{CANARY}",
    )
    for shown in (repr(found), str(found), f"{found}", found.model_dump_json(), str(vars(found))):
        assert CANARY not in shown


@pytest.mark.parametrize(
    "name", sorted({f.alias or "" for f in Settings.model_fields.values()} - {"OWROUTE_DATA_DIR"})
)
def test_no_error_repeats_what_was_typed(name: str) -> None:
    wrong = f"{CANARY} \\ ://"
    with pytest.raises(SettingsError) as caught:
        load({**HTTP, name: wrong}, env_file=NOWHERE)
    assert CANARY not in f"{caught.value!r} {caught.value}"
    assert caught.value.__suppress_context__
