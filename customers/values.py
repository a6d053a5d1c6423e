"""What is known of a customer, as plain values."""

from enum import StrEnum


class Tier(StrEnum):
    VIP = "vip"
    GOLD = "gold"
    SILVER = "silver"
    STANDARD = "standard"


class ConsentKind(StrEnum):
    """What a customer may allow. Service messages about one's own matters need no consent."""

    CARE = "care"
    PROMOTION = "promotion"


class BirthdayCalendar(StrEnum):
    GREGORIAN = "gregorian"
    LUNAR = "lunar"


class OrderStatus(StrEnum):
    PLACED = "placed"
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
