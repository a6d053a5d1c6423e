"""What is worth knowing about an article when it is saved: it can be saved all the same. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.shop_facts import ShopFacts
from knowledge_base.alike import Alike
from knowledge_base.content import TO_WRITE, ArticleContent
from knowledge_base.leave_one_out import Stray
from knowledge_base.placeholders import empty_names


@dataclass(frozen=True, slots=True)
class Notice:
    """`code` is stable; `article`: the other one that it is about."""

    code: str
    article: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Around:
    """What an article is seen beside. `known`: the keys that there are among its related ones.

    `strays`: where no labelled question tells, its wordings by which another article would be found.
    """

    alike: Sequence[Alike]
    known: Collection[str]
    facts: ShopFacts
    now: datetime
    strays: Sequence[Stray] = ()


_MOST_STRAYS = 10
_TEXTS = {
    "near_duplicate": {
        "zh": "“{question}”（{article}）问的是差不多的事，答案也差不多：合成一条更好找。",
        "en": "“{question}” ({article}) is asked alike and answers the same: one article would be found more surely.",
    },
    "contradiction": {
        "zh": "“{question}”（{article}）问的是差不多的事，答案却不一样：顾客可能会看到其中任何一个。",
        "en": "“{question}” ({article}) is asked alike and answers otherwise: customers may get either.",
    },
    "leads_elsewhere": {
        "zh": "顾客问“{wording}”，会先找到“{question}”（{article}）。",
        "en": "Customers who ask “{wording}” would find “{question}” ({article}) first.",
    },
    "empty_fact": {
        "zh": "店铺资料里还没有填 {{{name}}}，顾客会看到空白。",
        "en": "The shop has not set {{{name}}} yet: customers would read a gap.",
    },
    "unknown_related": {
        "zh": "相关条目 {article} 不存在，不会显示。",
        "en": "There is no article {article}: it is not shown as related.",
    },
    "not_valid_any_more": {
        "zh": "有效期已过，顾客看不到它。",
        "en": "Its time is over: customers do not get it.",
    },
    "answer_missing": {
        "zh": "答案还没有写，写好才能发布。",
        "en": "The answer is still to be written; until then it cannot be published.",
    },
}


def notices(content: ArticleContent, language: str, around: Around, reader: str) -> tuple[Notice, ...]:
    """In the reader's language, the weightiest first."""
    return tuple(
        Notice(code, article, _TEXTS[code][reader].format(article=article, **slots))
        for code, article, slots in _found(content, language, around)
    )


def _found(content: ArticleContent, language: str, around: Around) -> Iterator[tuple[str, str | None, dict[str, str]]]:
    if content.answer in TO_WRITE.values():
        yield "answer_missing", None, {}
    for alike in sorted(around.alike, key=lambda one: one.same_answer):
        code = "near_duplicate" if alike.same_answer else "contradiction"
        yield code, alike.article.key, {"question": alike.article.question}
    for stray in around.strays[:_MOST_STRAYS]:
        yield "leads_elsewhere", stray.other, {"wording": stray.wording, "question": stray.question}
    for name in empty_names(content.answer, around.facts, language):
        yield "empty_fact", None, {"name": name}
    for key in content.related:
        if key not in around.known:
            yield "unknown_related", key, {}
    if content.valid_until is not None and content.valid_until <= around.now:
        yield "not_valid_any_more", None, {}
