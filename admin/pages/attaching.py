"""Files of a reply that is being written: kept from the first time that it is sent, however often it is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, File, Form, UploadFile

from admin.api.context import ApiContext, Context
from admin.api.file_links import Files, FilesDoor
from admin.api.files import keep_upload
from admin.pages.visitor import Viewer
from conversations import repository as conversations
from conversations import uploads
from conversations.desk import cases
from conversations.desk.errors import NobodyToTalkTo
from conversations.uploads import Taker, Uploader
from conversations.values import Attachment
from core.errors import InvalidInput
from tickets import repository
from tickets.policy import Work

_Sent = Annotated[list[UploadFile] | None, File(max_length=uploads.MOST_FILES)]
_Kept = Annotated[list[str] | None, Form(max_length=uploads.MOST_FILES)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """`sent` comes with the form, `kept` did so before."""

    context: ApiContext
    files: Files
    sent: Sequence[UploadFile]
    kept: Sequence[str]

    async def keep(self, viewer: Viewer) -> list[str]:
        """The ids of all of them.

        Raises:
            FileRefused, LimitExceeded
            InvalidInput: too many for one message.
        """
        if len(self.kept) + len(self.sent) > uploads.MOST_FILES:
            raise InvalidInput(f"{uploads.MOST_FILES} files at most", {"sent": "are too many"})
        database, uploader, now = self.context.database, Uploader(agent_id=viewer.actor.id), self.context.clock.now()
        new = [await keep_upload(database, self.files, uploader, one, now) for one in self.sent]
        return [*self.kept, *(one.id for one in new if one.id is not None)]


async def _chosen(context: Context, files: FilesDoor, sent: _Sent = None, kept: _Kept = None) -> Chosen:
    return Chosen(context, files, [one for one in sent or () if one.filename], kept or ())


ChosenFiles = Annotated[Chosen, Depends(_chosen)]


async def attach(work: Work, viewer: Viewer, number: int, file_ids: list[str]) -> tuple[Attachment, ...]:
    """The files as parts of a message to the customer of the case.

    Raises:
        TicketNotFound, UploadNotFound
        NobodyToTalkTo: the customer has not written on any channel.
    """
    if not file_ids:
        return ()
    ticket = await repository.get_ticket(work.session, number)
    place = await cases.find_place(work.session, ticket.customer_id, ticket.identity_id)
    if place is None:
        raise NobodyToTalkTo("this customer has not written on any channel; call or write to them, and make a note")
    conversation = await conversations.get_conversation(work.session, place)
    taker = Taker(conversation.account, conversation.customer_id)
    return await uploads.attach(work.session, Uploader(agent_id=viewer.actor.id), file_ids, taker, work.now)
