"""Answers to what the shop wrote first, read through what it asked: scores, choices, "later", reasons in own words.

Whatever else is said in answer (a question, a complaint, thanks, "stop") takes its usual way, and is noted beside.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from conversations.complaints import is_question
from conversations.dialogues.complaints import complained
from conversations.dialogues.people import call, with_hours
from conversations.dialogues.prompt_choices import option_choices, score_choice, score_choices
from conversations.intents import Intent, Meaning, read_number
from conversations.memory import AddingToCase, Dialogue, Idle, Memory, Prompted
from conversations.phrases import Phrase, find_phrases
from conversations.prompts import AnswerKind, Prompt, PromptOption, Then, names, read_option, read_score, says_later
from conversations.steps import (
    AnswerPrompt,
    AskForPerson,
    ChoiceRows,
    DeclineGift,
    Effect,
    Moment,
    OpenCase,
    PersonReason,
    ReopenCase,
    Rows,
    Say,
    Step,
)
from conversations.values import Owner
from tickets.scores import BAD, BEST
from tickets.values import TicketKind

#: How answers that take their usual way are noted.
_NOTED: Mapping[Meaning, AnswerKind] = {
    Meaning.ASKED: AnswerKind.QUESTION,
    Meaning.COMPLAINED: AnswerKind.COMPLAINT,
    Meaning.WENT_WRONG: AnswerKind.COMPLAINT,
    Meaning.SAID_STOP: AnswerKind.STOP,
    Meaning.THANKED: AnswerKind.WORDS,
    Meaning.PRAISED: AnswerKind.WORDS,
    Meaning.SUGGESTED: AnswerKind.WORDS,
    Meaning.SAID_YES: AnswerKind.WORDS,
    Meaning.SAID_NO: AnswerKind.WORDS,
    Meaning.ATTACHED: AnswerKind.WORDS,
    Meaning.ASKED_PERSON: AnswerKind.QUESTION,
    Meaning.ASKED_PARCEL: AnswerKind.QUESTION,
}
_ACCEPTS = "offer_accept"
_PLAIN = frozenset({Phrase.YES, Phrase.NO})


def without_old(memory: Memory, now: datetime) -> Memory:
    """Nothing is an answer any more once what was asked can no longer be answered."""
    is_open = memory.asked is not None and memory.asked.is_open(now)
    is_old = isinstance(memory.dialogue, Prompted) and not is_open
    return memory.model_copy(update={"dialogue": Idle()}) if is_old else memory


def read_answer(memory: Memory, intent: Intent) -> Intent:
    """The intent as what was asked reads it, before anything is searched."""
    prompt, dialogue = memory.asked, memory.dialogue
    if prompt is None or not isinstance(dialogue, Prompted) or not intent.text.strip():
        return intent
    if dialogue.asks != "answer":
        is_told = intent.meaning is Meaning.ASKED and not is_question(intent.text)
        return replace(intent, meaning=Meaning.TOLD_SHOP) if is_told else intent
    if intent.meaning in (Meaning.SAID_STOP, Meaning.ASKED_PERSON):
        return intent
    if says_later(intent.text):
        return replace(intent, meaning=Meaning.SAID_LATER, choice=None)
    return _read_score(prompt, intent) if prompt.asks_scores else _read_option(prompt, intent)


def _read_score(prompt: Prompt, intent: Intent) -> Intent:
    score = read_score(intent.text)
    if score is None:
        return intent
    if not 1 <= score <= BEST:
        return replace(intent, meaning=Meaning.OUT_OF_RANGE, choice=None)
    return replace(intent, meaning=Meaning.CHOSE, choice=score_choice(prompt, prompt.reached, score))


def _read_option(prompt: Prompt, intent: Intent) -> Intent:
    if intent.meaning is not Meaning.ASKED or is_question(intent.text):
        return intent
    index = read_option(intent.text, prompt.options)
    if index is None:
        return intent
    return replace(intent, meaning=Meaning.CHOSE, choice=option_choices(prompt)[index])


def place_answer(memory: Memory, intent: Intent) -> Intent:
    """What was told in answer, neither a question nor anything that an article answers, is the answer."""
    is_open = memory.asked is not None and isinstance(memory.dialogue, Prompted)
    if not is_open or intent.meaning is not Meaning.ASKED or is_question(intent.text):
        return intent
    has_answer = intent.result is not None and intent.result.answer is not None
    return intent if has_answer else replace(intent, meaning=Meaning.TOLD_SHOP)


def note_answer(step: Step, moment: Moment) -> Step:
    """`step`, which also notes what the follow-up was answered where that took its usual way."""
    memory, intent, prompt = moment.memory, moment.intent, moment.memory.asked
    is_noted = any(isinstance(effect, AnswerPrompt) for effect in step.effects)
    if prompt is None or is_noted or not prompt.is_open(moment.facts.now):
        return step
    if intent.choice is not None and intent.choice.token == _ACCEPTS and intent.choice.value == str(prompt.offer):
        return replace(step, effects=(*step.effects, _answer(prompt, AnswerKind.GIFT, "yes")))
    kind = _NOTED.get(intent.meaning)
    if kind is None or not isinstance(memory.dialogue, Prompted):
        return step
    return replace(step, effects=(*step.effects, _answer(prompt, kind, words=intent.words)))


def _answer(prompt: Prompt, kind: AnswerKind, value: str | None = None, words: str | None = None) -> AnswerPrompt:
    return AnswerPrompt(prompt.follow_up, prompt.programme, kind, prompt.reached, value, words)


# Choosing one of the buttons.


def _asked(moment: Moment) -> tuple[Prompt, list[int]] | None:
    """What is asked, and the numbers of the chosen button; None when it is of an older follow-up, or forged."""
    prompt = moment.memory.asked
    value = moment.intent.choice.value if moment.intent.choice else ""
    follow_up, *numbers = value.split(".")
    if prompt is None or follow_up != str(prompt.follow_up) or not prompt.is_open(moment.facts.now):
        return None
    return (prompt, [int(number) for number in numbers]) if all(n.isdecimal() for n in numbers) else None


def _expired(moment: Moment) -> Step:
    return moment.reply(Say("choice.expired"))


def _chose_option(moment: Moment) -> Step:
    found = _asked(moment)
    if found is None or len(found[1]) != 1 or found[1][0] >= len(found[0].options):
        return _expired(moment)
    prompt, option = found[0], found[0].options[found[1][0]]
    answer = _answer(prompt, AnswerKind.OPTION, option.id, _own_words(moment, option))
    if prompt.offer is not None and option.means == "no":
        return _said(moment, option, "follow_up.no_gift", answer, DeclineGift(prompt.offer))
    return _FOLLOWS[option.then](moment, prompt, option, answer)


def _own_words(moment: Moment, option: PromptOption) -> str | None:
    """What was written in place of the label, a number, or a plain yes or no."""
    text = moment.intent.text.strip()
    is_short = read_number(text) is not None or not find_phrases(text).isdisjoint(_PLAIN)
    return None if not text or is_short or names(text, option) else text


def _said(moment: Moment, option: PromptOption, key: str, *effects: Effect, then: Dialogue | None = None) -> Step:
    says = Say("follow_up.words", {"words": option.say.pick(moment.facts.language)}) if option.say else Say(key)
    return moment.reply(says, effects=effects, dialogue=then or Idle(), misses=0)


def _thank(moment: Moment, _prompt: Prompt, option: PromptOption, answer: AnswerPrompt) -> Step:
    return _said(moment, option, "follow_up.thanks", answer)


def _end(moment: Moment, _prompt: Prompt, option: PromptOption, answer: AnswerPrompt) -> Step:
    return _said(moment, option, "follow_up.end", answer)


def _ask_more(moment: Moment, _prompt: Prompt, option: PromptOption, answer: AnswerPrompt) -> Step:
    if answer.words:
        return _said(moment, option.model_copy(update={"say": None}), "follow_up.kept", answer)
    return _said(moment, option, "follow_up.ask_more", answer, then=Prompted(asks="more"))


def _ask_what_is_wrong(moment: Moment, prompt: Prompt, option: PromptOption, answer: AnswerPrompt) -> Step:
    """A case that was thought to be solved comes back at once; anything else is asked for first."""
    if answer.words:
        return _open_case(moment, prompt, answer)
    case = moment.facts.cases.find(prompt.ticket) if prompt.ticket else None
    if case is None or case.status.is_live:
        return _said(moment, option, "follow_up.what_went_wrong", answer, then=Prompted(asks="why"))
    facts = moment.facts
    comes_back = ReopenCase(case.number, "…", facts.language, facts.cases.zone)
    effects = (comes_back, *call(moment, PersonReason.TROUBLE), answer)
    open_case = AddingToCase(number=case.number)
    return moment.reply(Say("case.reopened"), effects=effects, dialogue=open_case, wait_told_at=facts.now)


def _call_person(moment: Moment, _prompt: Prompt, option: PromptOption, answer: AnswerPrompt) -> Step:
    facts, words = moment.facts, answer.words or option.label.pick(moment.facts.language)
    key = "follow_up.person" if facts.staffed else "person.nobody"
    calls = (AskForPerson(PersonReason.ASKED, facts.language, words, facts.staffed),)
    effects = (answer, *(() if facts.owner is Owner.WAITING else calls))
    if facts.owner is Owner.WAITING:
        return moment.reply(Say("follow_up.kept"), effects=effects, dialogue=Idle())
    say = with_hours(Say(key), facts)
    return moment.reply(say, effects=effects, dialogue=Idle(), misses=0, wait_told_at=facts.now)


def _give(moment: Moment, prompt: Prompt, option: PromptOption, answer: AnswerPrompt) -> Step:
    return replace(_said(moment, option, "follow_up.thanks", answer), may_give=prompt.gift)


def _later(moment: Moment, _prompt: Prompt, option: PromptOption, answer: AnswerPrompt) -> Step:
    return _said(moment, option, "follow_up.later", replace(answer, kind=AnswerKind.LATER))


_FOLLOWS = {
    Then.THANK: _thank,
    Then.END: _end,
    Then.ASK: _ask_more,
    Then.CASE: _ask_what_is_wrong,
    Then.PERSON: _call_person,
    Then.GIFT: _give,
    Then.LATER: _later,
}


def _said_later(moment: Moment) -> Step:
    prompt = moment.memory.asked
    if prompt is None or prompt.expects is None:  # a greeting is not repeated
        return moment.reply(Say("small_talk.ok"), dialogue=Idle())
    return moment.reply(Say("follow_up.later"), effects=(_answer(prompt, AnswerKind.LATER),), dialogue=Idle())


# Scores.


def _chose_score(moment: Moment) -> Step:
    found = _asked(moment)
    if found is None or len(found[1]) != 2 or found[1][0] >= found[0].count or not 0 <= found[1][1] <= BEST:
        return _expired(moment)
    prompt, (question, score) = found
    answer = AnswerPrompt(prompt.follow_up, prompt.programme, AnswerKind.SCORE, question, str(score or "skipped"))
    if question < prompt.reached:
        return moment.reply(Say("follow_up.changed"), effects=(answer,))
    worst = min((one for one in (prompt.worst, score or None) if one is not None), default=None)
    prompt = prompt.model_copy(update={"reached": question + 1, "worst": worst})
    if prompt.reached < prompt.count:
        return moment.reply(question_say(prompt, moment), effects=(answer,), dialogue=Prompted(), asked=prompt)
    return _all_scored(moment, prompt, answer)


def question_say(prompt: Prompt, moment: Moment) -> Say:
    """The next of several questions, with its buttons."""
    words = prompt.questions[prompt.reached].pick(moment.facts.language)
    slots = {"number": str(prompt.reached + 1), "count": str(prompt.count), "words": words}
    return Say("follow_up.question", slots, score_choices(prompt))


def _all_scored(moment: Moment, prompt: Prompt, answer: AnswerPrompt) -> Step:
    """As after a case: a bad score asks what went wrong, a middling one what was missing."""
    worst = prompt.worst
    why = Prompted(asks="why" if worst is not None and worst <= BAD else "more", score=worst)
    if worst is None or worst == BEST:
        return moment.reply(Say("follow_up.thanks"), effects=(answer,), dialogue=Idle(), asked=prompt)
    key = "follow_up.what_went_wrong" if why.asks == "why" else "score.what_was_missing"
    return moment.reply(Say(key), effects=(answer,), dialogue=why, asked=prompt)


def _out_of_range(moment: Moment) -> Step:
    prompt = moment.memory.asked
    if prompt is None or not prompt.asks_scores:
        return moment.reply(Say("choice.out_of_range", {"count": str(len(moment.memory.menu.choices))}))
    return moment.reply(Say("follow_up.one_to_five"))


def _leave_off(moment: Moment) -> Step:
    """Enough of the questions, or nothing more to say; what was answered stays."""
    dialogue, prompt = moment.memory.dialogue, moment.memory.asked
    asks = dialogue.asks if isinstance(dialogue, Prompted) else None
    if prompt is not None and asks == "why" and isinstance(dialogue, Prompted) and dialogue.score is not None:
        return _open_wordless(moment, prompt, dialogue.score)
    if prompt is None or asks != "answer":  # what was chosen before stays the answer
        return moment.reply(Say("small_talk.ok"), dialogue=Idle())
    answer = _answer(prompt, AnswerKind.OPTION, "no")
    return moment.reply(Say("small_talk.ok"), effects=(answer,), dialogue=Idle())


# Own words.


def _told(moment: Moment) -> Step:
    dialogue, prompt = moment.memory.dialogue, moment.memory.asked
    if prompt is None or not isinstance(dialogue, Prompted):
        return moment.reply(Say("follow_up.kept"), dialogue=Idle())
    answer = _answer(prompt, AnswerKind.WORDS, words=moment.intent.words)
    if dialogue.asks == "why":
        return _open_case(moment, prompt, answer)
    return moment.reply(Say("follow_up.kept"), effects=(answer,), dialogue=Idle(), misses=0)


def _open_case(moment: Moment, prompt: Prompt, answer: AnswerPrompt) -> Step:
    """What went wrong becomes a case about the order that the follow-up was about; a bad score makes it urgent."""
    dialogue = moment.memory.dialogue
    score = dialogue.score if isinstance(dialogue, Prompted) else None
    step = complained(moment, prompt.order)
    return replace(step, effects=(*step.effects, replace(answer, score=score)))


def _open_wordless(moment: Moment, prompt: Prompt, score: int) -> Step:
    """A bad score without a word: nothing more is asked."""
    facts = moment.facts
    known = facts.cases.find_live(TicketKind.COMPLAINT)
    joins = known.number if known else None
    order = None if known else prompt.order
    opens = OpenCase(f"{score}/{BEST}", TicketKind.COMPLAINT, facts.language, facts.cases.zone, joins, order)
    noted = replace(_answer(prompt, AnswerKind.OPTION, "no"), score=score)
    effects = (opens, *call(moment, PersonReason.TROUBLE), noted)
    return moment.reply(Say("follow_up.to_a_supervisor"), effects=effects, dialogue=Idle(), wait_told_at=facts.now)


def _complained(moment: Moment) -> Step:
    prompt = moment.memory.asked
    return complained(moment, prompt.order if prompt else None)


def answer_while_taken(moment: Moment) -> tuple[Effect, ...]:
    """A button pressed while a person has the conversation: noted, and nothing is said."""
    choice = moment.intent.choice
    if choice is None or choice.token not in CHOICES or moment.intent.text:
        return ()
    return tuple(effect for effect in CHOICES[choice.token](moment).effects if isinstance(effect, AnswerPrompt))


ROWS: Rows = {
    (Meaning.TOLD_SHOP, None): _told,
    (Meaning.SAID_LATER, None): _said_later,
    (Meaning.OUT_OF_RANGE, "prompted"): _out_of_range,
    (Meaning.SAID_NO, "prompted"): _leave_off,
    (Meaning.CANCELLED, "prompted"): _leave_off,
    (Meaning.COMPLAINED, "prompted"): _complained,
}
CHOICES: ChoiceRows = {"asked": _chose_option, "asked_score": _chose_score}
NEEDS_CASES = frozenset({Meaning.TOLD_SHOP, Meaning.SAID_NO, Meaning.CANCELLED, *CHOICES})
