"""The sample shop's files: right in form, in both languages, at one with each other, plainly not a real shop's."""

import csv
import json
import re
import unicodedata
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

SAMPLES = Path(__file__).parents[2] / "knowledge_base" / "samples"
LANGUAGES = ("zh", "en")
UNSENT = frozenset({"placed", "awaiting_payment", "paid", "packed", "ready_for_pickup", "cancelled"})
ORDER_STATUSES = UNSENT | {"shipped", "delivered", "returned"}
FICTITIOUS_PHONES = (
    r"\+86154\d{8}",  # China: the block 154 was never given out
    r"\+447700900\d{3}",  # United Kingdom: Ofcom, numbers for drama
    r"\+1[2-9]\d{2}55501\d{2}",  # North America: 555-0100 to 555-0199
    r"\+49171392\d{4}",  # Germany: Bundesnetzagentur, numbers for film
    r"\+33639980\d{3}",  # France: ARCEP, numbers for fiction
    r"\+61491570\d{3}",  # Australia: ACMA, numbers for fiction
)

Article = dict[str, Any]
Row = dict[str, str]


def read_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLES / name).read_text("utf-8").splitlines()]


def read_rows(name: str) -> list[Row]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def read_shop() -> dict[str, Any]:
    shop: dict[str, Any] = json.loads((SAMPLES / "shop.json").read_text("utf-8"))
    return shop


ARTICLES: list[Article] = read_lines("articles.jsonl")
CUSTOMERS = read_rows("customers.csv")
ORDERS = read_rows("orders.csv")


def bare(text: str) -> str:
    """The text without case, width, spaces and punctuation: what two phrasings have to differ in."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())


def name_of(article: Article) -> str:
    return f"{article['key']}-{article['language']}"


def of_language(language: str) -> dict[str, Article]:
    return {article["key"]: article for article in ARTICLES if article["language"] == language}


# Articles


def test_every_topic_is_there_once_in_each_language() -> None:
    counts = Counter(name_of(article) for article in ARTICLES)
    assert max(counts.values()) == 1
    assert of_language("zh").keys() == of_language("en").keys()
    assert len(of_language("zh")) >= 60


@pytest.mark.parametrize("article", ARTICLES, ids=name_of)
def test_an_article_has_all_its_parts(article: Article) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", article["key"])
    assert article["language"] in LANGUAGES
    assert article["status"] == "published"
    assert isinstance(article["complaint_topic"], bool)
    assert article["tags"]
    for part in ("question", "answer", "category"):
        assert article[part] == article[part].strip() != ""


@pytest.mark.parametrize("article", ARTICLES, ids=name_of)
def test_an_article_is_known_by_three_to_six_phrasings_other_than_its_question(article: Article) -> None:
    phrasings = [bare(phrasing) for phrasing in article["phrasings"]]
    assert 3 <= len(phrasings) <= 6
    assert all(phrasings)
    assert len({*phrasings, bare(article["question"])}) == len(phrasings) + 1


def test_no_two_articles_share_a_phrasing_or_a_question() -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for article in ARTICLES:
        for text in (article["question"], *article["phrasings"]):
            owners[bare(text)].add(name_of(article))
    assert {text: names for text, names in owners.items() if len(names) > 1} == {}


def test_no_labelled_question_is_a_copy_of_what_an_article_already_knows() -> None:
    known = {bare(text) for article in ARTICLES for text in (article["question"], *article["phrasings"])}
    labels = [label for language in LANGUAGES for label in read_lines(f"labels.{language}.jsonl")]
    assert len(labels) >= 600
    assert [label["question"] for label in labels if bare(label["question"]) in known] == []


@pytest.mark.parametrize("article", ARTICLES, ids=name_of)
def test_related_articles_exist_and_are_others(article: Article) -> None:
    related = article["related"]
    assert set(related) <= of_language(article["language"]).keys() - {article["key"]}
    assert len(set(related)) == len(related)


def test_both_languages_of_a_topic_agree_on_what_it_is() -> None:
    chinese, english = of_language("zh"), of_language("en")
    categories = {(chinese[key]["category"], english[key]["category"]) for key in chinese}
    names = [name for pair in categories for name in pair]
    assert len(names) == len(set(names))
    for key, article in chinese.items():
        assert article["complaint_topic"] == english[key]["complaint_topic"]
        assert article["related"] == english[key]["related"]


def test_topics_of_harm_are_marked_as_complaints() -> None:
    marked = {article["key"] for article in ARTICLES if article["complaint_topic"]}
    assert marked == {"damaged-on-arrival", "wrong-item", "missing-item", "complaint-how"}


@pytest.mark.parametrize("article", ARTICLES, ids=name_of)
def test_an_answer_is_short_and_polite(article: Article) -> None:
    answer = article["answer"]
    end_of_sentence = r"[。？]" if article["language"] == "zh" else r"[.?](?=\s|$)"
    assert 1 <= len(re.findall(end_of_sentence, answer)) <= 5
    assert not re.search(r"[!！你亲]|valued customer|unfortunately", answer, re.IGNORECASE)
    assert not any(unicodedata.category(character) == "So" and character != "°" for character in answer)


@pytest.mark.parametrize("article", ARTICLES, ids=name_of)
def test_an_article_is_written_in_its_language(article: Article) -> None:
    ideographs = len(re.findall(r"[\u4e00-\u9fff]", article["answer"]))
    share = ideographs / len(article["answer"])
    assert share > 0.4 if article["language"] == "zh" else share < 0.1


def test_addresses_in_answers_belong_to_nobody() -> None:
    answers = " ".join(article["answer"] for article in ARTICLES)
    addresses = re.findall(r"[\w.-]+\.(?:com|cn|net|org)\b", answers, re.ASCII)
    assert addresses
    assert all(address.endswith("example.com") for address in addresses)


# Customers


def test_there_are_thirty_customers_of_both_languages() -> None:
    assert [row["external_id"] for row in CUSTOMERS] == [f"SAMPLE-C{number:02}" for number in range(1, 31)]
    assert {row["language"] for row in CUSTOMERS} == set(LANGUAGES)


@pytest.mark.parametrize("row", CUSTOMERS, ids=lambda row: row["external_id"])
def test_a_customer_can_be_no_real_person(row: Row) -> None:
    assert row["phone"] or row["email"]
    assert row["email"] == "" or row["email"].endswith("@example.com")
    assert row["phone"] == "" or any(re.fullmatch(pattern, row["phone"]) for pattern in FICTITIOUS_PHONES)


@pytest.mark.parametrize("column", ["phone", "email"])
def test_customers_share_no_phone_and_no_email(column: str) -> None:
    values = [row[column] for row in CUSTOMERS if row[column]]
    assert len(values) == len(set(values))


@pytest.mark.parametrize("row", CUSTOMERS, ids=lambda row: row["external_id"])
def test_a_customer_has_a_name_a_zone_and_a_birthday_of_its_calendar(row: Row) -> None:
    assert row["name"]
    assert row["form_of_address"]
    assert ZoneInfo(row["timezone"]).key == row["timezone"]
    assert (row["birthday"] == "") == (row["birthday_calendar"] == "")
    if row["birthday_calendar"] == "gregorian":
        assert date.fromisoformat(("2000-" + row["birthday"])[-10:]) < date(2026, 9, 1)
    elif row["birthday_calendar"]:
        month, day = (int(part) for part in row["birthday"].split("-")[-2:])
        assert row["birthday_calendar"] == "lunar"
        assert 1 <= month <= 12
        assert 1 <= day <= 30


def test_birthdays_are_lunar_gregorian_and_unknown() -> None:
    calendars = Counter(row["birthday_calendar"] for row in CUSTOMERS)
    assert calendars.keys() == {"lunar", "gregorian", ""}
    assert min(calendars.values()) >= 5


@pytest.mark.parametrize("row", CUSTOMERS, ids=lambda row: row["external_id"])
def test_a_consent_says_where_and_when_it_was_given(row: Row) -> None:
    assert {row["follow_ups"], row["promotions"]} <= {"yes", "no", ""}
    agreed = "yes" in (row["follow_ups"], row["promotions"])
    assert agreed == (row["consent_source"] != "") == (row["consent_at"] != "")
    assert not agreed or date.fromisoformat(row["consent_at"]).year >= 2024


# Orders


def test_there_are_sixty_orders_in_the_order_of_their_dates() -> None:
    assert [row["external_id"] for row in ORDERS] == [f"SAMPLE-{number}" for number in range(1001, 1061)]
    placed = [datetime.fromisoformat(row["placed_at"]) for row in ORDERS]
    assert placed == sorted(placed)
    assert date(2026, 9, 1) <= placed[0].date() <= placed[-1].date() <= date(2026, 11, 30)


def test_each_customer_has_an_order_and_each_order_a_customer() -> None:
    assert {row["customer_external_id"] for row in ORDERS} == {row["external_id"] for row in CUSTOMERS}


@pytest.mark.parametrize("row", ORDERS, ids=lambda row: row["external_id"])
def test_an_order_says_what_was_bought_for_how_much(row: Row) -> None:
    items = [re.fullmatch(r"([^*|]+)\*([1-9]\d*)", item) for item in row["items"].split("|")]
    assert row["product"] in [item.group(1) for item in items if item]
    assert all(items)
    assert re.fullmatch(r"\d+\.\d\d", row["amount"])
    assert Decimal(row["amount"]) > 0
    assert row["currency"] == "CNY"
    assert row["category"]
    assert row["region"]
    assert row["channel"]


@pytest.mark.parametrize("row", ORDERS, ids=lambda row: row["external_id"])
def test_an_order_has_the_dates_of_its_status(row: Row) -> None:
    assert row["status"] in ORDER_STATUSES
    times = [datetime.fromisoformat(row[column]) for column in ("placed_at", "delivered_at") if row[column]]
    assert all(time.utcoffset() is not None for time in times)
    assert times == sorted(times)
    assert (row["delivered_at"] != "") == (row["status"] in {"delivered", "returned"})
    assert (row["expected_at"] == "") == (row["status"] in {"awaiting_payment", "cancelled"})
    if row["expected_at"]:
        assert datetime.fromisoformat(row["expected_at"]) >= times[0]


@pytest.mark.parametrize("row", ORDERS, ids=lambda row: row["external_id"])
def test_an_order_on_its_way_can_be_tracked(row: Row) -> None:
    assert (row["carrier"] == "") == (row["tracking_no"] == "")
    if row["status"] == "shipped":
        assert row["tracking_no"]
    if row["status"] in UNSENT:
        assert not row["tracking_no"]


def test_no_two_parcels_share_a_tracking_number() -> None:
    numbers = [row["tracking_no"] for row in ORDERS if row["tracking_no"]]
    assert len(numbers) == len(set(numbers))


def test_orders_show_the_usual_states_of_a_shop() -> None:
    assert {row["status"] for row in ORDERS} == ORDER_STATUSES - {"placed"}


# The shop


@pytest.mark.parametrize("fact", ["name", "greeting", "operator", "address", "hours_text"])
def test_what_customers_read_of_the_shop_is_in_both_languages(fact: str) -> None:
    value = read_shop()[fact]
    assert value.keys() == set(LANGUAGES)
    assert all(value.values())


@pytest.mark.parametrize("fact", ["name", "greeting"])
def test_the_shop_says_that_it_is_a_sample(fact: str) -> None:
    value = read_shop()[fact]
    assert "示例茶铺" in value["zh"]
    assert "the sample tea shop" in value["en"]


def test_the_shop_is_chinese_and_counts_in_yuan() -> None:
    shop = read_shop()
    assert (shop["country"], shop["currency"]) == ("CN", "CNY")
    assert re.fullmatch(r"#[0-9a-f]{6}", shop["color"])
    assert re.fullmatch(r"https://([a-z]+\.)*example\.com/\S*", shop["privacy_url"])
