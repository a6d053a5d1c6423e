"""What `kefu doctor` reports."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` is what to do when it is not well."""

    name: str
    well: bool
    found: str
    remedy: str = ""
