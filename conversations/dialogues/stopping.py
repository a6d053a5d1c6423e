""" "Stop": greetings and offers end at once, with no question back. A case that is being told goes on."""

from conversations.intents import Meaning
from conversations.steps import ChoiceRows, Moment, Rows, Say, Step, StopMessages


def _stop(moment: Moment) -> Step:
    return moment.reply(Say("stop.done"), effects=(StopMessages(),))


ROWS: Rows = {(Meaning.SAID_STOP, None): _stop}
CHOICES: ChoiceRows = {}
