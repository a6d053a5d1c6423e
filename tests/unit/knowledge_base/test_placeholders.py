"""An answer may name facts of the shop, and they are always the present ones."""

import pytest

from core.errors import InvalidInput
from core.shop_facts import Localised, ShopFacts
from knowledge_base.content import checked
from knowledge_base.placeholders import empty_names, fill

FACTS = ShopFacts(
    name=Localised(zh="西湖春", en="West Lake Spring"),
    address=Localised(zh="满觉陇路999号"),
    hours_text=Localised(zh="9:00–18:00", en="9 am to 6 pm"),
)


@pytest.mark.parametrize(
    ("language", "answer", "read"),
    [
        ("zh", "{shop}在{address}，营业时间{hours}。", "西湖春在满觉陇路999号，营业时间9:00–18:00。"),
        ("en", "{shop}, {hours}", "West Lake Spring, 9 am to 6 pm"),
        # a fact in one language alone stands in both
        ("en", "{address}", "满觉陇路999号"),
        # the operator is the shop where nothing else is said
        ("zh", "{operator}", "西湖春"),
        # braces that name nothing are what they look like
        ("en", 'send {"id": 1} or {} or {1}', 'send {"id": 1} or {} or {1}'),
        # what stands in a fact is not filled again
        ("zh", "a {privacy_url} b", "a  b"),
    ],
)
def test_facts_stand_in_answers(language: str, answer: str, read: str) -> None:
    assert fill(answer, FACTS, language) == read


def test_a_fact_with_braces_in_it_is_not_filled_twice() -> None:
    assert fill("{address}", ShopFacts(address=Localised(zh="{hours}")), "zh") == "{hours}"


def test_the_facts_that_are_missing_are_named() -> None:
    assert empty_names("{hours} {privacy_url} {privacy_url}", FACTS, "zh") == ["privacy_url"]


@pytest.mark.parametrize("name", ["houres", "营业时间", "shop_name"])
def test_an_unknown_placeholder_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"{{{name}}} is no fact of the shop; known: {{address}}, {{hours}}"):
        checked({"question": "Q", "answer": f"We open {{{name}}}"})
