"""What staff write into a customer's timeline. Nothing here commits."""

from datetime import datetime

from core.database import WriteSession
from customers import service
from customers.models import CustomerNote
from customers.values import NoteKind


async def add_note(
    session: WriteSession, customer_id: int, kind: NoteKind, text: str, *, actor: str, now: datetime
) -> CustomerNote:
    """Raises CustomerNotFound."""
    customer = await service.get_customer(session, customer_id)
    note = CustomerNote(customer_id=customer.id, kind=kind, text=text, actor=actor, at=now)
    session.add(note)
    await session.flush()
    return note
