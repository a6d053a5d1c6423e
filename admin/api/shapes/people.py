"""Customers as other shapes name them."""

from pydantic import BaseModel, Field

from customers.models import ChannelIdentity, Customer


class CustomerShape(BaseModel):
    """`verified`: who they say they are has been proven on this channel."""

    id: int = Field(examples=[12])
    external_id: str | None = Field(description="The shop's own number for them.", examples=["C-1001"])
    name: str | None = Field(examples=["王小姐"])
    verified: bool


def customer_shape(customer: Customer, identity: ChannelIdentity | None) -> CustomerShape:
    return CustomerShape(
        id=customer.id,
        external_id=customer.external_id,
        name=customer.name or (identity.display_name if identity else None),
        verified=identity is not None and identity.verified,
    )
