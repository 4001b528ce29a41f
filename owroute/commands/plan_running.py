"""How a decision runs, in a terminal: the lines of the decision card, and the commands."""

from bot.cards.running import TERMINAL, lines, script
from bot.cards.text import Mrkdwn
from engine.contract import DecisionCard
from owroute.commands.speech import Speech, plain
from owroute.commands.terminal import Page


def running(page: Page, decision: DecisionCard, say: Speech) -> None:
    """What was chosen and how it is started; nothing where nothing was."""
    said = lines(decision, say.lang, TERMINAL)
    if said:
        page.heading(say.running())
        for line in said:
            page.line(plain(line), lead="- ")
    for command in decision.runtime_commands:
        page.heading(say.commands())
        for note in command.prerequisites:
            page.line(note, lead="- ")
        for typed in plain(Mrkdwn(script(command, say.lang))).split("\n"):
            page.literal(typed, indent=2)
