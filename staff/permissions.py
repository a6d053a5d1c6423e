"""Who may do what: one table for HTTP, the desk and the pages. What has no row is denied."""

from collections.abc import Mapping
from enum import StrEnum

from staff.values import Actor, Role


class Action(StrEnum):
    """What can be asked for. The names are stable: the audit book and the tests know them."""

    POST_MESSAGE = "messages.post"
    READ_OUTGOING = "outgoing.read"
    READ_MESSAGES = "conversations.messages"
    READ_FILE = "files.read"
    UPLOAD_FILE = "files.upload"
    LIST_CONVERSATIONS = "conversations.list"
    TAKE_CONVERSATION = "conversations.take"
    REPLY = "conversations.reply"
    CORRECT_REPLY = "messages.correct"
    HAND_BACK = "conversations.hand_back"
    READ_ARTICLES = "articles.read"
    EDIT_ARTICLES = "articles.edit"
    MARK_WRONG = "messages.wrong"
    SEARCH = "search"
    READ_SHOP = "shop.read"
    EDIT_SHOP = "shop.edit"
    HANDLE_INBOX = "inbox.handle"
    LIST_DELIVERIES = "deliveries.list"
    RESEND_DELIVERY = "deliveries.resend"
    DISMISS_DELIVERY = "deliveries.dismiss"
    READ_AUDIT = "audit.read"
    READ_CUSTOMERS = "customers.read"
    EDIT_CUSTOMERS = "customers.edit"
    MERGE_CUSTOMERS = "customers.merge"
    EXPORT_CUSTOMERS = "customers.export"
    ERASE_CUSTOMERS = "customers.erase"
    READ_ORDERS = "orders.read"
    POST_ORDERS = "orders.post"
    READ_SEGMENTS = "segments.read"
    HANDLE_TASKS = "tasks.handle"
    READ_RULES = "rules.read"
    TRY_RULES = "rules.try"
    PUBLISH_RULES = "rules.publish"
    READ_TICKETS = "tickets.read"
    WORK_ON_TICKETS = "tickets.work"
    READ_COMPENSATION = "compensation.read"
    GIVE_COMPENSATION = "compensation.give"
    DECIDE_COMPENSATION = "compensation.decide"
    REDEEM_VOUCHERS = "vouchers.redeem"
    READ_LEDGER = "ledger.read"
    READ_TEAMS = "teams.read"
    EDIT_TEAMS = "teams.edit"
    READ_FOLLOW_UPS = "follow_ups.read"
    CANCEL_FOLLOW_UPS = "follow_ups.cancel"
    HOLD_FOLLOW_UPS = "follow_ups.hold"
    SWITCH_PROGRAMMES = "programmes.switch"
    POST_EVENTS = "events.post"
    READ_STAFF = "staff.read"
    EDIT_STAFF = "staff.edit"
    BE_AT_WORK = "staff.self"
    EDIT_DESKS = "desks.edit"
    READ_CANNED = "canned.read"
    EDIT_CANNED = "canned.edit"
    READ_QUEUE = "reports.queue"
    BLOCK_CUSTOMERS = "customers.block"


#: The lowest role of each action. `channel` actions are for other systems and for admins.
LOWEST: Mapping[Action, Role] = {
    Action.POST_MESSAGE: Role.CHANNEL,
    Action.READ_OUTGOING: Role.CHANNEL,
    Action.READ_MESSAGES: Role.AGENT,  # and a channel, its own account's
    Action.READ_FILE: Role.AGENT,  # and a channel, its own account's
    Action.UPLOAD_FILE: Role.AGENT,  # and a channel, for its own account's messages
    Action.LIST_CONVERSATIONS: Role.AGENT,
    Action.TAKE_CONVERSATION: Role.AGENT,
    Action.REPLY: Role.AGENT,
    Action.CORRECT_REPLY: Role.AGENT,  # her own
    Action.HAND_BACK: Role.AGENT,
    Action.READ_ARTICLES: Role.AGENT,
    Action.EDIT_ARTICLES: Role.ADMIN,
    Action.MARK_WRONG: Role.AGENT,
    Action.SEARCH: Role.AGENT,
    Action.READ_SHOP: Role.AGENT,
    Action.EDIT_SHOP: Role.ADMIN,
    Action.HANDLE_INBOX: Role.SUPERVISOR,
    Action.LIST_DELIVERIES: Role.AGENT,
    Action.RESEND_DELIVERY: Role.AGENT,  # an agent her own replies, a supervisor any
    Action.DISMISS_DELIVERY: Role.SUPERVISOR,
    Action.READ_AUDIT: Role.ADMIN,
    Action.READ_CUSTOMERS: Role.AGENT,
    Action.EDIT_CUSTOMERS: Role.AGENT,
    Action.MERGE_CUSTOMERS: Role.SUPERVISOR,
    Action.EXPORT_CUSTOMERS: Role.ADMIN,
    Action.ERASE_CUSTOMERS: Role.ADMIN,
    Action.READ_ORDERS: Role.AGENT,
    Action.POST_ORDERS: Role.AGENT,  # and any channel
    Action.READ_SEGMENTS: Role.AGENT,
    Action.HANDLE_TASKS: Role.AGENT,
    Action.READ_RULES: Role.AGENT,
    Action.TRY_RULES: Role.SUPERVISOR,
    Action.PUBLISH_RULES: Role.ADMIN,
    Action.READ_TICKETS: Role.AGENT,
    Action.WORK_ON_TICKETS: Role.AGENT,  # a colleague's: a supervisor
    Action.READ_COMPENSATION: Role.AGENT,
    Action.GIVE_COMPENSATION: Role.AGENT,  # within one's limit
    Action.DECIDE_COMPENSATION: Role.SUPERVISOR,  # never one's own
    Action.REDEEM_VOUCHERS: Role.AGENT,  # and any channel
    Action.READ_LEDGER: Role.SUPERVISOR,
    Action.READ_TEAMS: Role.AGENT,
    Action.EDIT_TEAMS: Role.ADMIN,
    Action.READ_FOLLOW_UPS: Role.AGENT,
    Action.CANCEL_FOLLOW_UPS: Role.AGENT,
    Action.HOLD_FOLLOW_UPS: Role.SUPERVISOR,
    Action.SWITCH_PROGRAMMES: Role.ADMIN,
    Action.POST_EVENTS: Role.CHANNEL,
    Action.READ_STAFF: Role.SUPERVISOR,
    Action.EDIT_STAFF: Role.ADMIN,
    Action.BE_AT_WORK: Role.AGENT,  # of oneself
    Action.EDIT_DESKS: Role.ADMIN,
    Action.READ_CANNED: Role.AGENT,
    Action.EDIT_CANNED: Role.SUPERVISOR,
    Action.READ_QUEUE: Role.SUPERVISOR,
    Action.BLOCK_CUSTOMERS: Role.AGENT,
}

#: What another system may do beside its `channel` actions, on objects of its own account.
_OWN_ACCOUNT = frozenset(
    {Action.READ_MESSAGES, Action.READ_FILE, Action.UPLOAD_FILE, Action.POST_ORDERS, Action.REDEEM_VOUCHERS}
)
#: What below a supervisor is allowed only on one's own.
_OWN_ONLY = frozenset({Action.RESEND_DELIVERY})


def may(actor: Actor, action: Action, *, own: bool = True) -> bool:
    """Whether `actor` may do `action` to an object; `own`: it is theirs (account, reply)."""
    if actor.role is Role.CHANNEL and action in _OWN_ACCOUNT:
        return own
    if action in _OWN_ONLY and not own:
        return actor.is_at_least(Role.SUPERVISOR)
    lowest = LOWEST.get(action)
    return lowest is not None and actor.is_at_least(lowest)
