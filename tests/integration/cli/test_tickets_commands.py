"""The owner's commands for what belongs to complaints."""

import asyncio
from pathlib import Path

from bot.bootstrap.policies import make_policies
from bot.bootstrap.storage import open_secretbox
from core.clock import SystemClock
from core.database import Database
from core.money import Money
from core.settings import load_settings
from customers.profile import ProfileChanges
from customers.service import Writer, create_customer
from customers.values import Origin
from staff import service as staff_service
from tests.support.command_line import CommandLine
from tickets import grants
from tickets.grants import Request
from tickets.values import GrantKind
from tickets.values import Origin as For


async def give(kind: GrantKind) -> tuple[int, str]:
    """What `li` promised to a customer who said yes: its id, and its code."""
    settings, now = load_settings(), SystemClock().now()
    database = Database(settings.database_url)
    policies = make_policies(settings, open_secretbox(settings))
    async with database.write() as session:
        li = staff_service.as_actor(await staff_service.get_agent(session, "li"))
        writer = Writer("li", Origin.AGENT)
        customer, _ = await create_customer(session, ProfileChanges(external_id="C-1", name="李"), writer, now)
        work = await policies.work(session, now, "li")
        asked = Request(kind=kind, money=Money(1_240, "CNY"), customer_id=customer.id, origin=For.GOODWILL)
        grant = await grants.request(work, asked, li)
        await grants.offer(work, grant.id, li)
        await grants.accept(work, grant.id)
    await database.close()
    return grant.id, policies.codes.code(grant.id)


def test_what_is_to_pay_is_listed_and_reported_as_paid(kefu: CommandLine) -> None:
    kefu("staff", "add", "li", "--role", "agent")
    grant_id, _ = asyncio.run(give(GrantKind.REFUND))
    (row,) = kefu("compensation", "list", "--to-pay", "--json").json["items"]
    assert (row["id"], row["state"], row["amount_minor"]) == (grant_id, "accepted", 1_240)
    assert row["customer"]["name"] == "李"
    assert "12.40 CNY" in kefu("compensation", "issue", str(grant_id), "--reference", "ALIPAY-1").out
    assert "Nothing is to be paid" in kefu("compensation", "list", "--to-pay").out
    again = kefu("compensation", "issue", str(grant_id), "--reference", "ALIPAY-2")
    assert (again.code, "is issued, not accepted" in again.err) == (1, True)


def test_a_voucher_is_redeemed_once(kefu: CommandLine) -> None:
    kefu("staff", "add", "li", "--role", "agent")
    _, code = asyncio.run(give(GrantKind.VOUCHER))
    assert kefu("vouchers", "check", code).out.startswith("12.40 CNY: good")
    assert kefu("vouchers", "redeem", code.lower(), "--order", "A-1", "--json").json["state"] == "redeemed"
    assert kefu("vouchers", "redeem", code).code == 1
    assert kefu("vouchers", "check", "0000").code == 1


def test_rules_are_read_out_in_words(kefu: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "tickets.toml"
    file.write_text(kefu("rules", "show", "tickets").out.replace("percent = 10,", "percent = 5,"), "utf-8")
    said = kefu("rules", "check", "tickets", str(file)).out
    assert "promise severe: first answer within 15 min of opening hours, each later answer within 1 h" in said
    assert "give damaged-small: voucher of 5 % of the order, 50 CNY at most, good for 180 days" in said
    assert "without asking: by itself up to 20 CNY, an agent up to 100 CNY, a supervisor up to 200 CNY" in said


def test_teams_and_calendars(kefu: CommandLine, tmp_path: Path) -> None:
    kefu("staff", "add", "li", "--role", "agent")
    assert "weekdays" in kefu("teams", "set", "care", "--members", "li", "--calendar", "weekdays").out
    assert kefu("teams", "list", "--json").json["items"] == [
        {"name": "care", "members": ["li"], "calendar": "weekdays"}
    ]
    assert kefu("teams", "set", "care", "--calendar", "never").code == 1
    text = kefu("rules", "show", "calendars").out
    file = tmp_path / "calendars.toml"
    file.write_text(text.replace("09:00-18:00", "9-18"), "utf-8")
    refused = kefu("rules", "check", "calendars", str(file))
    assert (refused.code, "write it like 09:00-18:00" in refused.err) == (1, True)
    file.write_text(text.replace("18:00", "21:00"), "utf-8")
    assert "hours weekdays: mon 09:00-21:00" in kefu("rules", "check", "calendars", str(file)).out
    assert kefu("rules", "publish", "calendars", str(file), "--note", "longer hours", "--yes").code == 0
    assert "21:00" in kefu("rules", "show", "calendars").out
