"""Templates of follow-ups: what is not known is left out, and nothing that a value holds is read as a template."""

import pytest

from conversations.follow_up_words import fill

#: Template, values, what is said.
CASES = [
    ("[{name}，]新年好。", {"name": "李阿姨"}, "李阿姨，新年好。"),
    ("[{name}，]新年好。", {"name": ""}, "新年好。"),
    ("[{name}，]新年好。", {}, "新年好。"),
    # A sentence that loses its beginning begins with a capital; a name is left as its owner writes it.
    ("[{name}, ]your tea is here.", {}, "Your tea is here."),
    ("[{name}, ]your tea is here.", {"name": "ann"}, "ann, your tea is here."),
    ("Happy birthday[, {name}].", {}, "Happy birthday."),
    # A part with two values needs both.
    ("Come[ ({a}, {b})].", {"a": "x"}, "Come."),
    ("Order {order}[ ({product})].", {"order": "A-1", "product": "tea"}, "Order A-1 (tea)."),
    # Braces and brackets in a value are words.
    ("For {name}.", {"name": "{shop} [x]"}, "For {shop} [x]."),
]


@pytest.mark.parametrize(("template", "slots", "said"), CASES)
def test_a_template_is_filled(template: str, slots: dict[str, str], said: str) -> None:
    assert fill(template, slots) == said
