"""What follow-ups are made with, as every process, route and command uses it."""

from core.rulebook import Rulebook
from core.settings import Settings
from scheduler.planner import Office


def office_of(settings: Settings, rulebook: Rulebook) -> Office:
    """In the shop's zone; tasks and reasons in the language that staff read together."""
    staff_language = settings.staff_language or settings.language
    return Office(rulebook, settings.timezone, settings.language.value, staff_language.value)
