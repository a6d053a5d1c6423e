"""When words are a complaint, and when they ask."""

import pytest

from conversations.complaints import hear
from tests.unit.tickets.shipped import RULES
from tickets.values import TicketKind

COMPLAINT = TicketKind.COMPLAINT


@pytest.mark.parametrize(
    ("words", "has_proof", "kind"),
    [
        ("罐子破了", False, COMPLAINT),  # damage, as a statement
        ("我收到的茶岁了，罐子也坡了", False, COMPLAINT),  # as people mistype it
        ("收到的东西破损了怎么办？", False, COMPLAINT),  # a question, from somebody who has it
        ("my tea arrived broken, second time!", False, COMPLAINT),
        ("tin 碎了 please help", False, COMPLAINT),  # both languages at once
        ("碎茶是什么等级", True, None),  # a grade of tea, whatever was bought
        ("is broken leaf tea worse?", True, None),
        ("如果寄来的罐子碎了怎么办？", True, None),  # it may happen
        ("what if my order arrives damaged?", True, None),
        ("茶具碎了能不能再买一个", False, None),  # asks, and says of nothing that it came from here
        ("茶具碎了能不能再买一个", True, COMPLAINT),  # ... but there is a photo, or an order of last week
        ("我花粉过敏，能喝菊花茶吗", False, None),  # a word of harm, and no harm done
        ("喝了以后拉肚子", False, COMPLAINT),
        ("你们太过分了，骗子", False, COMPLAINT),  # anger alone
        ("is this shop a scam?", False, None),
        ("I want to complain about the courier", False, COMPLAINT),
        ("what is your refund policy", True, None),  # a category's word in a question
        ("提个建议，罐子可以小一点", False, TicketKind.SUGGESTION),
        ("well done, love your tea", False, TicketKind.PRAISE),
        ("发什么快递", False, None),
    ],
)
def test_what_words_are(words: str, has_proof: bool, kind: TicketKind | None) -> None:
    assert hear(words, RULES, has_proof=has_proof) is kind
