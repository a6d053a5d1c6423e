"""The shipped rules of tickets, with a secret for tests."""

from zoneinfo import ZoneInfo

from core.secretbox import SecretBox
from tickets.policy import Policies

POLICIES = Policies(ZoneInfo("Asia/Shanghai"), SecretBox("a secret for tests, of forty characters."))
