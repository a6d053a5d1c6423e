"""Consent that is looked up when a follow-up is planned, and not when it goes out: a "stop" comes too late."""

from datetime import datetime

from conversations.admission import Admission, Look
from conversations.contact_rules import ContactRules
from conversations.deliveries import SendJob
from core.database import Database, WriteSession
from scheduler.planner import Office
from tests.integration.follow_ups.stops import race
from tests.integration.follow_ups.test_kill import prepare


class AsksNobody(Admission):
    async def _decide(self, session: WriteSession, look: Look, rules: ContactRules, now: datetime) -> SendJob | None:
        return await self._say(session, look, now)


def careless(office: Office) -> Admission:
    return AsksNobody(office.rulebook, office.zone)


async def test_an_outbox_that_does_not_ask_again_writes_to_people_who_said_stop(database: Database) -> None:
    await prepare(database, 100)
    assert (await race(database, 100, seed=1, make_admission=careless)).after_stop != []
