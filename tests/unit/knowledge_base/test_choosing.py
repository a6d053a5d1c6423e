"""Which of a text's readings and sentences is believed."""

import numpy as np
import pytest

from knowledge_base.choosing import Belief, choose

SURE = 0.7


def belief(**articles: float) -> Belief:
    """Of articles a, b, c ... with their probabilities, the best first."""
    places = np.array([ord(name) - ord("a") for name in articles], np.intp)
    return Belief(places, np.array(list(articles.values()), np.float32))


Case = tuple[str, Belief, list[Belief], str, float]
CASES: list[Case] = [
    # Understood as a whole: no sentence counts
    ("the whole is understood", belief(a=0.8, b=0.3), [belief(b=0.9), belief(c=0.2)], "a", 0.8),
    # One sentence is understood, and the whole thinks of it too
    ("a question inside a long message", belief(a=0.4, b=0.3), [belief(c=0.1), belief(a=0.9)], "a", 0.9),
    ("the whole thought of something else first", belief(b=0.4, a=0.3), [belief(b=0.1), belief(a=0.9)], "a", 0.9),
    # What the others say of the matter is lacking in the sentence
    ("the sentence means what the whole rules out", belief(b=0.6), [belief(b=0.5), belief(a=0.75, b=0.3)], "b", 0.6),
    # Two questions, and the whole lies between them
    ("two questions", belief(c=0.75, a=0.5, b=0.4), [belief(a=0.9), belief(b=0.8)], "a", 0.9),
    # No sentence is understood, but one is surer than the whole: its choices are offered
    ("a sentence gives a hint", belief(b=0.1), [belief(c=0.1), belief(a=0.5)], "a", 0.5),
    # No sentence is surer
    ("the whole gives a hint", belief(a=0.4), [belief(b=0.3), belief(c=0.2)], "a", 0.4),
    # Two sentences say the same, one of them clearly
    ("said twice", belief(b=0.2), [belief(a=0.75), belief(a=0.9)], "a", 0.9),
]


@pytest.mark.parametrize(
    ("whole", "sentences", "best", "confidence"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_believed(whole: Belief, sentences: list[Belief], best: str, confidence: float) -> None:
    main = choose(whole, (), [(sentence,) for sentence in sentences], SURE).main
    assert (main.best, round(main.confidence, 3)) == (ord(best) - ord("a"), confidence)


def test_the_other_question_is_answered_too() -> None:
    choice = choose(belief(a=0.9), (), [(belief(a=0.9),), (belief(b=0.9),)], SURE)
    assert (choice.main.best, [further.best for further in choice.further]) == (0, [1])


def test_of_many_questions_three_are_answered() -> None:
    asked = [(belief(**{name: 0.9}),) for name in "abcde"]
    choice = choose(belief(a=0.9), (), asked, SURE)
    assert (choice.main.best, [further.best for further in choice.further]) == (0, [1, 2])
