"""What `owroute manifest` does."""

import typer

from owroute.commands.alone import settings_alone
from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech
from owroute.manifest import ManifestError, manifest_text, what_is_worse
from owroute.words import translator


def print_manifest(with_: str, http_url: str | None, say: Speech) -> None:
    """The manifest on standard output; beside it, what is worse without the extras left out."""
    extras = frozenset(name.strip() for name in with_.split(",") if name.strip())
    translate = translator(say.lang)
    address = http_url or settings_alone(say).public_url
    try:
        text = manifest_text(extras, address, translate)
    except ManifestError as error:
        stop(Code.BAD_INPUT, str(error))
    typer.echo(text, nl=False)
    for sentence in what_is_worse(extras, translate):
        typer.echo(sentence, err=True)
