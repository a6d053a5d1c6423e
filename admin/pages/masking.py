"""Contacts as they stand on a card: enough to recognise, not to use. Pure."""


def masked(contact: str | None) -> str:
    """`+8613800138000` -> `+86 ··· 8000`, `may@example.com` -> `m···@example.com`."""
    if not contact:
        return ""
    name, at, host = contact.partition("@")
    if at:
        return f"{name[:1]}···@{host}"
    return f"{contact[:3]} ··· {contact[-4:]}"
