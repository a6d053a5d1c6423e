"""What the sample shop's files say, as rows of the database."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.money import parse_money
from core.shop_facts import ShopFacts
from core.table_values import read_flag, read_instant, split_list
from core.tables import Column, TableForm, read_table
from customers.models import Consent, Customer, Order
from customers.values import BirthdayCalendar, ConsentKind, OrderStatus
from knowledge_base import repository

SAMPLES = Path(repository.__file__).parent / "samples"
SOURCE = "sample shop"
_HANGZHOU = ZoneInfo("Asia/Shanghai")


def labels(now: datetime) -> Iterator[dict[str, Any]]:
    for language in ("zh", "en"):
        for label in objects(f"labels.{language}.jsonl"):
            yield label | {"source": SOURCE, "sample": True, "created_at": now}


def customers(now: datetime) -> Iterator[Customer]:
    for row in _rows("customers.csv"):
        yield Customer(
            external_id=row["external_id"],
            name=row["name"],
            form_of_address=row["form_of_address"] or None,
            phone=row["phone"] or None,
            phone_proven=bool(row["phone"]),
            email=row["email"] or None,
            email_proven=bool(row["email"]),
            language=row["language"] or None,
            timezone=row["timezone"] or None,
            birthday=row["birthday"] or None,
            birthday_calendar=BirthdayCalendar(row["birthday_calendar"]) if row["birthday"] else None,
            tags=list(split_list(row["tags"])),
            sample=True,
            created_at=now,
            updated_at=now,
        )


def consents(customers: dict[str | None, Customer], now: datetime) -> Iterator[Consent]:
    columns = {"follow_ups": ConsentKind.CARE, "promotions": ConsentKind.PROMOTION}
    for row in _rows("customers.csv"):
        for column, kind in columns.items():
            if read_flag(row[column]):
                at = read_instant(row["consent_at"], _HANGZHOU)
                customer_id = customers[row["external_id"]].id
                source = row["consent_source"]
                yield Consent(customer_id=customer_id, kind=kind, given=True, source=source, at=at, recorded_at=now)


def orders(customers: dict[str | None, Customer], now: datetime) -> Iterator[Order]:
    for row in _rows("orders.csv"):
        instants = {name: read_instant(row[name], _HANGZHOU) for name in ("placed_at", "expected_at", "delivered_at")}
        texts = {
            name: row[name] or None for name in ("product", "category", "carrier", "tracking_no", "region", "channel")
        }
        yield Order(
            external_id=row["external_id"],
            customer_id=customers[row["customer_external_id"]].id,
            items=[_item(item) for item in split_list(row["items"])],
            amount_minor=parse_money(row["amount"], row["currency"]).amount_minor,
            currency=row["currency"],
            status=OrderStatus(row["status"]),
            imported=True,
            sample=True,
            created_at=now,
            updated_at=now,
            **instants,
            **texts,
        )


def _item(text: str) -> dict[str, Any]:
    name, _, quantity = text.rpartition("*")
    return {"name": name, "quantity": int(quantity)}


def facts() -> ShopFacts:
    return ShopFacts.model_validate_json((SAMPLES / "shop.json").read_text("utf-8"))


def objects(name: str) -> Iterator[dict[str, Any]]:
    for line in (SAMPLES / name).read_text("utf-8").splitlines():
        yield json.loads(line)


def _rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of our own CSV files, whose headers are just our columns."""
    path = SAMPLES / name
    headers = path.read_text("utf-8").split("\n", 1)[0].split(",")
    form = TableForm(tuple(Column(header) for header in headers))
    for row in read_table(path, form).rows:
        yield {column: str(cell) for column, cell in row.cells.items()}
