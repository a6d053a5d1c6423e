"""A due follow-up as a delivery: its address, its template, the facts of its occasion. Words come when it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from conversations.contact_facts import address_of
from conversations.contact_policy import Address
from conversations.deliveries import DEFAULT_PRIORITY, DeliveryDraft
from conversations.follow_up_words import FollowUpPayload, fill
from conversations.texts import Texts
from conversations.values import DeliveryKind, MessageKind
from core.database import ReadSession
from core.shop import read_shop
from core.shop_facts import Localised, ShopFacts
from customers.models import ChannelIdentity, Customer, Order
from customers.segment_rules import SEGMENTS, benefits
from customers.values import Tier
from scheduler.gift_rules import gift_of
from scheduler.models import FollowUp
from scheduler.planner import Office
from scheduler.programme_rules import Programme
from scheduler.step_rules import Do, Step
from scheduler.values import FollowUpState
from tickets.models import FIRST_NUMBER, Ticket

_LANGUAGES = ("zh", "en")
_WAS_SENT = (FollowUpState.SENT, FollowUpState.ANSWERED, FollowUpState.UNKNOWN)
_TIERS = {
    Tier.VIP: "tier.vip",
    Tier.GOLD: "tier.gold",
    Tier.SILVER: "tier.silver",
    Tier.STANDARD: "tier.standard",
}
#: The address that is best reached first.
_BEST = (Address.REACHABLE, Address.GONE, Address.BLOCKED, Address.NONE)


@dataclass(frozen=True, slots=True)
class Drafting:
    """What the drafts of one programme are made from."""

    programme: Programme
    rule: str
    language: str
    shop: ShopFacts
    customers: Mapping[int, Customer]
    addresses: Mapping[int, Sequence[ChannelIdentity]]
    slots: Mapping[int, Mapping[str, Localised]]
    told_before: frozenset[int]
    orders: Mapping[int, str]

    def delivery(self, row: FollowUp, now: datetime) -> DeliveryDraft | None:
        """To the best address; None without any. Asking again because the customer said "later" is no new survey."""
        address = self.address(row, now)
        if address is None:
            return None
        kind = MessageKind(self.programme.kind.value)
        return DeliveryDraft(
            account=address.account,
            lane=address.external_id,
            kind=DeliveryKind.FOLLOW_UP,
            payload=self.payload(row).model_dump(mode="json"),
            dedupe_key=f"follow_up:{row.id}",
            due_at=now,
            expires_at=row.expires_at,
            customer_id=row.customer_id,
            priority=DEFAULT_PRIORITY + self.programme.priority,
            purpose=kind,
            survey=self.programme.survey and row.again_of is None,
        )

    def address(self, row: FollowUp, now: datetime) -> ChannelIdentity | None:
        """Where the customer is reached best; None without any address."""
        addresses = self.addresses.get(row.customer_id, ())
        ranked = sorted(addresses, key=lambda one: (_BEST.index(address_of(one, now)), -_seen(one)))
        return ranked[0] if ranked else None

    def is_call(self, row: FollowUp) -> bool:
        return self._step(row).do is Do.CALL

    def payload(self, row: FollowUp) -> FollowUpPayload:
        step = self._step(row)
        return FollowUpPayload(
            follow_up=row.id,
            programme=self.programme.id,
            rule=self.rule,
            kind=MessageKind(self.programme.kind.value),
            text=step.text,
            more=self._first_time(row, step),
            slots=dict(self.slots.get(row.id, {})),
            expects=step.expects.value if step.expects else None,
            questions=tuple(step.questions),
            buttons=tuple(one.as_option() for one in step.buttons),
            order=self.orders.get(row.order_id or 0),
            ticket=row.ticket_id + FIRST_NUMBER - 1 if row.ticket_id else None,
            gift=gift_of(self.programme, row.step, self.rule, f"follow_up:{row.id}", self.shop.currency),
        )

    def _step(self, row: FollowUp) -> Step:
        return self.programme.step[row.step - 1]

    def _first_time(self, row: FollowUp, step: Step) -> Localised | None:
        """Where a date comes from is told once, and not to who typed it in."""
        customer = self.customers.get(row.customer_id)
        has_typed_it = customer is not None and "birthday" in customer.chosen
        return None if row.customer_id in self.told_before or has_typed_it else step.first_time

    def task_text(self, row: FollowUp) -> str:
        """What to do, in the language that staff read together."""
        customer = self.customers.get(row.customer_id)
        name = (customer.name or customer.form_of_address or "") if customer else ""
        voice = Texts.shipped().voice(self.language, self.shop)
        slots = {slot: words.pick(self.language) for slot, words in self.slots.get(row.id, {}).items()}
        return fill(self._step(row).text.pick(self.language), slots | {"name": name, "shop": voice.shop_name})


def _seen(address: ChannelIdentity) -> float:
    return address.last_seen_at.timestamp() if address.last_seen_at else 0.0


async def read_drafting(
    session: ReadSession, office: Office, programme: Programme, rule: str, rows: Sequence[FollowUp]
) -> Drafting:
    ids = sorted({row.customer_id for row in rows})
    found = await session.scalars(select(Customer).where(Customer.id.in_(ids)))
    customers = {one.id: one for one in found}
    addresses: dict[int, list[ChannelIdentity]] = {}
    for one in await session.scalars(select(ChannelIdentity).where(ChannelIdentity.customer_id.in_(ids))):
        addresses.setdefault(one.customer_id, []).append(one)
    return Drafting(
        programme=programme,
        rule=rule,
        language=office.staff_language,
        shop=(await read_shop(session))[0],
        customers=customers,
        addresses=addresses,
        slots=await _slots(session, office, rows),
        told_before=await _told_before(session, programme, ids),
        orders=await _orders(session, rows),
    )


async def _orders(session: ReadSession, rows: Sequence[FollowUp]) -> dict[int, str]:
    """The shop's numbers of the orders that `rows` are about."""
    ids = {row.order_id for row in rows if row.order_id is not None}
    found = await session.execute(select(Order.id, Order.external_id).where(Order.id.in_(ids))) if ids else ()
    return {row.id: row.external_id for row in found}


async def _told_before(session: ReadSession, programme: Programme, ids: Sequence[int]) -> frozenset[int]:
    query = select(FollowUp.customer_id).where(
        FollowUp.programme == programme.id, FollowUp.customer_id.in_(ids), FollowUp.state.in_(_WAS_SENT)
    )
    return frozenset(await session.scalars(query))


async def _slots(session: ReadSession, office: Office, rows: Sequence[FollowUp]) -> dict[int, dict[str, Localised]]:
    """What each follow-up's texts may name beside the customer and the shop."""
    orders = await session.scalars(select(Order).where(Order.id.in_([r.order_id for r in rows if r.order_id])))
    by_order = {one.id: _order_slots(one) for one in orders}
    tickets = await session.scalars(select(Ticket).where(Ticket.id.in_([r.ticket_id for r in rows if r.ticket_id])))
    by_ticket = {one.id: _ticket_slots(one) for one in tickets}
    tiers = await _tier_slots(session, office) if any("tier" in row.facts for row in rows) else {}
    return {
        row.id: {
            **{name: _both(value) for name, value in row.facts.items()},
            **by_order.get(row.order_id or 0, {}),
            **by_ticket.get(row.ticket_id or 0, {}),
            **tiers.get(str(row.facts.get("tier")), {}),
        }
        for row in rows
    }


def _both(value: Any) -> Localised:
    text = str(value or "")[:500]
    return Localised(zh=text, en=text)


def _order_slots(order: Order) -> dict[str, Localised]:
    """Of several goods the first is named."""
    product = order.product or next((str(item.get("name", "")) for item in order.items), "")
    named = _both(product) if product else Localised(zh="东西", en="order")
    return {"order": _both(order.external_id), "product": named, "tracking": _both(order.tracking_no)}


def _ticket_slots(ticket: Ticket) -> dict[str, Localised]:
    return {"number": _both(ticket.id + FIRST_NUMBER - 1), "subject": _both(ticket.subject)}


async def _tier_slots(session: ReadSession, office: Office) -> dict[str, dict[str, Localised]]:
    """A tier's name, and what it brings."""
    rules = (await office.rulebook.current(session, SEGMENTS)).rules
    texts = Texts.shipped().by_key
    return {
        tier.value: {
            "tier": Localised(**{language: texts[_TIERS[tier]][language] for language in _LANGUAGES}),
            "benefits": Localised(**{language: benefits(rules, tier, language) or "" for language in _LANGUAGES}),
        }
        for tier in Tier
    }
