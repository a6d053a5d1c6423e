"""What people answered where the bot could not."""

from datetime import timedelta

from sqlalchemy import select

from conversations.models import Conversation, Message
from conversations.values import Author
from core.database import ReadSession
from knowledge_base.masking import mask
from knowledge_base.models import QuestionLog

#: An agent's word belongs to a question for so long.
_BELONGS = timedelta(hours=24)
_QUESTIONS, _REPLIES = 20, 5


async def find_agent_answer(session: ReadSession, group_id: int) -> str | None:
    """What an agent told one of those who asked, the newest first: the longest of the first replies, masked."""
    query = select(QuestionLog.customer_id, QuestionLog.at).where(
        QuestionLog.group_id == group_id, QuestionLog.customer_id.is_not(None)
    )
    for customer_id, at in await session.execute(query.order_by(QuestionLog.id.desc()).limit(_QUESTIONS)):
        replies = (
            select(Message.text)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Conversation.customer_id == customer_id, Message.author == Author.AGENT, Message.text != "")
            .where(Message.at > at, Message.at <= at + _BELONGS)
            .order_by(Message.at)
            .limit(_REPLIES)
        )
        said = list(await session.scalars(replies))
        if said:
            return mask(max(said, key=len))
    return None
