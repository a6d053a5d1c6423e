"""The rules of tickets as every door uses them."""

from admin.rule_kinds import make_rulebook
from core.secretbox import SecretBox
from core.settings import Settings
from tickets.policy import Policies


def make_policies(settings: Settings, secretbox: SecretBox) -> Policies:
    """In the shop's zone; reasons in the language that staff read together."""
    language = settings.staff_language or settings.language
    return Policies(settings.timezone, secretbox, language.value, make_rulebook())
