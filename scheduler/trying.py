"""Seeing a programme before it goes out: what it would send, and its words on one's own phone."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import select

from conversations import outbox
from conversations.channels import PUSH_CHANNELS
from conversations.deliveries import DeliveryDraft
from conversations.follow_up_words import FollowUpPayload, compose
from conversations.models import Delivery
from conversations.payloads import write_payloads
from conversations.texts import Texts
from conversations.values import DeliveryKind, MessageKind
from core.database import Database, ReadSession, WriteSession
from core.errors import Conflict, NotFound
from core.shop import read_shop
from core.shop_facts import Localised
from customers import service as customer_service
from customers.models import ChannelIdentity
from scheduler import programmes
from scheduler.occurrences import Span
from scheduler.planner import Office
from scheduler.preview import LONGEST, Asked, Preview, preview
from scheduler.programme_rules import Programme, slots_of
from scheduler.step_rules import Do, Step
from staff import audit
from staff.models import Agent, AgentAddress

#: How many follow-ups are shown before a programme is enabled.
FIRST = 10
#: What stands for facts that a test does not have.
_EXAMPLES = {
    "order": Localised(zh="A-1001", en="A-1001"),
    "product": Localised(zh="龙井茶", en="Longjing tea"),
    "tracking": Localised(zh="SF1234567890", en="SF1234567890"),
    "number": Localised(zh="1001", en="1001"),
    "subject": Localised(zh="罐子破了", en="a broken tin"),
    "tier": Localised(zh="金卡会员", en="gold"),
    "benefits": Localised(zh="全年包邮", en="free delivery all year"),
    "price": Localised(zh="38元", en="¥38"),
    "link": Localised(zh="", en=""),
    "text": Localised(zh="", en=""),
}


class NobodyToTest(NotFound):
    """There is nobody of that name to whom a message can be pushed."""

    code = "nobody_to_test"


class NothingToSay(Conflict):
    """The programme has no message of its own, only calls."""

    code = "nothing_to_say"


@dataclass(frozen=True, slots=True)
class Tested:
    delivery_id: int
    text: str


@dataclass(frozen=True, slots=True)
class _Address:
    account: str
    external_id: str
    name: str
    language: str


async def look_ahead(database: Database, office: Office, programme_id: str, now: datetime) -> Preview:
    """What the programme would send within the next 31 days. Raises ProgrammeNotFound."""
    async with database.read() as session:
        await programmes.get_programme(session, office, programme_id)
    return await preview(database, office, Asked(Span(now, now + LONGEST), programme_id), now)


async def send_test(
    session: WriteSession, office: Office, programme_id: str, to: str, *, by: str, now: datetime
) -> Tested:
    """Puts the programme's first message, filled with examples, into the outbox for one person.

    Raises:
        ProgrammeNotFound, NobodyToTest, NothingToSay
    """
    listed = await programmes.get_programme(session, office, programme_id)
    address = await _find_address(session, office, to)
    text = await _text(session, listed.programme, listed.rule, address)
    channel = PUSH_CHANNELS[address.account.partition(":")[0]]
    key = f"test:{token_hex(8)}"
    (call, *_) = write_payloads(address.external_id, text, channel)
    draft = DeliveryDraft(
        account=address.account,
        lane=address.external_id,
        kind=DeliveryKind.SERVICE,
        payload=call.model_dump(mode="json"),
        dedupe_key=key,
        due_at=now,
    )
    await outbox.enqueue(session, draft)
    audit.record(session, actor=by, action="programmes.test", object=f"programme:{programme_id}", now=now)
    delivery_id = await session.scalar(select(Delivery.id).where(Delivery.dedupe_key == key))
    assert delivery_id is not None
    return Tested(delivery_id, text)


def first_words(programme: Programme) -> Step | None:
    """The step with which the programme speaks first; None: it only has somebody called."""
    return next((step for step in programme.step if step.do is Do.SAY), None)


async def _text(session: ReadSession, programme: Programme, rule: str, address: _Address) -> str:
    step = first_words(programme)
    if step is None:
        raise NothingToSay(f"{programme.id} says nothing itself: its steps are calls")
    payload = FollowUpPayload(
        follow_up=0,
        programme=programme.id,
        rule=rule,
        kind=MessageKind(programme.kind.value),
        text=step.text,
        more=step.first_time,
        slots={name: words for name, words in _EXAMPLES.items() if name in slots_of(programme.trigger)},
    )
    voice = Texts.shipped().voice(address.language, (await read_shop(session))[0])
    return compose(payload, voice, address.name)


async def _find_address(session: ReadSession, office: Office, to: str) -> _Address:
    """A colleague's own account first, then a customer by the shop's number for them."""
    query = select(AgentAddress.account, AgentAddress.external_id).join(Agent, Agent.id == AgentAddress.agent_id)
    for row in await session.execute(query.where(Agent.name == to)):
        if row.account.partition(":")[0] in PUSH_CHANNELS:
            return _Address(row.account, row.external_id, to, office.staff_language)
    customer = await customer_service.find_by_external_id(session, to)
    if customer is not None:
        theirs = await session.scalars(select(ChannelIdentity).where(ChannelIdentity.customer_id == customer.id))
        for one in theirs:
            if one.account.partition(":")[0] in PUSH_CHANNELS and one.reachable:
                return _Address(one.account, one.external_id, customer.name or "", customer.language or office.language)
    raise NobodyToTest(
        f"{to!r} is no number of a customer whom a message can be sent to;"
        " name one who has written to the bot, such as your own (kefu customers show ID)"
    )
