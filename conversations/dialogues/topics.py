"""Topics to browse: categories, then the questions of one, page by page."""

from collections.abc import Sequence

from conversations.dialogues import buttons
from conversations.intents import Meaning
from conversations.knowledge import Topic
from conversations.memory import Browsing, Choice
from conversations.steps import ChoiceRows, Moment, Rows, Say, Step

PAGE = 6


def _topics(moment: Moment) -> Step:
    return _show_topics(moment, 0)


def _show_topics(moment: Moment, offset: int) -> Step:
    topics = moment.facts.catalogue.topics(moment.facts.language)
    if not topics:
        return moment.reply(Say("topics.empty", choices=(buttons.PERSON,)))
    if len(topics) == 1:
        return _show_questions(moment, topics[0], offset)
    choices = _page([_category_choice(topic) for topic in topics], offset, "more_topics", "")
    return moment.reply(Say("topics.choose", choices=choices), dialogue=Browsing(offset=offset))


def _show_questions(moment: Moment, topic: Topic, offset: int) -> Step:
    questions = [Choice(token="open", words=question, value=key) for key, question in topic.articles]
    choices = (*_page(questions, offset, "more_questions", topic.category), buttons.BACK)
    heading = Say("topics.questions", {"category": topic.category}, choices)
    if not topic.category:
        heading = Say("topics.questions_other", choices=choices)
    return moment.reply(heading, dialogue=Browsing(category=topic.category, offset=offset))


def _page(choices: Sequence[Choice], offset: int, token: str, value: str) -> tuple[Choice, ...]:
    """A page of `choices`, with "more" behind it when there is more."""
    shown = tuple(choices[offset : offset + PAGE])
    if offset + PAGE >= len(choices):
        return shown
    return (*shown, Choice(token=token, text_key="button.more", value=f"{offset + PAGE} {value}"))


def _category_choice(topic: Topic) -> Choice:
    text_key = None if topic.category else "topics.other"
    return Choice(token="category", text_key=text_key, words=topic.category, value=topic.category)


def _category(moment: Moment) -> Step:
    return _open_category(moment, _value(moment), 0)


def _more_topics(moment: Moment) -> Step:
    return _show_topics(moment, int(_value(moment).split()[0]))


def _more_questions(moment: Moment) -> Step:
    offset, _, category = _value(moment).partition(" ")
    return _open_category(moment, category, int(offset))


def _open_category(moment: Moment, category: str, offset: int) -> Step:
    topics = moment.facts.catalogue.topics(moment.facts.language)
    found = [topic for topic in topics if topic.category == category]
    return _show_questions(moment, found[0], offset) if found else _show_topics(moment, 0)


def _value(moment: Moment) -> str:
    return moment.intent.choice.value if moment.intent.choice else ""


ROWS: Rows = {(Meaning.ASKED_TOPICS, None): _topics}
CHOICES: ChoiceRows = {
    "topics": _topics,
    "category": _category,
    "more_topics": _more_topics,
    "more_questions": _more_questions,
}
