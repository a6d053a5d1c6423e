"""Questions: an answer and whether it helped, a choice of close ones, or an honest "I don't know"."""

from dataclasses import replace

from conversations.dialogues import buttons
from conversations.dialogues.own_file import with_birthday_question
from conversations.dialogues.people import noted, offer_to_pass_on
from conversations.intents import Meaning
from conversations.memory import Answered, Choice, Clarifying, Idle
from conversations.steps import ChoiceRows, Facts, LogQuestion, Moment, Rows, Say, Step
from conversations.values import Owner
from knowledge_base.placeholders import fill
from knowledge_base.values import Answer, Candidate, Outcome, SearchResult

#: How many candidates are offered, and how many others after an answer that did not help.
MAX_CANDIDATES = 3
MAX_OTHERS = 2
#: How many related questions stand below an answer.
MAX_RELATED = 3
#: What is remembered of a question, in characters: enough to search again with.
REMEMBERED = 300


_FIRST_MISS = Say("missed.first", choices=(buttons.REPHRASE, buttons.TOPICS, buttons.PERSON, buttons.WRONG))
_NEXT_MISS = Say("missed.second", choices=(buttons.PASS_ON, buttons.NOT_NOW, buttons.TOPICS))


def _asked(moment: Moment) -> Step:
    result = moment.intent.result
    if result is None:
        raise ValueError("a question reaches its row with what the search found")
    if isinstance(moment.memory.dialogue, Answered):  # nobody complained about the last answer
        moment = replace(moment, memory=moment.memory.model_copy(update={"misses": 0}))
    by_outcome = {Outcome.ANSWER: _answer, Outcome.CLARIFY: _clarify, Outcome.NONE: _unknown}
    step = by_outcome[result.outcome](moment, result)
    memory = step.memory.model_copy(update={"last_question": moment.intent.text[:REMEMBERED], "question_id": None})
    log = LogQuestion(moment.intent.text, moment.facts.language, result)
    return Step(memory, step.says, (*moment.feedback(None, "asked again"), log, *step.effects))


def _answer(moment: Moment, result: SearchResult) -> Step:
    if result.answer is None:
        return _unknown(moment, result)
    others = [c.article for c in result.candidates if c.article != result.answer.article][:MAX_OTHERS]
    return _give(moment, (result.answer, *result.also), tuple(others))


def _give(moment: Moment, answers: tuple[Answer, ...], others: tuple[str, ...]) -> Step:
    *earlier, last = [_say_answer(answer, moment.facts) for answer in answers]
    choices = (buttons.HELPED, buttons.NOT_HELPED, *_beside(moment, answers))
    asked = replace(last, choices=choices, below=("answer.helpful",))
    key = answers[0].article
    return moment.reply(*earlier, asked, dialogue=Answered(article=key, others=others), last_article=key)


def _beside(moment: Moment, answers: tuple[Answer, ...]) -> tuple[Choice, ...]:
    """Related questions to go on with."""
    catalogue, language = moment.facts.catalogue, moment.facts.language
    given = [catalogue.find_article(answer.article, answer.language) for answer in answers]
    keys = dict.fromkeys(key for article in given if article for key in article.related)
    told = {answer.article for answer in answers}
    related = [catalogue.find_article(key, language) for key in keys if key not in told]
    return tuple(Choice(token="open", words=one.question, value=one.key) for one in related if one)[:MAX_RELATED]


def _say_answer(answer: Answer, facts: Facts) -> Say:
    above = () if answer.language == facts.language else (f"answer.only_{answer.language}",)
    article = facts.catalogue.find_article(answer.article, answer.language)
    return Say(
        "answer.text",
        {"answer": fill(answer.text, facts.shop, answer.language)},
        article=(answer.article, answer.language, answer.version),
        above=above,
        file=article.file if article else None,
    )


def _clarify(moment: Moment, result: SearchResult) -> Step:
    candidates = result.candidates[:MAX_CANDIDATES]
    if not candidates:
        return _unknown(moment, result)
    key = "clarify.one" if len(candidates) == 1 else "clarify.choose"
    choices = [_candidate_choice(candidate) for candidate in candidates]
    if len(choices) == 1:
        choices[0] = choices[0].model_copy(update={"means": "yes"})
    return moment.reply(Say(key, choices=(*choices, buttons.NONE_OF_THESE)), dialogue=Clarifying())


def _candidate_choice(candidate: Candidate) -> Choice:
    return Choice(token="open", words=candidate.question, value=candidate.article)


def _unknown(moment: Moment, result: SearchResult) -> Step:
    if moment.intent.attachments:
        return offer_to_pass_on(moment)
    return noted(moment) if moment.facts.owner is Owner.WAITING else miss(moment)


def miss(moment: Moment) -> Step:
    """The bot could not help: the first time it asks for other words, the second time it offers a person."""
    misses = moment.memory.misses + 1
    return moment.reply(_FIRST_MISS if misses == 1 else _NEXT_MISS, dialogue=Idle(), misses=misses)


def _open(moment: Moment) -> Step:
    """An article that was chosen by its question."""
    key = moment.intent.choice.value if moment.intent.choice else ""
    article = moment.facts.catalogue.find_article(key, moment.facts.language)
    if article is None:
        return moment.reply(Say("answer.gone"), dialogue=Idle())
    answer = Answer(article.key, article.language, article.version, 1.0, article.answer)
    step = _give(moment, (answer,), ())
    return Step(step.memory, step.says, moment.feedback(None, f"chose {key}"[:40]))


def _helped(moment: Moment) -> Step:
    step = moment.reply(Say("helped.yes"), effects=moment.feedback(True), dialogue=Idle(), misses=0)
    return with_birthday_question(step, moment.facts)


def _thanked_for_answer(moment: Moment) -> Step:
    return moment.reply(Say("small_talk.thanks"), effects=moment.feedback(True), dialogue=Idle(), misses=0)


def _not_helped(moment: Moment) -> Step:
    """Other articles that may have been meant, other words, or a person; a person at once the second time."""
    dialogue, effects = moment.memory.dialogue, moment.feedback(False)
    if moment.memory.misses or not isinstance(dialogue, Answered):
        step = miss(moment)
        return Step(step.memory, step.says, effects)
    if _is_about_trouble(moment, dialogue.article):
        report = (buttons.REPORT, buttons.REPHRASE, buttons.PERSON)
        return moment.reply(Say("helped.no_trouble", choices=report), effects=effects, dialogue=Idle(), misses=1)
    others = _others(moment, dialogue)
    key = "helped.no_others" if others else "helped.no"
    choices = (*others, buttons.REPHRASE, buttons.PERSON)
    return moment.reply(Say(key, choices=choices), effects=effects, dialogue=Clarifying(), misses=1)


def _is_about_trouble(moment: Moment, key: str) -> bool:
    """The shop has marked the article as what people complain about."""
    article = moment.facts.catalogue.find_article(key, moment.facts.language)
    return article is not None and article.complaint_topic and moment.memory.last_question is not None


def _others(moment: Moment, dialogue: Answered) -> tuple[Choice, ...]:
    found = [moment.facts.catalogue.find_article(key, moment.facts.language) for key in dialogue.others]
    return tuple(Choice(token="open", words=article.question, value=article.key) for article in found if article)


def _none_of_these(moment: Moment) -> Step:
    step = miss(moment)
    return Step(step.memory, step.says, moment.feedback(None, "none of these"))


def _rephrase(moment: Moment) -> Step:
    return moment.reply(Say("missed.rephrase"), dialogue=Idle())


ROWS: Rows = {
    (Meaning.ASKED, None): _asked,
    (Meaning.THANKED, "answered"): _thanked_for_answer,
}
CHOICES: ChoiceRows = {
    "open": _open,
    "helped": _helped,
    "not_helped": _not_helped,
    "none_of_these": _none_of_these,
    "rephrase": _rephrase,
}
