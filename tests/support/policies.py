"""The shipped rules of tickets and of what may be sent, with a secret for tests."""

from zoneinfo import ZoneInfo

from conversations.admission import Admission
from conversations.contact_rules import CONTACT
from core.rulebook import Rulebook
from core.secretbox import SecretBox
from tickets.policy import Policies

POLICIES = Policies(ZoneInfo("Asia/Shanghai"), SecretBox("a secret for tests, of forty characters."))


def admission(policies: Policies = POLICIES) -> Admission:
    """What an outbox asks before it sends, as in the program."""
    return Admission(Rulebook([CONTACT]), policies.zone, policies=policies)
