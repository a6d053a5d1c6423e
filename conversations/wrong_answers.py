"""An agent says that the bot answered wrongly: it becomes a labelled question."""

from sqlalchemy import select

from conversations.models import Conversation, Message
from conversations.values import Author
from core.database import ReadSession, WriteSession
from core.errors import Conflict, NotFound
from knowledge_base.article_audit import Edit
from knowledge_base.labels import set_label
from knowledge_base.masking import mask
from knowledge_base.models import LabelledQuestion
from knowledge_base.question_log import find_question


class UnknownMessage(NotFound):
    code = "unknown_message"


class NoAnswer(Conflict):
    """The message is not an answer of the bot's, or what was asked is not kept any more."""

    code = "no_answer"


async def mark_wrong(session: WriteSession, message_id: int, article: str | None, edit: Edit) -> LabelledQuestion:
    """`article`: the key of the one that answers it; None: nothing does, and the question counts as unanswered.

    Raises:
        UnknownMessage, NoAnswer
        InvalidInput: there is no such article.
    """
    message = await session.get(Message, message_id)
    if message is None:
        raise UnknownMessage(f"there is no message {message_id}")
    if message.author is not Author.BOT or message.answer_to is None:
        raise NoAnswer("only what the bot answered can be marked wrong")
    conversation = await session.get_one(Conversation, message.conversation_id)
    asked = await find_question(session, conversation.customer_id, message.at)
    text = asked.text if asked else mask(await _words_before(session, message))
    if not text.strip():
        raise NoAnswer("what was asked is not kept any more")
    if asked is not None:
        asked.helpful = False
        asked.ungrouped = asked.group_id is None and article is None
    asked_by = conversation.customer_id
    label, _is_new = await set_label(
        session, text, article, conversation.language, edit, must_exist=True, customer_id=asked_by
    )
    return label


async def _words_before(session: ReadSession, message: Message) -> str:
    """What the customer wrote that this answers."""
    query = select(Message.text).where(
        Message.conversation_id == message.conversation_id,
        Message.author == Author.CUSTOMER,
        Message.answer_to == message.answer_to,
    )
    return "\n".join(await session.scalars(query.order_by(Message.seq)))
