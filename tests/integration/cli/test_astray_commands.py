"""What went astray, from the command line: looked at, tried again, given up."""

import asyncio

from conversations.channels import TEST
from conversations.models import Delivery, InboxEvent
from conversations.repository import ensure_account
from conversations.values import DeliveryKind, DeliveryState, InboxState
from core.clock import SystemClock
from core.database import Database
from core.settings import load_settings
from tests.support.command_line import CommandLine

ACCOUNT = "test:bot"


async def lose() -> None:
    """Two events and two replies."""
    database, now = Database(load_settings().database_url), SystemClock().now()
    async with database.write() as session:
        await ensure_account(session, ACCOUNT, TEST, now)
        for number in (1, 2):
            event = InboxEvent(
                account=ACCOUNT, external_id=f"{number}", lane="may", raw={}, due_at=now, state=InboxState.PARKED,
                received_at=now, attempt=5, error="Undecodable: a field is missing",
            )  # fmt: skip
            reply = Delivery(
                account=ACCOUNT, lane="may", kind=DeliveryKind.REPLY, payload={}, dedupe_key=f"{number}", due_at=now,
                state=DeliveryState.UNKNOWN, because="sender_stopped", attempt=1,
            )  # fmt: skip
            session.add_all((event, reply))
    await database.close()


def test_events_are_listed_retried_and_dismissed(kefu: CommandLine) -> None:
    assert kefu("inbox", "list").out == "Nothing is parked.\n"
    asyncio.run(lose())
    first, second = kefu("inbox", "list", "--json").json["items"]
    assert (first["account"], first["error"]) == (ACCOUNT, "Undecodable: a field is missing")
    assert "will be handled again" in kefu("inbox", "retry", str(first["id"])).out
    assert [row["id"] for row in kefu("inbox", "list", "--json").json["items"]] == [second["id"]]
    assert "is dismissed" in kefu("inbox", "dismiss", str(second["id"])).out
    assert kefu("inbox", "list", "--json").json == {"items": []}
    again = kefu("inbox", "retry", str(second["id"]))
    assert (again.code, "is dismissed, not parked" in again.err) == (1, True)


def test_deliveries_are_listed_sent_again_and_dismissed(kefu: CommandLine) -> None:
    assert kefu("outbox", "list").out == "Everything was delivered.\n"
    asyncio.run(lose())
    first, second = kefu("outbox", "list", "--json").json["items"]
    assert (first["state"], first["because"]) == ("unknown", "sender_stopped")
    assert "will be sent again" in kefu("outbox", "resend", str(first["id"])).out
    assert [row["id"] for row in kefu("outbox", "list", "--json").json["items"]] == [second["id"]]
    assert "is dismissed" in kefu("outbox", "dismiss", str(second["id"])).out
    assert kefu("outbox", "list", "--json").json == {"items": []}
    again = kefu("outbox", "resend", str(first["id"]))
    assert (again.code, "is pending" in again.err) == (1, True)
