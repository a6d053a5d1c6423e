"""The last look before anything unasked goes out, inside the claim: asks the contact policy, and finds the words.

The customer is locked meanwhile: a "stop" that commits before the claim is seen, one that commits after it comes later
than what was claimed. Whoever is locked by somebody else has their turn a second later: nobody waits for anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import exists, select, update

from conversations import prompting, timeline
from conversations.channels import PUSH_CHANNELS
from conversations.contact_facts import Person, Told, lock_people, name_for
from conversations.contact_policy import Contact, Decision, Verdict, Wanted, may_send
from conversations.contact_rules import CONTACT, ContactRules, Reason
from conversations.deliveries import SendJob
from conversations.follow_up_words import FollowUpPayload, compose
from conversations.language import from_client
from conversations.models import Account, Conversation, Delivery
from conversations.payloads import write_payloads
from conversations.texts import Texts
from conversations.threads import Thread
from conversations.values import DeliveryKind, DeliveryState, Language, MessageKind, OutgoingMessage, Owner
from core.database import WriteSession
from core.outages import is_outage
from core.rulebook import Rulebook
from core.shop import read_shop
from customers.models import ChannelIdentity, Customer
from tickets import ledger
from tickets.policy import Policies

log = structlog.get_logger(__name__)

#: What the policy is asked about; everything else is an answer, or for staff.
ASKED = (DeliveryKind.FOLLOW_UP, DeliveryKind.SERVICE)
_A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Look:
    """One claimed delivery with what the policy needs beside the job itself."""

    job: SendJob
    row: Delivery
    person: Person


class Admission:
    """`zone` is the shop's, `language` that of customers who never said theirs. Without `policies` nothing is given."""

    def __init__(
        self,
        rulebook: Rulebook,
        zone: ZoneInfo,
        language: Language = Language.ZH,
        policies: Policies | None = None,
    ) -> None:
        self._policies = policies
        self._rulebook = rulebook
        self._zone = zone
        self._language = language

    async def admit(self, session: WriteSession, jobs: Sequence[SendJob], now: datetime) -> list[SendJob]:
        """Those of the claimed `jobs` that may go out now, with their words; the others wait or are skipped.

        On a pull channel what may go out is said and sent with this transaction, and is not among them.
        """
        asked = [job for job in jobs if job.kind in ASKED and job.customer_id is not None]
        if not asked:
            return list(jobs)
        rules = (await self._rulebook.current(session, CONTACT)).rules
        ids = {job.customer_id for job in asked if job.customer_id is not None}
        people = await lock_people(session, ids, rules, self._zone, now)
        rows = await _rows(session, asked)
        admitted: dict[int, SendJob | None] = {}
        for job in sorted(asked, key=lambda one: (rows[one.id].priority, one.id)):
            person = people.get(job.customer_id or 0)
            if person is None:
                await self._leave(session, job, now)
                admitted[job.id] = None
                continue
            look = Look(job, rows[job.id], person)
            admitted[job.id] = await self._decide_apart(session, look, rules, now)
            people[person.customer.id] = _with_told(person, rows[job.id], now, admitted[job.id])
        kept = (admitted.get(job.id, job) for job in jobs)
        return [job for job in kept if job is not None]

    async def _leave(self, session: WriteSession, job: SendJob, now: datetime) -> None:
        """Somebody else holds the customer at this moment; or there is nobody any more."""
        alive = Customer.merged_into_id.is_(None) & Customer.erased_at.is_(None)
        if await session.scalar(select(Customer.id).where(Customer.id == job.customer_id, alive)) is not None:
            await _put_off(session, job, now)
            return
        row = await session.get_one(Delivery, job.id, populate_existing=True)
        _hold_back(row, Decision(Verdict.SKIP, Reason.NO_CHANNEL, Reason.NO_CHANNEL.value))

    async def _decide_apart(
        self, session: WriteSession, look: Look, rules: ContactRules, now: datetime
    ) -> SendJob | None:
        """What cannot be put into words is given up: it must not hold up what others wait for."""
        try:
            async with session.begin_nested():
                return await self._decide(session, look, rules, now)
        except Exception as error:
            if is_outage(error):
                raise
            log.error("outbox.not_composed", delivery_id=look.job.id, exc_info=error)
            given_up = {"state": DeliveryState.FAILED, "because": "not_composed", "claim": None, "lease_until": None}
            await session.execute(update(Delivery).where(Delivery.id == look.job.id).values(given_up))
            await session.refresh(look.row)
            return None

    async def _decide(self, session: WriteSession, look: Look, rules: ContactRules, now: datetime) -> SendJob | None:
        row, person = look.row, look.person
        wanted = Wanted(_kind_of(row), row.expires_at, row.survey, await _is_outranked(session, look, now))
        recipient = person.recipient(row.account, row.lane, now)
        decision = may_send(wanted, recipient, person.history(row.id), now, rules)
        if decision.verdict is not Verdict.SEND:
            _hold_back(row, decision)
            return None
        row.admitted_at = now
        if row.kind is not DeliveryKind.FOLLOW_UP or row.message_id is not None:
            return look.job
        return await self._say(session, look, now)

    async def _say(self, session: WriteSession, look: Look, now: datetime) -> SendJob | None:
        """Writes the message into the timeline; on a push channel the job carries it."""
        payload = FollowUpPayload.model_validate(look.job.payload)
        thread = await _find_thread(session, look, now)
        if thread is None or (payload.gives_at_once and not await ledger.try_lock(session)):
            await _put_off(session, look.job, now)
            look.row.admitted_at = None
            return None
        said = await self._words(
            session, prompting.Occasion(payload, look.person.customer.id, now), look.person, thread
        )
        message = await timeline.say(session, thread, said, now, in_outbox=True)
        await session.flush()
        look.row.message_id, look.row.conversation_id = message.id, thread.conversation.id
        channel = PUSH_CHANNELS.get(thread.account.channel)
        if channel is None:
            look.row.state, look.row.sent_at, look.row.lease_until = DeliveryState.SENT, now, None
            return None
        (call,) = write_payloads(look.row.lane, said.text, channel, said.buttons)
        look.row.payload = call.model_dump(mode="json")
        return replace(
            look.job, payload=look.row.payload, message_id=message.id, conversation_id=thread.conversation.id
        )

    async def _words(
        self, session: WriteSession, occasion: prompting.Occasion, person: Person, thread: Thread
    ) -> OutgoingMessage:
        """What it says, with the gift that was granted for it, and the buttons that answer it."""
        facts, _ = await read_shop(session)
        language = _language(person, thread, self._language)
        voice = Texts.shipped().voice(language, facts)
        grant = await prompting.grant_gift(session, self._policies, occasion)
        gift = prompting.gift_slots(grant, person.zone, language) if grant else None
        text = compose(occasion.payload, voice, name_for(person.customer, language), gift)
        buttons = prompting.open_prompt(thread.conversation, occasion, grant.id if grant else None, voice)
        return OutgoingMessage(text, buttons, kind=occasion.payload.kind)


def _kind_of(row: Delivery) -> MessageKind:
    return row.purpose or MessageKind.SERVICE


def _language(person: Person, thread: Thread, otherwise: Language) -> Language:
    """What the customer chose, then what their file says, then what was spoken last."""
    spoken = from_client(thread.conversation.language)
    if thread.conversation.chosen_language and spoken:
        return spoken
    return from_client(person.customer.language) or spoken or otherwise


def _with_told(person: Person, row: Delivery, now: datetime, job: SendJob | None) -> Person:
    """What has just been let out counts for whatever else of this claim is for the same customer."""
    is_out = job is not None or row.state is DeliveryState.SENT
    if not is_out or row.purpose is None:
        return person
    return replace(person, told=(*person.told, Told(row.id, Contact(now, row.purpose, row.survey))))


def _hold_back(row: Delivery, decision: Decision) -> None:
    row.because, row.claim, row.lease_until = decision.because.value, None, None
    row.attempt -= 1
    if decision.verdict is Verdict.SKIP:
        row.state = DeliveryState.SKIPPED
    else:
        # Not `retry_at`, which would keep its place in the lane: answers need not wait for a greeting.
        row.state, row.due_at, row.retry_at = DeliveryState.PENDING, decision.until or row.due_at, None
    if row.kind is DeliveryKind.FOLLOW_UP and "follow_up" in row.payload:
        row.payload = {**row.payload, "decided": {"rule": decision.rule, **decision.values}}


async def _put_off(session: WriteSession, job: SendJob, now: datetime) -> None:
    """Somebody else holds the customer or the conversation at this moment."""
    await session.execute(
        update(Delivery)
        .where(Delivery.id == job.id)
        .values(
            state=DeliveryState.PENDING,
            retry_at=now + _A_MOMENT,
            attempt=Delivery.attempt - 1,
            claim=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )


async def _rows(session: WriteSession, jobs: Sequence[SendJob]) -> dict[int, Delivery]:
    query = select(Delivery).where(Delivery.id.in_([job.id for job in jobs]))
    found = await session.scalars(query.execution_options(populate_existing=True))
    return {row.id: row for row in found}


async def _is_outranked(session: WriteSession, look: Look, now: datetime) -> bool:
    """Whether something more important for the same customer is due in the outbox as well, or has just been let out."""
    if look.row.kind is not DeliveryKind.FOLLOW_UP or look.row.purpose is MessageKind.SERVICE:
        return False
    if any(told.contact.at == now and told.delivery_id != look.row.id for told in look.person.told):
        return True
    rival = exists().where(
        Delivery.customer_id == look.row.customer_id,
        Delivery.kind == DeliveryKind.FOLLOW_UP,
        Delivery.purpose != MessageKind.SERVICE,
        Delivery.state == DeliveryState.PENDING,
        Delivery.due_at <= now,
        Delivery.priority < look.row.priority,
        Delivery.id != look.row.id,
    )
    return bool(await session.scalar(select(rival)))


async def _find_thread(session: WriteSession, look: Look, now: datetime) -> Thread | None:
    """The conversation on the delivery's address, locked, begun where there is none.

    None while somebody holds it, or if somebody has taken it since the policy was asked.
    """
    identity = look.person.addresses[(look.row.account, look.row.lane)]
    account = await session.get(Account, look.row.account)
    assert account is not None, "a delivery names an account that exists"
    query = select(Conversation).where(Conversation.account == account.name, Conversation.identity_id == identity.id)
    locked = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    conversation = await session.scalar(locked)
    if conversation is None:
        if await session.scalar(query) is not None:
            return None
        conversation = await _begin(session, identity, now)
    if conversation.owner is Owner.TAKEN and not look.person.with_person:
        return None
    return Thread(conversation, account, identity)


async def _begin(session: WriteSession, identity: ChannelIdentity, now: datetime) -> Conversation:
    conversation = Conversation(
        account=identity.account, identity_id=identity.id, customer_id=identity.customer_id, last_at=now, created_at=now
    )
    session.add(conversation)
    await session.flush()
    return conversation
