"""The sheet that an owner starts from: the columns, with two examples. Pure."""

from collections.abc import Mapping

from core.table_files import Row
from knowledge_base.article_form import HEADERS

#: The columns that most people need; the others may be added.
_SHOWN = ("key", "language", "question", "phrasings", "answer", "category", "tags", "valid_from", "valid_until")


def template(language: str, in_words: bool) -> tuple[list[str], list[Row]]:
    """Headers and rows in `language`; `in_words`: for a spreadsheet, whose headers may be Chinese."""
    names = {name: HEADERS[name][0] if language == "zh" and in_words else name for name in _SHOWN}
    rows: list[Row] = [{names[column]: value for column, value in row.items()} for row in _EXAMPLES[language]]
    return list(names.values()), rows


_EXAMPLES: Mapping[str, tuple[Row, ...]] = {
    "zh": (
        {
            "language": "zh",
            "question": "你们几点开门？",
            "phrasings": ["营业时间", "周末开不开门", "最晚几点能到店"],
            "answer": "我们每天9:00到18:00营业，周末也开。（这是示例，请换成您自己的内容）",
            "category": "店铺",
        },
        {
            "language": "zh",
            "question": "怎么退货？",
            "phrasings": ["不想要了怎么退", "可以退货吗", "退货流程"],
            "answer": "签收后7天内没有拆封就可以退，直接告诉我们订单号。（这是示例，请换成您自己的内容）",
            "category": "售后",
        },
    ),
    "en": (
        {
            "language": "en",
            "question": "When are you open?",
            "phrasings": ["opening hours", "are you open on Sunday", "what time do you close"],
            "answer": "Every day from 9:00 to 18:00, weekends too. (An example: write your own.)",
            "category": "Shop",
        },
        {
            "language": "en",
            "question": "How do I return something?",
            "phrasings": ["I want to send it back", "can I return my order", "return policy"],
            "answer": "Within 7 days, unopened: just tell us the order number. (An example: write your own.)",
            "category": "Returns",
        },
    ),
}
