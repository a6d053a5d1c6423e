"""Politeness, help, and messages that say nothing: rows that only speak."""

from conversations.dialogues import buttons
from conversations.intents import Meaning
from conversations.memory import Idle
from conversations.steps import ChoiceRows, Handler, Moment, Rows, Say, Step


def says(key: str) -> Handler:
    """A row that answers with one sentence and leaves everything else as it is."""

    def handler(moment: Moment) -> Step:
        return moment.reply(Say(key))

    return handler


def _start(moment: Moment) -> Step:
    return moment.reply(Say("greeting.start"), dialogue=Idle(), introduced=False)


def _help(moment: Moment) -> Step:
    return moment.reply(Say("help.text", choices=buttons.START), dialogue=Idle())


def _privacy(moment: Moment) -> Step:
    has_link = bool(moment.facts.shop.privacy_url)
    return moment.reply(Say("privacy.text", below=("privacy.link",) if has_link else ()))


def _out_of_range(moment: Moment) -> Step:
    count = len(moment.memory.menu.choices)
    return moment.reply(Say("choice.out_of_range", {"count": str(count)}))


ROWS: Rows = {
    (Meaning.GREETED, None): says("greeting.again"),
    (Meaning.STARTED, None): _start,
    (Meaning.ASKED_HELP, None): _help,
    (Meaning.ASKED_PRIVACY, None): _privacy,
    (Meaning.ASKED_WHO, None): says("small_talk.who_are_you"),
    (Meaning.ASKED_HOW, None): says("small_talk.how_are_you"),
    (Meaning.THANKED, None): says("small_talk.thanks"),
    (Meaning.SAID_BYE, None): says("small_talk.bye"),
    (Meaning.SAID_YES, None): says("small_talk.ok"),
    (Meaning.SAID_NO, None): says("small_talk.ok"),
    (Meaning.CANCELLED, None): says("small_talk.ok"),
    (Meaning.WORDLESS, None): says("small_talk.wordless"),
    (Meaning.EMPTY, None): says("message.empty"),
    (Meaning.OUT_OF_RANGE, None): _out_of_range,
}
CHOICES: ChoiceRows = {}
