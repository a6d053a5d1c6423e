"""A person's own data on the pages: the copy to download, and the end of it with its receipt."""

import json

import pytest

from admin.api.context import PREFIX
from admin.pages.wording import words
from customers import export, privacy
from staff.values import Role
from staff.words import error_words
from tests.integration.pages.browsing import Browser, complaint, deeds, signed_in
from tests.support.app import RunningApp
from tests.support.policies import POLICIES
from tickets import ending, satisfaction
from tickets.repository import lock_ticket

SAY = words("en")


async def somebody(app: RunningApp) -> tuple[Browser, int, int]:
    """The owner, a customer with an open case, and the case."""
    number = await complaint(app, "收到的茶罐破了，我姓欧阳")
    async with app.client(await app.add_staff("api", Role.AGENT)) as agent:
        ticket = (await agent.get(f"{PREFIX}/tickets/{number}")).json()
    return await signed_in(app, "root", Role.ADMIN), ticket["customer"]["id"], number


async def test_a_file_says_who_it_is_and_by_which_calendar_a_birthday_is(app: RunningApp) -> None:
    known = {"name": "李桂芳", "form_of_address": "李阿姨", "birthday": "1955-08-15", "birthday_calendar": "lunar"}
    async with app.client(await app.add_staff("ann", Role.AGENT)) as ann:
        people = [known, {"email": "a@b.co"}]
        made = [(await ann.post(f"{PREFIX}/customers", json=each)).json()["id"] for each in people]
    browser = await signed_in(app, "root", Role.ADMIN)
    shown = await browser.reads(f"/admin/customers/{made[0]}")
    assert '<h1>李桂芳 <span class="soft">李阿姨</span></h1>' in shown
    assert f'1955-08-15 <span class="soft">({SAY["lunar"]})</span>' in shown
    listed = await browser.reads("/admin/customers")
    assert f"{SAY['file_number']} {made[1]}" in listed  # of who has neither name nor number


async def test_all_that_is_known_is_downloaded_and_the_book_says_by_whom(app: RunningApp) -> None:
    browser, customer, _number = await somebody(app)
    assert SAY["export_help"] in await browser.reads(f"/admin/customers/{customer}")
    answer = await browser.sends(f"/admin/customers/{customer}/export")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="kefu-customer-{customer}-')
    assert answer.headers["cache-control"] == "no-store"
    known = json.loads(answer.text)
    assert "欧阳" in json.dumps(known["tables"]["message"], ensure_ascii=False)
    assert ("root", "customers.export") in await deeds(app, f"customer:{customer}")


async def test_a_copy_that_holds_only_the_first_rows_says_so(app: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, customer, _number = await somebody(app)
    whole = json.loads((await browser.sends(f"/admin/customers/{customer}/export")).text)
    assert "cut" not in whole
    assert len(whole["tables"]["message"]) > 1
    monkeypatch.setattr(export, "_MOST_ROWS", 1)
    first = json.loads((await browser.sends(f"/admin/customers/{customer}/export")).text)
    assert "message" in first["cut"]
    assert first["tables"]["message"] == whole["tables"]["message"][:1]


async def test_who_was_not_content_is_seen_to_be_at_risk_with_the_case_and_what_was_missing(app: RunningApp) -> None:
    browser, customer, number = await somebody(app)
    file = f"/admin/customers/{customer}"
    assert SAY["at_risk"] not in await browser.reads(file)
    async with app.database.write() as session:
        work = await POLICIES.work(session, app.clock.now(), "root")
        ticket = await lock_ticket(session, number)
        await ending.resolve(work, ticket, root_cause="packing")
        await satisfaction.give_score(work, ticket, 3)
        await satisfaction.say_why(work, ticket, "盖子还是松的")
    shown = await browser.reads(file)
    assert SAY["at_risk"] in shown
    assert f'href="/admin/cases/{number}">#{number}</a> {SAY["gave_score"]} 3' in shown
    assert "盖子还是松的" in shown
    async with app.client(await app.add_staff("looks", Role.AGENT)) as agent:
        assert (await agent.get(f"{PREFIX}/customers/{customer}")).json()["at_risk"] is True


async def test_a_customer_is_erased_once_the_number_is_typed_and_the_receipt_stays(app: RunningApp) -> None:
    browser, customer, number = await somebody(app)
    file = f"/admin/customers/{customer}"
    asked = await browser.reads(f"{file}/erase")
    assert SAY["erase_for_good"] in asked
    assert f'<a href="/admin/cases/{number}">' in asked
    for typed in ("", "yes", str(customer + 1)):
        refused = await browser.sends(f"{file}/erase", confirm=typed)
        assert refused.status_code == 422
        assert SAY["field_confirm"] in refused.text
    assert "欧阳" in await browser.reads(f"/admin/cases/{number}")
    assert (await browser.client.get(f"{file}/receipt")).status_code == 404
    assert await browser.does(f"{file}/erase", confirm=f" {customer} ") == f"{file}/receipt"
    receipt = await browser.reads(f"{file}/receipt")
    assert f"<li>{SAY['place_channel_identity']}: 1</li>" in receipt
    assert f"<li>{SAY['place_message']}: " in receipt
    for words_of in ("kept_order", "kept_consent", "kept_article", *(f"unreached_{key}" for key in privacy.UNREACHED)):
        assert SAY[words_of].replace("'", "&#39;") in receipt
    gone = await browser.client.get(file)
    assert (gone.status_code, error_words("customer_not_found", "en") in gone.text) == (404, True)
    assert "欧阳" not in await browser.reads(f"/admin/cases/{number}")
    assert ("root", "customers.erase") in await deeds(app, f"customer:{customer}")


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
async def test_who_may_not_sees_no_way_to_it(app: RunningApp, role: Role) -> None:
    _owner, customer, _number = await somebody(app)
    browser = await signed_in(app, "ann", role)
    shown = await browser.reads(f"/admin/customers/{customer}")
    assert SAY["own_data"] not in shown
    assert (await browser.sends(f"/admin/customers/{customer}/export")).status_code == 403


def test_each_place_that_is_kept_or_out_of_reach_has_its_words() -> None:
    kept = {f"kept_{place}" for place in privacy.KEPT}
    assert kept | {f"unreached_{key}" for key in privacy.UNREACHED} <= SAY.keys()
