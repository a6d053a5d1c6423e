"""Clocks of promises as one would write them at first."""

from dataclasses import replace
from datetime import datetime, timedelta

from tickets.sla import Clock, Hours


class CountsEveryMinute(Clock):
    """Knows no opening hours."""

    def used(self, hours: Hours, now: datetime) -> timedelta:
        return self.spent + (now - self.since if self.since else timedelta())


class ForgetsThePause(Clock):
    """Goes on from where it was started first, as if nobody had been waited for."""

    def paused(self, hours: Hours, now: datetime) -> Clock:
        return replace(self, since=self.since)


class EndsWithThePlan(Clock):
    """Takes a date that was given for the end: nothing is watched any more."""

    def due_at(self, hours: Hours) -> datetime | None:
        return None if self.plan else super().due_at(hours)


class CountsOnUnderThePlan(Clock):
    """Uses up the promise that the date has kept."""

    def used(self, hours: Hours, now: datetime) -> timedelta:
        return self.spent + hours.counted(self.count).between(self.since or now, now)
