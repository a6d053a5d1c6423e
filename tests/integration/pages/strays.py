"""What goes astray in a shop: an event that was put aside, a reply that is not known to have arrived."""

from conversations import repository
from conversations.channels import TEST
from conversations.desk import speaking
from conversations.models import Conversation, Delivery, InboxEvent
from conversations.values import DeliveryKind, DeliveryState, InboxState, Said, Visitor
from staff import service as staff_service
from tests.support.app import RunningApp


async def parked(app: RunningApp, text: str = "hello, call me: 13800138000") -> int:
    """An event that was put aside though nothing is wrong with it any more."""
    now = app.clock.now()
    said = Said(visitor=Visitor(external_id="ann"), at=now, message_id=text, text=text)
    async with app.database.write() as session:
        await repository.ensure_account(session, "test:bot", TEST, now)
        event = InboxEvent(
            account="test:bot", external_id=text, lane="ann", raw=said.model_dump(mode="json"), due_at=now,
            state=InboxState.PARKED, received_at=now, attempt=3, error="ValueError: <nonsense> of may@example.com",
        )  # fmt: skip
        session.add(event)
        await session.flush()
        return event.id


async def troubled(app: RunningApp, number: int, name: str, state: DeliveryState, author: str | None = None) -> int:
    """A reply of somebody's about a case that is not known to have arrived; as if `author` had written it."""
    now = app.clock.now()
    async with app.database.write() as session:
        await repository.ensure_account(session, "test:bot", TEST, now)
        agent = staff_service.as_actor(await staff_service.get_agent(session, name))
        work = await app.services.policies.work(session, now, name)
        _, reply = await speaking.reply(work, agent, number, "A new tin is on its way.")
        reply.agent_id = (await staff_service.get_agent(session, author or name)).id
        talk = await session.get_one(Conversation, reply.conversation_id)
        delivery = Delivery(
            account="test:bot", lane="x", kind=DeliveryKind.AGENT_REPLY, payload={}, dedupe_key=f"{reply.id}",
            message_id=reply.id, conversation_id=talk.id, customer_id=talk.customer_id, state=state, due_at=now,
            because="sender_stopped",
        )  # fmt: skip
        session.add(delivery)
        await session.flush()
        return delivery.id
