"""Steps into words: texts in the customer's language, with their buttons. Pure."""

from collections.abc import Mapping

from conversations.intents import Offer, button_id
from conversations.memory import Choice, Menu
from conversations.phrases import bare
from conversations.steps import Say
from conversations.texts import LANGUAGES, Texts, Voice
from conversations.values import Button, OutgoingMessage
from core.shop_facts import ShopFacts


def render(say: Say, voice: Voice, menu: Menu, results: Mapping[str, str] | None = None) -> OutgoingMessage:
    """One message. A slot is a value of the step or a field of an effect's result."""
    slots = {**say.slots, **(results or {})}
    above = [voice.say(key, **slots) for key in say.above]
    below = [voice.say(key, **slots) for key in say.below]
    text = "\n".join([*above, voice.say(say.key, **slots)])
    return OutgoingMessage(
        text="\n\n".join([text, "\n".join(below)]) if below else text,
        buttons=_buttons(say, voice, menu),
        article=say.article,
    )


def label_of(choice: Choice, voice: Voice) -> str:
    """What stands on the button; a sentence of the product begins with a capital there."""
    if choice.text_key is None:
        return choice.words
    said = voice.say(choice.text_key, **choice.slots)
    return said[:1].upper() + said[1:]


def read_offers(menu: Menu, shop: ShopFacts) -> tuple[Offer, ...]:
    """The live buttons with the words, in either language, that choose them."""
    voices = [Texts.shipped().voice(language, shop) for language in LANGUAGES]
    return tuple(Offer(choice, frozenset(bare(label_of(choice, voice)) for voice in voices)) for choice in menu.choices)


def _buttons(say: Say, voice: Voice, menu: Menu) -> tuple[Button, ...]:
    return menu_buttons(menu, voice) if say.choices == menu.choices else ()


def menu_buttons(menu: Menu, voice: Voice) -> tuple[Button, ...]:
    return tuple(
        Button(id=button_id(menu, index), label=label_of(choice, voice), asks=choice.asks)
        for index, choice in enumerate(menu.choices)
    )
