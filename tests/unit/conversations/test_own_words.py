"""What customers say about parcels, messages and their own file; places and days; numbers of orders."""

import time
from datetime import UTC, datetime

import pytest

from conversations.customer_facts import CustomerFacts, Given
from conversations.days import day_words
from conversations.flow import heed, needs_customer, without_orders
from conversations.intents import Intent, Meaning, understand
from conversations.memory import Memory, OwnFile, Proving
from conversations.values import Language, Owner
from conversations.zones import find_zone


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("快递到哪了", Meaning.ASKED_PARCEL),
        ("请问我的快递现在到哪里了？", Meaning.ASKED_PARCEL),
        ("我昨天买的茶叶怎么还没到", Meaning.ASKED_PARCEL),
        ("查一下我的物流信息", Meaning.ASKED_PARCEL),
        ("訂單什麼時候到", Meaning.ASKED_PARCEL),  # traditional script
        ("物流", Meaning.ASKED_PARCEL),
        ("Where is my order?", Meaning.ASKED_PARCEL),
        ("hi, where's my parcel", Meaning.ASKED_PARCEL),
        ("My package still hasn't arrived yet", Meaning.ASKED_PARCEL),
        ("I haven’t received my order", Meaning.ASKED_PARCEL),
        ("Can you tell me where my delivery is", Meaning.ASKED_PARCEL),
        ("我妈的快递到哪了", Meaning.ASKED_ANOTHERS_PARCEL),
        ("帮我查一下我妈妈的订单到哪了", Meaning.ASKED_ANOTHERS_PARCEL),
        ("where is my daughter's order", Meaning.ASKED_ANOTHERS_PARCEL),
        ("你们发什么快递", Meaning.ASKED),  # about the shop
        ("快递几天能到", Meaning.ASKED),
        ("how long does delivery take", Meaning.ASKED),
        ("订单可以改地址吗", Meaning.ASKED),
        ("/orders", Meaning.ASKED_ORDERS),
        ("我的订单", Meaning.ASKED_ORDERS),
        ("别发了", Meaning.SAID_STOP),
        ("T", Meaning.SAID_STOP),
        ("td", Meaning.SAID_STOP),
        ("退订", Meaning.SAID_STOP),
        ("不要再发", Meaning.SAID_STOP),
        ("不要再给我发活动消息了", Meaning.SAID_STOP),
        ("STOP!", Meaning.SAID_STOP),
        ("Unsubscribe please", Meaning.SAID_STOP),
        ("please stop sending me offers", Meaning.SAID_STOP),
        ("/stop", Meaning.SAID_STOP),
        ("别发货", Meaning.ASKED),  # an order to be held back, not messages
        ("不要发顺丰", Meaning.ASKED),
        ("我要退货", Meaning.ASKED),
        ("where is your bus stop", Meaning.ASKED),
        ("/me", Meaning.ASKED_FILE),
        ("my data", Meaning.ASKED_FILE),
        ("我的资料", Meaning.ASKED_FILE),
        ("修改我的资料", Meaning.ASKED_FILE),
        ("export my data", Meaning.ASKED_COPY),
        ("删除我的资料", Meaning.ASKED_ERASURE),
        ("I want to delete my account", Meaning.ASKED_ERASURE),
        ("/link", Meaning.ASKED_LINK),
        ("/link AB-12", Meaning.GAVE_CODE),
        ("/start ABCDEFGHJKMNPQRSTUVWXYZ234", Meaning.GAVE_CODE),
        ("/start poster7", Meaning.STARTED),  # tells where the link was found
    ],
)
def test_what_is_meant(text: str, meaning: Meaning) -> None:
    assert understand(text).meaning is meaning


def test_no_text_makes_the_patterns_slow() -> None:
    begun = time.perf_counter()
    for text in ("我的" * 29, "查一下" * 19 + "货", "please " * 8 + "?", "请不要再给我发" * 8, "give me " * 7 + "x"):
        understand(text)
    assert time.perf_counter() - begun < 1.0


@pytest.mark.parametrize(
    ("known", "text", "given"),
    [
        (None, "T1001", Given("T1001")),
        (None, "T1001 8000", Given("T1001", "8000")),
        (None, "8000 T1001", Given("T1001", "8000")),  # the other way round
        (None, "订单号 20260301001，尾号 8000", Given("20260301001", "8000")),
        (None, "Ｔ１００１", Given("T1001")),  # full width
        ("T1001", "8000", Given("T1001", "8000")),
        ("T1001", "138 0013 8000"[-4:], Given("T1001", "8000")),
        ("T1001", "13800138000", Given("T1001", "8000")),  # the whole number
        ("T1001", "A-2001-X", Given("A-2001-X")),  # corrected
        (None, "can I return tea within 7 days", None),  # a question in between
        (None, "你们几点下班", None),
    ],
)
def test_the_number_of_an_order_is_read_where_it_was_asked_for(
    known: str | None, text: str, given: Given | None
) -> None:
    heard = heed(Memory(dialogue=Proving(number=known)), understand(text))
    assert (heard.given, heard.meaning) == (given, Meaning.GAVE_ORDER if given else Meaning.ASKED)
    assert heed(Memory(), understand(text)).given is None


@pytest.mark.parametrize(
    ("text", "birthday", "calendar"),
    [
        ("1955-08-15", "1955-08-15", "gregorian"),
        ("8月15日", "08-15", "gregorian"),
        ("农历八月十五", "08-15", "lunar"),
        ("15th of August", "08-15", "gregorian"),
        ("Aug 15, 1955", "1955-08-15", "gregorian"),
        ("15 August 1955", "1955-08-15", "gregorian"),
    ],
)
def test_a_birthday_is_read_as_people_write_it(text: str, birthday: str, calendar: str) -> None:
    heard = heed(Memory(dialogue=OwnFile(asks="birthday")), understand(text))
    assert (heard.changes["birthday"], heard.changes["birthday_calendar"]) == (birthday, calendar)


def test_a_day_that_does_not_exist_is_no_birthday() -> None:
    heard = heed(Memory(dialogue=OwnFile(asks="birthday")), understand("02-31"))
    assert (heard.meaning, dict(heard.changes)) == (Meaning.GAVE_BIRTHDAY, {})


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("London", "Europe/London"),
        ("new york", "America/New_York"),
        ("america/los_angeles", "America/Los_Angeles"),
        ("上海", "Asia/Shanghai"),
        ("纽约", "America/New_York"),
        ("Atlantis", None),
    ],
)
def test_a_place_is_a_time_zone(text: str, zone: str | None) -> None:
    assert find_zone(text) == zone


def test_days_are_said_as_people_say_them() -> None:
    day = datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert (day_words(day, Language.ZH), day_words(day, Language.EN)) == ("3月5日（周四）", "Thursday 5 March")


def test_a_shop_without_orders_answers_from_its_articles() -> None:
    bare, keeps = CustomerFacts(has_orders=False), CustomerFacts(has_orders=True)
    asked = understand("where is my order")
    assert without_orders(asked, bare).meaning is Meaning.ASKED
    assert without_orders(asked, keeps).meaning is Meaning.ASKED_PARCEL
    assert without_orders(understand("/orders"), bare).meaning is Meaning.ASKED_ORDERS


def test_the_file_is_read_only_for_those_who_ask_for_it() -> None:
    assert needs_customer(Memory(), Intent(Meaning.ASKED_FILE), Owner.BOT)
    assert not needs_customer(Memory(), Intent(Meaning.ASKED_FILE), Owner.TAKEN)
    assert not needs_customer(Memory(), Intent(Meaning.ASKED), Owner.BOT)
