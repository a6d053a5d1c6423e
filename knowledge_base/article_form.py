"""A row of somebody's FAQ sheet -> the articles that it holds, one a language. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import InvalidInput
from core.table_values import read_flag, read_instant, split_list
from core.tables import Column, TableForm, TableRow
from knowledge_base.content import LANGUAGES, checked_key
from knowledge_base.text import fold, has_han, language_of
from knowledge_base.values import ArticleStatus, Audience

#: Each column with the other headers that mean it; the first is the one in the Chinese template.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "key": ("编号", "id", "article", "article key", "article id", "code", "序号编码"),
    "language": ("语言", "lang", "语种", "locale"),
    "question": ("问题", "标题", "title", "q", "faq", "问", "标准问题", "标准问", "问题标题", "常见问题", "提问"),
    "phrasings": (
        "相似问法", "相似问题", "相似问", "其他问法", "扩展问", "扩展问法", "同义问法", "问法", "phrasing", "variants",
        "similar questions", "alternative questions", "other questions", "utterances", "also asked as",
    ),
    "answer": ("答案", "回答", "回复", "答", "答复", "标准答案", "回复内容", "a", "reply", "response", "answer text"),
    "category": ("分类", "类别", "类目", "类型", "栏目", "topic", "group", "section"),
    "tags": ("标签", "关键词", "关键字", "tag", "keywords", "labels"),
    "status": ("状态", "发布状态", "state"),
    "valid_from": ("生效日期", "生效时间", "开始日期", "有效期从", "valid since", "start date", "from"),
    "valid_until": ("失效日期", "失效时间", "结束日期", "截止日期", "有效期至", "valid to", "end date", "until"),
    "audience": ("对象", "受众", "适用对象", "适用人群", "for"),
    "complaint_topic": ("投诉主题", "投诉", "是否投诉", "complaint"),
    "related": ("相关", "相关问题", "相关文章", "相关编号", "see also", "related articles"),
    "file": ("附件", "文件", "attachment"),
}  # fmt: skip
#: Columns that may stand once for each language.
_IN_TWO_LANGUAGES = ("question", "phrasings", "answer", "category", "tags")
_MARKS = {
    "zh": ("zh", "cn", "chinese", "中文", "汉语", "中", "简体中文"),
    "en": ("en", "english", "英文", "英语", "英", "英文版"),
}
_LANGUAGE_WORDS = {
    "zh": ("zh", "cn", "chinese", "中文", "汉语", "中", "普通话", "简体中文", "繁体中文", "mandarin"),
    "en": ("en", "english", "英文", "英语", "英", "eng"),
}
_STATUS_WORDS = {
    ArticleStatus.DRAFT: ("draft", "草稿", "未发布"),
    ArticleStatus.REVIEW: ("review", "待审", "待审核", "审核", "审核中"),
    ArticleStatus.PUBLISHED: (
        "",
        "published",
        "publish",
        "live",
        "发布",
        "已发布",
        "上线",
        "已上线",
        "启用",
        "yes",
        "是",
    ),
    ArticleStatus.ARCHIVED: ("archived", "archive", "归档", "已归档", "下线", "已下线", "停用"),
}
_AUDIENCE_WORDS = {
    Audience.CUSTOMER: ("", "customer", "customers", "everybody", "all", "客户", "顾客", "所有人", "全部"),
    Audience.AGENT: ("agent", "agents", "staff", "internal", "客服", "员工", "内部"),
}
_SLUG_LENGTH = 48
#: How much of an answer tells its language.
_LOOKED_AT = 200


def _columns() -> Iterator[Column]:
    for name, aliases in HEADERS.items():
        yield Column(name, aliases)
    for name in _IN_TWO_LANGUAGES:
        for language, marks in _MARKS.items():
            words = (name, *HEADERS[name])
            yield Column(
                f"{name}_{language}", tuple(f"{a}{b}" for w in words for m in marks for a, b in ((w, m), (m, w)))
            )


def _either(name: str) -> tuple[str, ...]:
    return (name, *(f"{name}_{language}" for language in LANGUAGES))


FORM = TableForm(tuple(_columns()), required=(_either("question"), _either("answer")))


class BadCell(ValueError):
    """What is wrong with a row; `column` None: with the row as a whole."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in one language as a row gives it. `fields` holds only what the file has columns for.

    `columns` tells under which header each field stood. `key` empty: to be found or made from the question.
    """

    row: TableRow
    key: str
    language: str
    status: ArticleStatus
    fields: Mapping[str, Any]
    columns: Mapping[str, str]

    @property
    def question(self) -> str:
        return str(self.fields["question"])


def read_row(row: TableRow, zone: ZoneInfo) -> list[ArticleRow]:
    """The articles of a row, the one in its own language first. `zone` is where its days begin.

    Raises:
        BadCell
    """
    if row.faults:
        raise BadCell(*row.faults[0])
    texts = {column: cell for column, cell in row.cells.items() if not _is_blank(cell) or column not in _TWINS}
    parts = [part for part in _parts(texts) if _has_words(texts, part)]
    if not parts:
        raise BadCell("question", "is missing")
    return [_article(row, texts, language, part, zone) for language, part in parts]


_Part = tuple[str, Mapping[str, str]]
_TWINS = frozenset(f"{name}_{language}" for name in _IN_TWO_LANGUAGES for language in LANGUAGES)


def _parts(texts: Mapping[str, Any]) -> Iterator[_Part]:
    """Each language of a row, with the column that every field stands in."""
    shared = {name: name for name in HEADERS if name in texts}
    marked = [language for language in LANGUAGES if any(f"{n}_{language}" in texts for n in ("question", "answer"))]
    if not _is_blank(texts.get("question", "")) or not marked:
        language = _own_language(texts)
        if language in marked:
            raise BadCell(f"question_{language}", f"the row has its {language} question twice")
        yield language, shared
    for language in marked:
        own = {name: f"{name}_{language}" for name in _IN_TWO_LANGUAGES if f"{name}_{language}" in texts}
        yield language, {n: c for n, c in shared.items() if n not in ("question", "answer", "phrasings")} | own


def _own_language(texts: Mapping[str, Any]) -> str:
    said = _text(texts, "language").lower().split("-")[0].split("_")[0]
    if not said:
        question, answer = fold(_text(texts, "question")), _text(texts, "answer")[:_LOOKED_AT]
        return language_of(question if has_han(question) else fold(f"{question} {answer}"))
    return _word_of(_LANGUAGE_WORDS, said, "language", "zh or en")


def _has_words(texts: Mapping[str, Any], part: _Part) -> bool:
    return any(not _is_blank(texts.get(part[1].get(name, ""), "")) for name in ("question", "answer"))


def _article(
    row: TableRow, texts: Mapping[str, Any], language: str, part: Mapping[str, str], zone: ZoneInfo
) -> ArticleRow:
    fields = {}
    for name, column in part.items():
        if name in _READERS:
            try:
                fields[name] = _READERS[name](texts[column], zone)
            except BadCell:
                raise
            except ValueError as error:
                raise BadCell(column, str(error)) from None
    for name in ("question", "answer"):
        if not fields.get(name):
            raise BadCell(part.get(name, name), "is missing")
    status = ArticleStatus(
        _word_of(_STATUS_WORDS, _text(texts, "status").lower(), "status", "draft, review, published or archived")
    )
    return ArticleRow(row, _key(texts), language, status, fields, part)


def _key(texts: Mapping[str, Any]) -> str:
    key = _text(texts, "key")
    try:
        return checked_key(key) if key else ""
    except InvalidInput as error:
        raise BadCell("key", error.detail.removeprefix("key ")) from None


def _is_blank(cell: object) -> bool:
    return not (cell.strip() if isinstance(cell, str) else cell)


def _text(texts: Mapping[str, Any], column: str) -> str:
    return _one_text(texts.get(column, ""), None)


def _one_text(cell: Any, _zone: ZoneInfo | None) -> str:
    return cell.strip() if isinstance(cell, str) else "|".join(cell)


def _list(cell: Any, _zone: ZoneInfo) -> tuple[str, ...]:
    return split_list(cell) if isinstance(cell, str) else tuple(item.strip() for item in cell)


def _audience(cell: Any, _zone: ZoneInfo) -> Audience:
    return Audience(_word_of(_AUDIENCE_WORDS, _one_text(cell, None).lower(), "audience", "customer or agent"))


_READERS: Mapping[str, Callable[[Any, ZoneInfo], Any]] = {
    "question": _one_text,
    "answer": _one_text,
    "category": _one_text,
    "phrasings": _list,
    "tags": _list,
    "related": _list,
    "file": lambda cell, _: _one_text(cell, None) or None,
    "valid_from": lambda cell, zone: read_instant(_one_text(cell, None), zone),
    "valid_until": lambda cell, zone: read_instant(_one_text(cell, None), zone, end_of_day=True),
    "audience": _audience,
    "complaint_topic": lambda cell, _: read_flag(_one_text(cell, None)),
}


def _word_of(words: Mapping[Any, tuple[str, ...]], said: str, column: str, choices: str) -> str:
    for value, known in words.items():
        if said in known:
            return str(value)
    raise BadCell(column, f"{said!r} is not known: write {choices}")


def folded_question(question: str) -> str:
    """A question without case, width, script and punctuation: what makes two of them the same article."""
    return re.sub(r"[^\w]+", " ", fold(question)).strip()


def key_of(question: str) -> str:
    """The key of an article that was given none: readable, and the same every time."""
    folded = folded_question(question).replace(" ", "-")
    if 0 < len(folded) <= _SLUG_LENGTH:
        return folded
    return f"{folded[:_SLUG_LENGTH]}-{sha256(folded.encode()).hexdigest()[:8]}".lstrip("-")
