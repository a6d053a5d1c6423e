"""Every table of the product, known to one metadata: what migrations are compared with."""

import admin.models
import conversations.models
import core.rulebook
import core.shop
import customers.models
import knowledge_base.models
import staff.models
from core.database import Base

__all__ = ["metadata"]

metadata = Base.metadata
_OWNERS = (
    admin.models,
    conversations.models,
    core.rulebook,
    core.shop,
    customers.models,
    knowledge_base.models,
    staff.models,
)
