"""Sends one bot's deliveries: in Telegram's pace, one call each, with an outcome for whatever happens."""

import structlog

from bot.telegram.desk.payloads import DeskPayload
from bot.telegram.desk.sending import DeskSender
from bot.telegram.desk.wording import Wording
from bot.telegram.line import Line
from bot.telegram.outcomes import TelegramOutcome
from bot.telegram.outgoing import FindFile, NothingToSend, Target, as_call
from conversations.deliveries import DEFAULT_PRIORITY, OF_DESK, REPLY_PRIORITY, Outcome, Refused, SendJob, Sent
from conversations.models import Delivery
from conversations.payloads import MessagePayload
from conversations.repository import list_ids
from conversations.values import DeliveryKind, DeliveryState
from core.clock import Clock
from core.database import Database
from tickets.vouchers import VoucherCodes

log = structlog.get_logger(__name__)

_AWAITED = (DeliveryKind.REPLY, DeliveryKind.AGENT_REPLY)


class TelegramSender:
    """The `Sender` of one bot account."""

    def __init__(
        self, line: Line, database: Database, clock: Clock, find_file: FindFile, codes: VoucherCodes, wording: Wording
    ) -> None:
        self._line = line
        self._database = database
        self._find_file = find_file
        self._codes = codes
        self._desk = DeskSender(line, database, clock, find_file, wording)

    async def send(self, job: SendJob) -> Outcome:
        try:
            if job.kind in OF_DESK:
                return await self._desk.send(job, DeskPayload.model_validate(job.payload))
            payload = MessagePayload.model_validate(job.payload)
            if payload.edits is not None:
                return await self._change(job, payload, payload.edits)
            return await self._line.heed(job, payload, await self._in_turn(job, payload))
        except ValueError as error:  # found before anything was written
            log.error("telegram.bad_payload", delivery_id=job.id, error=type(error).__name__)
            return Refused("bad_payload")
        except NothingToSend:
            return Refused("file_gone")

    async def _change(self, job: SendJob, payload: MessagePayload, delivery_id: int) -> Outcome:
        """The earlier delivery is finished by now, since a lane keeps its order. What never arrived is said anew."""
        async with self._database.read() as session:
            earlier = await session.get(Delivery, delivery_id)
        if earlier is not None and earlier.external_id:
            ids = tuple(int(number) for number in list_ids(earlier.external_id))
            target = Target(ids, has_media=bool(MessagePayload.model_validate(earlier.payload).attachments))
            return await self._line.heed(job, payload, await self._in_turn(job, payload, target))
        if not payload.takes_back:
            return await self._line.write_back(job, payload, edits=None)
        is_uncertain = earlier is not None and earlier.state is DeliveryState.UNKNOWN
        return Refused("perhaps_there") if is_uncertain else Sent()

    async def _in_turn(self, job: SendJob, payload: MessagePayload, target: Target | None = None) -> TelegramOutcome:
        # The code of a voucher stands in what is sent, never in what is kept.
        call = as_call(payload.model_copy(update={"text": self._codes.reveal(payload.text)}), self._find_file, target)
        priority = REPLY_PRIORITY if job.kind in _AWAITED else DEFAULT_PRIORITY
        return await self._line.call_in_turn(call, int(payload.to), priority, max(1, len(payload.attachments)))
