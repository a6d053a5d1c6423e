"""What a kept question no longer tells about its customer."""

import pytest

from knowledge_base.masking import mask


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("我的手机是13812345678", "我的手机是[phone]"),  # a mobile number
        ("138 1234 5678 打给我", "[phone] 打给我"),  # with spaces
        ("138-1234-5678", "[phone]"),  # with hyphens
        ("１３８１２３４５６７８", "[phone]"),  # in full width
        ("call me on +44 20 7946 0958 please", "call me on [phone] please"),  # international
        ("座机 0571-8765 4321", "座机 [phone]"),  # a landline
        ("mail a.b+tea@example.com please", "mail [email] please"),  # an e-mail address
        ("卡号 6222 0212 3456 7890 123 退款", "卡号 [card] 退款"),  # 19 digits
        ("pay with 4111-1111-1111-1111", "pay with [card]"),  # 16 digits
        ("订单号SAMPLE-1001到哪了", "订单号[number]到哪了"),  # short, but said to be an order
        ("order #A1234 where is it", "order #[number] where is it"),  # the same in English
        ("SF0000000001003 到了吗", "[number] 到了吗"),  # a parcel
        ("单号：20260302001", "单号：[number]"),  # digits alone
        ("100克龙井多少钱，38.00元贵不贵", "100克龙井多少钱，38.00元贵不贵"),  # amounts stay
        ("2026年3月2日能到吗", "2026年3月2日能到吗"),  # a date in words stays
        ("order 3 tins of 250 g", "order 3 tins of 250 g"),  # an order of goods is no order number
    ],
)
def test_what_points_at_a_person_is_taken_out(question: str, kept: str) -> None:
    assert mask(question) == kept
