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
