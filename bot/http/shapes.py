"""What other systems post and read."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from admin.api.fields import Body, Language, Line, ShortLine, Text, Timezone
from admin.api.shapes.message import MessageShape
from conversations.uploads import MOST_FILES
from conversations.values import Owner


class PostedMessage(Body):
    """One message of one customer. `customer` is the shop's own number for them (with own ids: the system's)."""

    customer: Annotated[ShortLine, Field(examples=["C-1001"])]
    message_id: Annotated[Line, Field(examples=["m-77"], description="Yours; it counts once.")]
    text: Annotated[Text, Field(examples=["什么时候发货？"])] = ""
    attachments: list[ShortLine] = Field(
        default=[], max_length=MOST_FILES, description="Ids of files that `POST /files` gave."
    )
    button: Annotated[Line | None, Field(description="The `id` of a button; then without `text`.")] = None
    name: Line | None = None
    language: Language | None = None
    timezone: Timezone | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.button is not None and (self.text or self.attachments):
            raise ValueError("send text and files, or a button, not both")
        return self


class PostedAnswer(BaseModel):
    """`messages` is empty while a person has taken the conversation: look at `/outgoing`. Show each `id` once."""

    conversation: int = Field(examples=[7])
    state: Owner
    messages: list[MessageShape]


class OutgoingItem(BaseModel):
    customer: str = Field(
        description="As it was posted. Of somebody who was erased there is the last word to them alone, with "
        "`erased-N` here, as nobody knows the number any more; `conversation` is the one that their answers came with.",
        examples=["C-1001"],
    )
    conversation: int
    message: MessageShape


class OutgoingPage(BaseModel):
    items: list[OutgoingItem]
    next_cursor: str = Field(description="Pass it as `after` to read on, now or later.")
