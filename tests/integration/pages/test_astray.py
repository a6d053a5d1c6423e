"""What went astray, on the pages: looked at, tried again, given up; and by whom."""

from sqlalchemy import select

from admin.pages.wording import words
from conversations.models import Delivery
from conversations.values import DeliveryState
from staff.values import Role
from staff.words import error_words
from tests.integration.pages.browsing import complaint, deeds, signed_in
from tests.integration.pages.strays import parked, troubled
from tests.support.app import RunningApp

SAY = words("en")


async def test_what_could_not_be_handled_is_looked_at_and_handled_again(app: RunningApp) -> None:
    browser = await signed_in(app, "sue", Role.SUPERVISOR)
    event = await parked(app)
    listed = await browser.reads("/admin/astray")
    assert "&lt;nonsense&gt; of [email]" in listed
    shown = await browser.reads(f"/admin/astray/events/{event}")
    assert "hello, call me: [phone]" in shown
    assert SAY["unknown_whose"] in shown
    await browser.does(f"/admin/astray/events/{event}/retry")
    assert await deeds(app, f"event:{event}") == [("sue", "inbox.retry")]
    assert SAY["nothing_parked"] in await browser.reads("/admin/astray")
    again = await browser.sends(f"/admin/astray/events/{event}/retry")
    assert error_words("event_not_parked", "en") in again.text


async def test_what_is_given_up_leaves_the_list_and_can_still_be_read(app: RunningApp) -> None:
    browser = await signed_in(app, "sue", Role.SUPERVISOR)
    event = await parked(app)
    await browser.does(f"/admin/astray/events/{event}/dismiss")
    assert SAY["nothing_parked"] in await browser.reads("/admin/astray")
    shown = await browser.reads(f"/admin/astray/events/{event}")
    assert SAY["event_dismissed"] in shown
    assert SAY["handle_again"] not in shown
    assert await deeds(app, f"event:{event}") == [("sue", "inbox.dismiss")]


async def test_what_may_not_have_arrived_is_sent_again_or_given_up(app: RunningApp) -> None:
    browser = await signed_in(app, "sue", Role.SUPERVISOR)
    number = await complaint(app)
    unsure = await troubled(app, number, "sue", DeliveryState.UNKNOWN)
    failed = await troubled(app, number, "sue", DeliveryState.FAILED)
    listed = await browser.reads("/admin/astray")
    assert SAY["delivery_unknown"] in listed
    assert "the program stopped while sending" in listed
    figures = await browser.reads("/admin/figures")
    assert f'<b>2</b> <a href="/admin/astray">{SAY["failed_deliveries"]}</a>' in figures
    shown = await browser.reads(f"/admin/astray/deliveries/{unsure}")
    assert "A new tin is on its way." in shown
    assert SAY["send_again_twice"] in shown
    await browser.does(f"/admin/astray/deliveries/{unsure}/resend")
    assert SAY["delivery_pending"] in await browser.reads(f"/admin/astray/deliveries/{unsure}")
    await browser.does(f"/admin/astray/deliveries/{failed}/dismiss")
    assert SAY["all_delivered"] in await browser.reads("/admin/astray")
    assert await deeds(app, f"delivery:{unsure}") == [("sue", "deliveries.resend")]
    assert await deeds(app, f"delivery:{failed}") == [("sue", "deliveries.dismiss")]
    late = await browser.sends(f"/admin/astray/deliveries/{failed}/resend")
    assert error_words("delivery_not_troubled", "en") in late.text


async def test_an_agent_sends_her_own_words_again_from_the_talk_and_no_others(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    await signed_in(app, "sue", Role.SUPERVISOR)
    number = await complaint(app)
    hers = await troubled(app, number, "ann", DeliveryState.FAILED)
    anothers = await troubled(app, number, "ann", DeliveryState.FAILED, author="sue")
    case = await browser.reads(f"/admin/cases/{number}")
    assert f'<a href="/admin/astray/deliveries/{hers}">{SAY["delivery_failed"]}</a>' in case
    assert SAY["send_again_own"] in await browser.reads(f"/admin/astray/deliveries/{anothers}")
    refused = await browser.sends(f"/admin/astray/deliveries/{anothers}/resend")
    assert (refused.status_code, 'data-code="not_own_reply"' in refused.text) == (403, True)
    own = await browser.reads(f"/admin/astray/deliveries/{hers}")
    assert SAY["send_again"] in own
    assert SAY["give_up"] not in own
    await browser.does(f"/admin/astray/deliveries/{hers}/resend")
    async with app.database.read() as session:
        states = await session.scalars(select(Delivery.state).order_by(Delivery.id))
        assert list(states) == [DeliveryState.PENDING, DeliveryState.FAILED]


async def test_long_lists_are_read_page_by_page(app: RunningApp) -> None:
    browser = await signed_in(app, "sue", Role.SUPERVISOR)
    events = [await parked(app, f"word {number}") for number in range(51)]
    first = await browser.reads("/admin/astray")
    assert f"/admin/astray/events/{events[49]}" in first
    assert f"/admin/astray/events/{events[50]}" not in first
    (rest,) = (part.partition('"')[0] for part in first.split('href="/admin/astray?')[1:])
    assert f"/admin/astray/events/{events[50]}" in await browser.reads(f"/admin/astray?{rest}")
    wrong = await browser.client.get("/admin/astray?events=nonsense")
    assert wrong.status_code == 422
