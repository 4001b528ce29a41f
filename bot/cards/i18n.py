"""Words by language: Jinja templates of macros, translated by gettext catalogues.

`words("zh_CN").plan.waiting(label)` calls the macro `waiting` of `templates/plan.j2` and gives
escaped text. Catalogues are the `.po` files themselves, read once, so nothing has to be compiled
before a first run. In a template every sentence is `_("...", name=value)` or
`ngettext("one", "many", n)`; values are escaped, the sentence is ours.
"""

from collections.abc import Callable
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.cards.text import Mrkdwn, bold, channel, code, esc, joined, link, mention, moment
from bot.catalogues import translations
from bot.domain.workspace import LANGUAGES

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
LOCALE = HERE / "locale"


class Template:
    """The macros of one template in one language, each called like a function."""

    def __init__(self, module: object) -> None:
        self._module = module

    def __getattr__(self, macro: str) -> Callable[..., Mrkdwn]:
        """The macro as a function from values to escaped text, outer white space removed.

        Looked up once; what takes no values says the same each time, and is put into words once.
        """
        call = getattr(self._module, macro)
        constant: list[Mrkdwn] = []

        def said(*values: object, **named: object) -> Mrkdwn:
            if values or named:
                return Mrkdwn(str(call(*values, **named)).strip())
            if not constant:
                constant.append(Mrkdwn(str(call()).strip()))
            return constant[0]

        setattr(self, macro, said)
        return said


class Words:
    """All templates in one language, each compiled once."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._environment = _environment(translations(LOCALE, language))
        self._templates: dict[str, Template] = {}

    def __getattr__(self, name: str) -> Template:
        """The template `templates/{name}.j2`."""
        if name not in self._templates:
            module = self._environment.get_template(f"{name}.j2").make_module()
            self._templates[name] = Template(module)
        return self._templates[name]


@cache
def words(language: str) -> Words:
    """The words of a language (`en` or `zh_CN`); English for any other."""
    return Words(language if language in LANGUAGES else LANGUAGES[0])


def _environment(translations: NullTranslations) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # Slack text, not HTML: finalize escapes what Slack reads
        finalize=esc,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    helpers = (bold, channel, code, joined, link, mention, moment)
    environment.globals.update({h.__name__: h for h in helpers})
    environment.globals.update(_functions(translations))
    return environment


def _functions(translations: NullTranslations) -> MappingProxyType[str, Any]:
    def sentence(message: str, **values: object) -> Mrkdwn:
        return _filled(translations.gettext(message), values)

    def plural(one: str, many: str, n: int, **values: object) -> Mrkdwn:
        return _filled(translations.ngettext(one, many, n), {"n": n, **values})

    return MappingProxyType({"_": sentence, "ngettext": plural})


def _filled(sentence: str, values: dict[str, object]) -> Mrkdwn:
    return Mrkdwn(sentence % {k: esc(v) for k, v in values.items()} if values else sentence)
