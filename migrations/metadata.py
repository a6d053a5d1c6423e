"""Every table of the product, known to one metadata: what migrations are compared with."""

import admin.models
import bot.telegram.models
import bot.web.models
import conversations.desk_models
import conversations.file_models
import conversations.models
import conversations.notice_models
import conversations.prompt_models
import core.rulebook
import core.shop
import customers.code_models
import customers.models
import customers.privacy_models
import customers.segment_models
import customers.task_models
import knowledge_base.models
import scheduler.models
import staff.models
import tickets.models
import tickets.money_models
from core.database import Base

__all__ = ["metadata"]

metadata = Base.metadata
_OWNERS = (
    admin.models,
    bot.telegram.models,
    bot.web.models,
    conversations.desk_models,
    conversations.file_models,
    conversations.models,
    conversations.notice_models,
    conversations.prompt_models,
    core.rulebook,
    core.shop,
    customers.code_models,
    customers.models,
    customers.privacy_models,
    customers.segment_models,
    customers.task_models,
    knowledge_base.models,
    scheduler.models,
    staff.models,
    tickets.models,
    tickets.money_models,
)
