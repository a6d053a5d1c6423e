"""ChatterBot, in a virtual environment of its own: it wants an older SQLAlchemy than Kefu."""

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

_PACKAGE = "chatterbot>=1.2,<2"
Guess = tuple[str | None, float]

#: Its default logic over SQLite in memory. Its default tagger needs a model of spaCy's that no registry of packages
#: holds; where that is not there, its own tagger without one.
_PROGRAM = """
import json, sys, time
from chatterbot import ChatBot
from chatterbot.tagging import LowercaseTagger
from chatterbot.trainers import ListTrainer

def made(**more):
    return ChatBot("bench", database_uri="sqlite://", **more)

pairs, questions = json.load(sys.stdin)
tagger = "default tagger"
try:
    bot = made()
except ChatBot.ChatBotException:
    bot, tagger = made(tagger=LowercaseTagger), "no tagger"
trainer = ListTrainer(bot, show_training_progress=False)
for pair in pairs:
    trainer.train(pair)
bot.get_response(questions[0])
began = time.process_time()
guesses = [(answer.text, answer.confidence) for answer in map(bot.get_response, questions)]
spent = (time.process_time() - began) * 1000 / len(questions)
print(json.dumps({"guesses": guesses, "milliseconds": spent, "tagger": tagger}))
"""


class CannotInstall(Exception):
    """In one line, why there is nothing to compare with."""


class ChatterBot:
    """`title` says which it is, once something was asked."""

    title = "ChatterBot"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def guesses(self, pairs: Sequence[tuple[str, str]], questions: Sequence[str]) -> tuple[list[Guess], float]:
        """Its answers after hearing the pairs, and the CPU that one took, in ms. Raises CannotInstall."""
        given = json.dumps([pairs, questions])
        found = json.loads(_said([str(self._python), "-c", _PROGRAM], given).splitlines()[-1])
        self.title = f"ChatterBot, {found['tagger']}"
        return [(text, sure) for text, sure in found["guesses"]], found["milliseconds"]

    @cached_property
    def _python(self) -> Path:
        home = self._folder / "chatterbot"
        _said([sys.executable, "-m", "venv", str(home)])
        python = home / "bin" / "python"
        _said([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", _PACKAGE])
        return python


def _said(command: list[str], given: str = "") -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotInstall(next(reversed(done.stderr.strip().splitlines()), f"exit code {done.returncode}"))
    return done.stdout
