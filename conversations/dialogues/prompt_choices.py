"""The buttons of what a follow-up asks. Pure."""

from conversations.memory import Choice
from conversations.prompts import Prompt
from tickets.scores import BEST

SCORE_KEYS = ("score.one", "score.two", "score.three", "score.four", "score.five")


def option_choices(prompt: Prompt, language: str = "zh") -> tuple[Choice, ...]:
    return tuple(
        Choice(
            token="asked", value=f"{prompt.follow_up}.{index}", words=option.label.pick(language), means=option.means
        )
        for index, option in enumerate(prompt.options)
    )


def score_choice(prompt: Prompt, question: int, score: int) -> Choice:
    value = f"{prompt.follow_up}.{question}.{score}"
    return Choice(token="asked_score", text_key=SCORE_KEYS[score - 1], value=value)


def score_choices(prompt: Prompt) -> tuple[Choice, ...]:
    """1 to 5, for the question that is open; one of several can be left out."""
    scores = tuple(score_choice(prompt, prompt.reached, score) for score in range(1, BEST + 1))
    value = f"{prompt.follow_up}.{prompt.reached}.0"
    skip = (Choice(token="asked_score", text_key="button.skip", value=value),)
    return (*scores, *skip) if prompt.count > 1 else scores


def choices_of(prompt: Prompt, language: str) -> tuple[Choice, ...]:
    """Below the follow-up itself."""
    gift = (Choice(token="offer_accept", text_key="button.offer_accept", value=str(prompt.offer), means="yes"),)
    offered = gift if prompt.offer is not None else ()
    return score_choices(prompt) if prompt.asks_scores else (*offered, *option_choices(prompt, language))
