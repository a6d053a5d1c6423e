"""Rules are refused in words, published in order, and cite themselves by version."""

from datetime import UTC, datetime

import pytest

from core.database import Database
from core.errors import Conflict, InvalidInput, NotFound
from core.rule_texts import Because, RuleKind, RuleText
from core.rulebook import Rulebook, diff_texts, list_versions

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Rule(RuleText):
    id: str
    at_least: int
    because: Because


class Rules(RuleText):
    rule: list[Rule]


SHIPPED = '[[rule]]\nid = "big"\nat_least = 100\nbecause = { zh = "金额 {amount}", en = "worth {amount}" }\n'
KIND = RuleKind(
    "sums", Rules, SHIPPED, lambda rules: [("rule[1].at_least", "below 1")] if rules.rule[0].at_least < 1 else []
)


@pytest.mark.db
async def test_the_shipped_text_holds_until_somebody_publishes(database: Database) -> None:
    book = Rulebook([KIND])
    async with database.read() as session:
        assert (await book.current(session, KIND)).name_of("big") == "sums@0/big"
    async with database.write() as session:
        await book.publish(session, KIND, SHIPPED.replace("100", "50"), base=0, author="li", note="sale", now=NOW)
    async with database.read() as session:
        current = await book.current(session, KIND)
        assert (current.number, current.rules.rule[0].at_least) == (1, 50)
        assert [version.note for version in await list_versions(session, "sums")] == ["sale"]


@pytest.mark.db
async def test_a_publication_that_does_not_know_the_newest_version_is_refused(database: Database) -> None:
    book = Rulebook([KIND])
    async with database.write() as session:
        await book.publish(session, KIND, SHIPPED, base=0, author="li", note=None, now=NOW)
    with pytest.raises(Conflict, match="at version 1"):
        async with database.write() as session:
            await book.publish(session, KIND, SHIPPED, base=0, author="wang", note=None, now=NOW)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        # not TOML at all
        ("rule = [", "not TOML"),
        # a misspelt condition
        (SHIPPED.replace("at_least", "atleast"), r"rule\[1\]\.atleast: there is no such name here"),
        # a word where a number belongs
        (SHIPPED.replace("100", '"many"'), r"rule\[1\]\.at_least: Input should be a valid integer"),
        # what only the kind's own check sees
        (SHIPPED.replace("100", "0"), r"rule\[1\]\.at_least: below 1"),
    ],
)
def test_wrong_rules_are_refused_with_their_path(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        KIND.parse(text)


async def test_an_unknown_version_is_named(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(NotFound, match="no version 7"):
            await Rulebook([KIND]).edition(session, KIND, 7)


def test_a_reason_is_told_in_the_readers_language() -> None:
    because = KIND.parse(SHIPPED).rule[0].because
    assert because.text("zh", {"amount": 38}) == "金额 38"
    assert because.text("en", {}) == "worth {amount}"


def test_a_diff_shows_what_changed() -> None:
    assert "-at_least = 100" in diff_texts(SHIPPED, SHIPPED.replace("100", "5"), "a", "b")
    assert diff_texts(SHIPPED, SHIPPED, "a", "b") == ""
