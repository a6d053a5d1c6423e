"""An owner tries a programme out on themselves before anybody else gets it."""

import re

from sqlalchemy import select

from admin.pages.wording import words
from conversations.models import Delivery
from conversations.values import DeliveryState
from staff import linking
from staff.values import Role
from staff.words import error_words
from tests.integration.pages.browsing import BOT, deeds, on_telegram, signed_in
from tests.support.app import RunningApp

SAY = words("en")
PAGE = "/admin/programmes/birthday"


async def test_without_telegram_the_page_says_what_to_do_first(app: RunningApp) -> None:
    browser = await signed_in(app, "root", Role.ADMIN)
    shown = await browser.reads(PAGE)
    assert SAY["test_needs_telegram"] in shown
    assert SAY["test_on_me"] not in shown
    refused = await browser.sends(f"{PAGE}/test")
    assert (refused.status_code, error_words("nobody_to_test", "en") in refused.text) == (404, True)
    stranger = await browser.sends(f"{PAGE}/test", customer_number="C-1")
    assert error_words("nobody_to_test", "en") in stranger.text


async def test_the_first_message_goes_to_ones_own_telegram_and_is_shown(app: RunningApp) -> None:
    await on_telegram(app)
    browser = await signed_in(app, "root", Role.ADMIN)
    now = app.clock.now()
    async with app.database.write() as session:
        made = await linking.start(session, "root", by="test", now=now)
        await linking.redeem(session, BOT, "77", made.code, now)
    assert SAY["test_on_me"] in await browser.reads(PAGE)
    tried = await browser.sends(f"{PAGE}/test")
    assert tried.status_code == 200
    assert f"{SAY['test_on_its_way']} root" in tried.text
    async with app.database.read() as session:
        delivery = (await session.scalars(select(Delivery))).one()
    assert (delivery.account, delivery.lane, delivery.state) == (BOT, "77", DeliveryState.PENDING)
    assert "root" in str(delivery.payload)  # it speaks to whoever tries it
    (look,) = re.findall(r'href="(/admin/astray/deliveries/\d+)"', tried.text)
    assert SAY["delivery_pending"] in await browser.reads(look)
    assert ("root", "programmes.test") in await deeds(app, "programme:birthday")


async def test_only_whoever_switches_programmes_tries_them(app: RunningApp) -> None:
    browser = await signed_in(app, "sue", Role.SUPERVISOR)
    assert SAY["try_programme"] not in await browser.reads(PAGE)
    assert (await browser.sends(f"{PAGE}/test")).status_code == 403
