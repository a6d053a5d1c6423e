"""The rules that tests of follow-ups start from."""

from zoneinfo import ZoneInfo

from conversations.contact_rules import CONTACT
from core.rulebook import Rulebook
from customers.segment_rules import SEGMENTS
from scheduler.planner import Office
from scheduler.programme_rules import PROGRAMMES
from tickets.rules import TICKETS


def make_office() -> Office:
    """With a rulebook of its own: published versions of one test are not those of another."""
    return Office(Rulebook([CONTACT, PROGRAMMES, SEGMENTS, TICKETS]), ZoneInfo("Asia/Shanghai"))
