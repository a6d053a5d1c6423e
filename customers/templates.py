"""The sheets that an owner starts from: the columns, with two examples. Pure."""

from collections.abc import Mapping

from core.table_files import Row
from customers import customer_form, order_form

_CUSTOMERS = (
    "external_id", "name", "form_of_address", "phone", "email", "birthday", "birthday_calendar", "tags", "follow_ups",
    "promotions", "consent_source", "consent_at",
)  # fmt: skip
_ORDERS = (
    "external_id", "customer_external_id", "customer_phone", "product", "items", "amount", "status", "carrier",
    "tracking_no", "placed_at", "expected_at", "delivered_at", "region", "channel",
)  # fmt: skip

Sheet = tuple[list[str], list[Row]]


def customers_template(language: str) -> Sheet:
    """Headers and rows in `language`."""
    return _sheet(_CUSTOMERS, customer_form.HEADERS, _CUSTOMER_EXAMPLES[language], language)


def orders_template(language: str) -> Sheet:
    return _sheet(_ORDERS, order_form.HEADERS, _ORDER_EXAMPLES[language], language)


def _sheet(
    columns: tuple[str, ...], headers: Mapping[str, tuple[str, ...]], examples: tuple[Row, ...], language: str
) -> Sheet:
    names = {name: headers[name][0] if language == "zh" else name for name in columns}
    return list(names.values()), [{names[column]: value for column, value in row.items()} for row in examples]


_CUSTOMER_EXAMPLES: Mapping[str, tuple[Row, ...]] = {
    "zh": (
        {
            "external_id": "示例-1", "name": "李桂芳", "form_of_address": "李阿姨", "phone": "13800138000",
            "birthday": "农历八月十五", "tags": "老客户|爱喝龙井", "follow_ups": "是", "promotions": "否",
            "consent_source": "到店登记", "consent_at": "2026-03-01",
        },
        {"external_id": "示例-2", "name": "王建国", "phone": "13900139000", "birthday": "1968-11-03"},
    ),
    "en": (
        {
            "external_id": "EXAMPLE-1", "name": "Anna Smith", "form_of_address": "Ms Smith", "phone": "+442079460000",
            "email": "anna@example.com", "birthday": "1990-05-21", "tags": "regular|green tea", "follow_ups": "yes",
            "promotions": "no", "consent_source": "sign-up page", "consent_at": "2026-03-01",
        },
        {"external_id": "EXAMPLE-2", "name": "Ben Jones", "email": "ben@example.com", "birthday": "11-03"},
    ),
}  # fmt: skip
_ORDER_EXAMPLES: Mapping[str, tuple[Row, ...]] = {
    "zh": (
        {
            "external_id": "示例-1001", "customer_external_id": "示例-1", "product": "西湖龙井",
            "items": "西湖龙井 100克*2",
            "amount": "320.00", "status": "已发货", "carrier": "顺丰速运", "tracking_no": "SF1234567890",
            "placed_at": "2026-03-01 09:30", "expected_at": "2026-03-04", "region": "上海", "channel": "网店",
        },
        {"external_id": "示例-1002", "customer_phone": "13900139000", "product": "桂花龙井", "amount": "98.00"},
    ),
    "en": (
        {
            "external_id": "EXAMPLE-1001", "customer_external_id": "EXAMPLE-1", "product": "Longjing tea",
            "items": "Longjing tea 100 g*2", "amount": "48.00", "status": "shipped", "carrier": "Royal Mail",
            "tracking_no": "AB123456789GB", "placed_at": "2026-03-01 09:30", "expected_at": "2026-03-04",
            "region": "London", "channel": "web shop",
        },
        {"external_id": "EXAMPLE-1002", "customer_phone": "+442079460000", "product": "Jasmine tea", "amount": "12.50"},
    ),
}  # fmt: skip
