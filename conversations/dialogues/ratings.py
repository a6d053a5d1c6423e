"""After the answer: is it solved, how was it on a scale of 1 to 5, and what was wrong or missing."""

from dataclasses import replace

from conversations.case_facts import Case, CaseFacts
from conversations.dialogues.people import call
from conversations.dialogues.prompt_choices import SCORE_KEYS
from conversations.intents import Intent, Meaning
from conversations.memory import AddingToCase, Choice, Idle, Memory, Rating
from conversations.steps import (
    ChoiceRows,
    GiveScore,
    Moment,
    PersonReason,
    ReopenCase,
    Rows,
    Say,
    SayWhy,
    Step,
)
from tickets.scores import BAD, Ask, ask_after


def ask_if_solved(case: Case, key: str = "case.is_it_solved") -> tuple[Say, Rating]:
    """The question, and what is open then. `key`: asked in other words."""
    value = str(case.number)
    choices = (
        Choice(token="solved", text_key="button.helped", value=value, means="yes"),
        Choice(token="not_solved", text_key="button.not_helped", value=value, means="no"),
    )
    slots = {"number": value, "fact": case.subject}
    return Say(key, slots, choices), Rating(number=case.number, asks="solved")


def place_rating(memory: Memory, intent: Intent, cases: CaseFacts) -> Intent:
    """In answer to the score a digit is a score, and anything else what was wrong or missing."""
    dialogue = memory.dialogue
    if not isinstance(dialogue, Rating) or cases.rules is None:
        return intent
    said = intent.text.strip()
    if dialogue.asks != "solved" and said in set("12345"):
        return replace(intent, meaning=Meaning.CHOSE, choice=_score_choice(dialogue.number, int(said)))
    tells = dialogue.asks == "why" and intent.meaning is Meaning.ASKED
    return replace(intent, meaning=Meaning.TOLD_MORE) if tells else intent


def _score_choice(number: int, score: int) -> Choice:
    return Choice(token="score", text_key=SCORE_KEYS[score - 1], value=f"{number} {score}")


def _chosen(moment: Moment) -> tuple[Case | None, str]:
    value = moment.intent.choice.value if moment.intent.choice else ""
    number, _, rest = value.partition(" ")
    return (moment.facts.cases.find(int(number)) if number.isdecimal() else None), rest


def _expired(moment: Moment) -> Step:
    return moment.reply(Say("choice.expired"), dialogue=Idle())


def _solved(moment: Moment) -> Step:
    case, _ = _chosen(moment)
    if case is None or not case.may_be_rated(moment.facts.now):
        return _expired(moment)
    choices = tuple(_score_choice(case.number, score) for score in range(1, 6))
    return moment.reply(Say("score.ask", choices=choices), dialogue=Rating(number=case.number, asks="score"))


def _not_solved(moment: Moment) -> Step:
    """It comes back at once; what is still wrong can follow."""
    case, _ = _chosen(moment)
    if case is None or case.status.is_live:
        return _expired(moment)
    comes_back = ReopenCase(case.number, "…", moment.facts.language, moment.facts.cases.zone)
    effects = (comes_back, *call(moment, PersonReason.TROUBLE))
    return moment.reply(
        Say("case.reopened"), effects=effects, dialogue=AddingToCase(number=case.number), wait_told_at=moment.facts.now
    )


def _scored(moment: Moment) -> Step:
    case, score = _chosen(moment)
    if case is None or not case.may_be_rated(moment.facts.now):
        return _expired(moment)
    effects = (GiveScore(case.number, int(score)),)
    why = Rating(number=case.number, asks="why", score=int(score))
    match ask_after(int(score)):
        case Ask.NOTHING:
            again = Rating(number=case.number, asks="score", score=int(score))
            return moment.reply(Say("score.thanks"), effects=effects, dialogue=again)
        case Ask.WHAT_WAS_MISSING:
            return moment.reply(Say("score.what_was_missing"), effects=effects, dialogue=why)
        case Ask.WHAT_WENT_WRONG:
            return moment.reply(Say("score.what_went_wrong"), effects=effects, dialogue=why)


def _said_why(moment: Moment) -> Step:
    return _end(moment, moment.intent.words)


def _skipped(moment: Moment) -> Step:
    return _end(moment, None)


def _end(moment: Moment, words: str | None) -> Step:
    dialogue = moment.memory.dialogue
    if not isinstance(dialogue, Rating) or dialogue.asks != "why" or dialogue.score is None:
        return moment.reply(Say("small_talk.ok"), dialogue=Idle())
    is_bad = dialogue.score <= BAD
    effects = (SayWhy(dialogue.number, words), *(call(moment, PersonReason.TROUBLE) if is_bad else ()))
    key = "score.back_to_a_supervisor" if is_bad else "score.kept"
    told_at = moment.facts.now if is_bad else moment.memory.wait_told_at
    return moment.reply(Say(key), effects=effects, dialogue=Idle(), wait_told_at=told_at)


ROWS: Rows = {
    (Meaning.TOLD_MORE, "rating"): _said_why,
    (Meaning.ATTACHED, "rating"): _said_why,
    (Meaning.SAID_NO, "rating"): _skipped,
    (Meaning.CANCELLED, "rating"): _skipped,
}
CHOICES: ChoiceRows = {
    "solved": _solved,
    "not_solved": _not_solved,
    "score": _scored,
}
NEEDS_CASES = frozenset({Meaning.OUT_OF_RANGE, *CHOICES})
