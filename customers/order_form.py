"""A row of a shop's order sheet -> one order and whose it is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from core.tables import Column, TableForm, TableRow
from customers.cells import BadCell, Cells, read_amount, read_item, read_number
from customers.contacts import parse_phone
from customers.values import OrderStatus

#: Each column with the other headers that mean it; the first is the one in the Chinese template.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("订单号", "单号", "订单编号", "order no", "order id", "order number", "order", "id", "编号"),
    "customer_external_id": (
        "客户编号", "customer id", "customer no", "customer", "会员号", "会员编号", "客户号", "customer number",
    ),
    "customer_phone": (
        "客户手机", "手机", "电话", "手机号", "收货人手机", "收货电话", "联系电话", "phone", "mobile", "buyer phone",
    ),
    "product": ("商品", "商品名称", "产品", "item", "product name", "宝贝标题"),
    "items": ("商品明细", "明细", "products", "line items", "商品清单"),
    "category": ("品类", "类目", "商品分类", "product category"),
    "amount": ("金额", "订单金额", "实付金额", "总额", "total", "price", "amount paid", "实付款", "合计"),
    "currency": ("币种", "货币"),
    "status": ("状态", "订单状态", "order status", "state"),
    "carrier": ("快递公司", "物流公司", "快递", "courier", "shipping company", "承运商"),
    "tracking_no": ("快递单号", "物流单号", "运单号", "tracking number", "tracking", "waybill"),
    "placed_at": (
        "下单时间", "下单日期", "订单时间", "order date", "ordered at", "created at", "date", "付款时间", "日期",
    ),
    "expected_at": ("预计送达", "预计送达时间", "预计到货", "eta", "expected delivery", "expected"),
    "delivered_at": ("签收时间", "签收日期", "delivered", "delivery date", "送达时间"),
    "region": ("地区", "省份", "收货地区", "province", "area"),
    "channel": ("渠道", "来源渠道", "sales channel", "销售渠道"),
}  # fmt: skip
FORM = TableForm(
    tuple(Column(name, aliases) for name, aliases in HEADERS.items()),
    required=(("external_id",), ("customer_external_id", "customer_phone")),
)
_CHINESE = {
    OrderStatus.PLACED: ("已下单", "下单", "新订单", "待处理"),
    OrderStatus.AWAITING_PAYMENT: ("待付款", "未付款", "等待付款", "待支付"),
    OrderStatus.PAID: ("已付款", "已支付", "待发货", "买家已付款"),
    OrderStatus.PACKED: ("已打包", "备货中", "配货中", "打包中"),
    OrderStatus.SHIPPED: ("已发货", "运输中", "配送中", "卖家已发货", "派送中", "待收货"),
    OrderStatus.READY_FOR_PICKUP: ("待取件", "待自提", "到达自提点", "可自提"),
    OrderStatus.DELIVERED: ("已签收", "已送达", "已完成", "交易成功", "完成", "已收货"),
    OrderStatus.RETURNED: ("已退货", "退货", "已退款", "退款成功"),
    OrderStatus.CANCELLED: ("已取消", "取消", "交易关闭", "已关闭", "作废"),
}
_ENGLISH = {
    "awaiting payment": OrderStatus.AWAITING_PAYMENT, "unpaid": OrderStatus.AWAITING_PAYMENT,
    "in transit": OrderStatus.SHIPPED, "dispatched": OrderStatus.SHIPPED, "complete": OrderStatus.DELIVERED,
    "completed": OrderStatus.DELIVERED, "refunded": OrderStatus.RETURNED, "canceled": OrderStatus.CANCELLED,
    "processing": OrderStatus.PACKED, "ready for pickup": OrderStatus.READY_FOR_PICKUP,
}  # fmt: skip
STATUSES: Mapping[str, OrderStatus] = {
    **{status.value: status for status in OrderStatus},
    **{word: status for status, words in _CHINESE.items() for word in words},
    **{word.replace(" ", "_"): status for word, status in _ENGLISH.items()},
}
_CURRENCIES = {
    "人民币": "CNY",
    "RMB": "CNY",
    "¥": "CNY",
    "￥": "CNY",
    "$": "USD",
    "£": "GBP",
    "€": "EUR",
    "美元": "USD",
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """What one row says. `facts` holds the columns of an order that are not blank."""

    row: TableRow
    external_id: str
    customer_external_id: str | None
    customer_phone: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: where its times and phone numbers are, and the currency of amounts that name none."""

    zone: ZoneInfo
    country: str
    currency: str


def read_row(row: TableRow, reading: Reading) -> OrderRow:
    """Raises BadCell."""
    cells = Cells(row)
    external_id = cells.read("external_id", read_number, 120)
    if external_id is None:
        raise BadCell("external_id", "is empty")
    return OrderRow(
        row=row,
        external_id=external_id,
        customer_external_id=cells.read("customer_external_id", read_number, 120),
        customer_phone=cells.read("customer_phone", lambda text: parse_phone(text, reading.country)),
        facts={name: value for name, value in _facts(cells, reading).items() if value not in (None, [])},
    )


def _facts(cells: Cells, reading: Reading) -> dict[str, Any]:
    currency = cells.read("currency", _currency) or reading.currency
    amount = cells.read("amount", lambda text: read_amount(text, currency))
    facts = {
        "product": cells.text("product"),
        "items": [read_item(item) for item in cells.items("items")],
        "category": cells.text("category", 120),
        "amount_minor": amount,
        "currency": currency if amount is not None else None,
        "status": cells.choice("status", STATUSES),
        "carrier": cells.text("carrier", 120),
        "tracking_no": cells.read("tracking_no", read_number, 120),
        "placed_at": cells.instant("placed_at", reading.zone),
        "expected_at": cells.instant("expected_at", reading.zone),
        "delivered_at": cells.instant("delivered_at", reading.zone),
        "region": cells.text("region", 120),
        "channel": cells.text("channel", 120),
    }
    placed, delivered = facts["placed_at"], facts["delivered_at"]
    if placed is not None and delivered is not None and delivered.date() < placed.date():
        raise BadCell("delivered_at", "is before placed_at")
    return facts


def _currency(text: str) -> str:
    found = _CURRENCIES.get(text.upper(), text.upper())
    if len(found) != 3 or not found.isascii() or not found.isalpha():
        raise ValueError(f"{text!r} is no currency; write it like CNY")
    return found
