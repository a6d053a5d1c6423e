"""The customer's own choice of language; it wins over what a message is written in."""

from dataclasses import replace

from conversations.dialogues import buttons
from conversations.intents import Meaning
from conversations.memory import ChoosingLanguage, Idle
from conversations.steps import ChoiceRows, ChooseLanguage, Handler, Moment, Rows, Say, Step
from conversations.values import Language


def _ask(moment: Moment) -> Step:
    return moment.reply(Say("language.ask", choices=(buttons.ZH, buttons.EN)), dialogue=ChoosingLanguage())


def _choose(moment: Moment, language: Language) -> Step:
    dialogue = Idle() if moment.memory.dialogue.kind == "choosing_language" else moment.memory.dialogue
    step = moment.reply(Say("language.chosen"), effects=(ChooseLanguage(language),), dialogue=dialogue)
    return replace(step, language=language)


def _said(moment: Moment) -> Step:
    return _choose(moment, moment.intent.language or moment.facts.language)


def _button(language: Language) -> Handler:
    return lambda moment: _choose(moment, language)


ROWS: Rows = {
    (Meaning.ASKED_LANGUAGE, None): _ask,
    (Meaning.CHOSE_LANGUAGE, None): _said,
}
CHOICES: ChoiceRows = {"my_language": _ask, "zh": _button(Language.ZH), "en": _button(Language.EN)}
