"""One sentence per problem with a setting: what is wrong, and what to type instead."""

from owroute.words import Translate


def sentence(name: str, problem: str, _: Translate) -> str:
    """The sentence for a setting and the kind of its problem, in the language of `_`.

    A kind without words of its own means that the value does not have the setting's form.
    """
    template = _common(_).get(problem)
    if problem == "missing":
        template = _missing(_)[name]
    return (template or _malformed(_)[name]).replace("{name}", name)


def _missing(_: Translate) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": _(
            "SLACK_BOT_TOKEN is missing: create the Slack app from manifest.yml, install it, and"
            " copy its bot token, which starts with xoxb-."
        ),
        "SLACK_SIGNING_SECRET": _(
            "SLACK_SIGNING_SECRET is missing: without SLACK_APP_TOKEN, requests come over HTTP and"
            " only this secret proves that they are Slack's. Copy it from Basic Information."
        ),
    }


def _common(_: Translate) -> dict[str, str]:
    return {
        "not_yet": _(
            "{name} is set, but many workspaces by OAuth are not built yet: remove it and use"
            " SLACK_BOT_TOKEN."
        ),
        "plain_http": _(
            "{name} must start with https://. Plain http:// is accepted for this machine only, as"
            " in http://127.0.0.1:8080."
        ),
        "not_a_folder": _(
            "{name} names something that is not a folder: give a folder for the data."
        ),
        "database_kind": _(
            "{name} names a database that owroute cannot use: start it with postgresql:// or"
            " sqlite:///."
        ),
        "database_in_memory": _(
            "{name} names a SQLite database in memory, which forgets everything at a restart: name"
            " a file, as in sqlite:///owroute-data/owroute.db."
        ),
        "unreadable": _(
            "{name} cannot be read: it must be a text file in UTF-8, one NAME=value a line."
        ),
    }


def _malformed(_: Translate) -> dict[str, str]:
    address = _("{name} is not an address of the form https://host or https://host:port/path.")
    key = _("{name} is not a key: copy it on one line, without spaces.")
    return {
        "SLACK_BOT_TOKEN": _(
            "SLACK_BOT_TOKEN is not a bot token: it starts with xoxb- and is found under OAuth &"
            " Permissions."
        ),
        "SLACK_APP_TOKEN": _(
            "SLACK_APP_TOKEN is not an app-level token: it starts with xapp- and is made under"
            " Basic Information with the scope connections:write."
        ),
        "SLACK_SIGNING_SECRET": _(
            "SLACK_SIGNING_SECRET is not a signing secret: copy it on one line, without spaces,"
            " from Basic Information."
        ),
        "SLACK_API_URL": _("SLACK_API_URL must end in /api/, as in https://slack.com/api/."),
        "OWROUTE_HOST": _(
            "OWROUTE_HOST is not an address to listen on: give a host name or an address alone,"
            " such as 127.0.0.1."
        ),
        "OWROUTE_PORT": _(
            "OWROUTE_PORT is not a port: give a number from 0 to 65535, such as 3000."
        ),
        "OWROUTE_PUBLIC_URL": address,
        "OWROUTE_DATABASE_URL": _(
            "OWROUTE_DATABASE_URL is not complete: it looks like postgresql://user:password@host/name"
            " or sqlite:///path/to/file.db."
        ),
        "OWROUTE_ENGINE_URL": address,
        "OWROUTE_ENGINE_TOKEN": _("OWROUTE_ENGINE_TOKEN must be on one line, without spaces."),
        "HF_ENDPOINT": _(
            "HF_ENDPOINT is not an address of the form https://host or https://host:port/path: give"
            " your mirror's, or off to ask no hub."
        ),
        "HF_TOKEN": key,
        "OWROUTE_EVIDENCE_REMIND_AFTER": _(
            "OWROUTE_EVIDENCE_REMIND_AFTER is not a duration up to thirty days: write it as in P1D"
            " for a day or PT12H for twelve hours."
        ),
        "OWROUTE_EVIDENCE_REMIND_EVERY": _(
            "OWROUTE_EVIDENCE_REMIND_EVERY is not a usable interval: give whole days up to thirty,"
            " as in P1D, or hours from PT1H to PT24H."
        ),
        "OWROUTE_GPU_POLL_EVERY": _(
            "OWROUTE_GPU_POLL_EVERY is not a usable interval: give PT10S to PT1H, as in PT2M."
        ),
        "OWROUTE_GPU_PING_AFTER": _(
            "OWROUTE_GPU_PING_AFTER is not a usable duration: give PT0M to PT24H, as in PT10M."
        ),
        "OWROUTE_GPU_PING_EVERY": _(
            "OWROUTE_GPU_PING_EVERY is not a usable interval: give PT10M to PT24H, as in PT2H."
        ),
        "OWROUTE_QUIET_HOURS": _(
            "OWROUTE_QUIET_HOURS are not two times of day that leave four hours between them: write"
            " 22:00-08:00, or off for none."
        ),
        "OWROUTE_DIGEST_AT": _(
            "OWROUTE_DIGEST_AT is not a day and a time of day: write it as in MON 09:00, with MON,"
            " TUE, WED, THU, FRI, SAT or SUN."
        ),
        "OWROUTE_TICK_SECONDS": _(
            "OWROUTE_TICK_SECONDS is not a usable interval: give seconds from 0.1 to 60, as in 10."
        ),
        "OWROUTE_HEARTBEAT_URL": address,
        "OWROUTE_RUNPOD_URL": address,
        "OWROUTE_VAST_URL": address,
        "OWROUTE_LAMBDA_URL": address,
        "RUNPOD_API_KEY": key,
        "VAST_API_KEY": key,
        "LAMBDA_API_KEY": key,
        "OWROUTE_AWS": _("OWROUTE_AWS is neither on nor off."),
        "AWS_ACCESS_KEY_ID": key,
        "AWS_PROFILE": _("AWS_PROFILE is not a profile's name: write it without spaces."),
        "AWS_REGION": _("AWS_REGION is not a region: write it as in us-east-1."),
        "AWS_SECRET_ACCESS_KEY": key,
        "AWS_SESSION_TOKEN": key,
        "OWROUTE_DSTACK_URL": address,
        "DSTACK_TOKEN": key,
    }
