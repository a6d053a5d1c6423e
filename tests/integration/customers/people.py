"""Customers and their channels for the tests of this room."""

from datetime import datetime
from typing import Any

from core.database import WriteSession
from customers import orders, service
from customers.identities import Newcomer, ensure_identity
from customers.models import ChannelIdentity, Customer, Order
from customers.profile import ProfileChanges
from customers.values import Origin

SHOP = service.Writer("li", Origin.AGENT)
FILE = service.Writer("import", Origin.IMPORT)
HERSELF = service.Writer("customer", Origin.CUSTOMER)


async def known(session: WriteSession, now: datetime, **fields: Any) -> Customer:
    """A customer whom the shop knows."""
    return (await service.create_customer(session, ProfileChanges.model_validate(fields), SHOP, now))[0]


async def visitor(
    session: WriteSession, now: datetime, address: str = "browser-1", verified: bool = False
) -> ChannelIdentity:
    """Somebody who writes on the web page and has a file of their own."""
    return await ensure_identity(session, Newcomer(account="web", external_id=address, verified=verified), now)


async def order(session: WriteSession, now: datetime, number: str, customer: Customer, **facts: Any) -> Order:
    buyer = orders.Buyer(customer_id=customer.id)
    return (await orders.save_order(session, number, buyer, facts, SHOP, now))[0]
