"""Why staff cannot speak in a conversation."""

from core.errors import Conflict, NotAllowed


class NotTaken(Conflict):
    """Nobody has taken the conversation yet; whoever replies takes it first."""

    code = "not_taken"


class TakenByOther(NotAllowed):
    """Only the person who took a conversation speaks in it."""

    code = "taken_by_other"


class NobodyToTalkTo(Conflict):
    """The customer has never written on any channel."""

    code = "no_conversation"


class CaseMoved(Conflict):
    """The conversation has a ticket since a moment ago: what was asked can be asked again."""

    code = "case_moved"
