"""Somebody joins their own Telegram account from their page: a code that is shown once and is good for an hour."""

import re

import pytest

from admin.pages.wording import words
from staff import linking
from staff.linking import LinkInvalid
from staff.values import Role
from staff.words import error_words
from tests.integration.pages.browsing import BOT, deeds, on_telegram, signed_in
from tests.support.app import RunningApp

SAY = words("en")


async def test_a_shop_without_a_bot_says_so(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    shown = await browser.reads("/admin/me")
    assert SAY["no_bot"] in shown
    assert SAY["join_telegram"] not in shown
    refused = await browser.sends("/admin/me/telegram")
    assert (refused.status_code, error_words("no_telegram", "en") in refused.text) == (409, True)


async def test_the_code_is_shown_once_with_what_to_do_and_joins_the_account(app: RunningApp) -> None:
    await on_telegram(app)
    browser = await signed_in(app, "ann", Role.AGENT)
    assert SAY["not_joined"] in await browser.reads("/admin/me")
    codes = []
    for _ in range(2):
        shown = (await browser.sends("/admin/me/telegram")).text
        found = re.search(r'href="https://t\.me/tea_bot\?start=(staff_[\w-]+)"', shown)
        assert found is not None
        assert f"/start {found[1]}" in shown
        assert SAY["join_open"] in shown
        codes.append(found[1])
    assert "staff_" not in await browser.reads("/admin/me")
    now = app.clock.now()
    async with app.database.write() as session:
        with pytest.raises(LinkInvalid):  # the newer one ended it
            await linking.redeem(session, BOT, "77", codes[0], now)
        joined = await linking.redeem(session, BOT, "77", codes[1], now)
    assert joined.name == "ann"
    assert SAY["is_joined"] in await browser.reads("/admin/me")
    done = await deeds(app, "agent:ann")
    assert done == [("ann", "staff.linked"), ("ann", "staff.link"), ("ann", "staff.link"), ("test", "staff.add")]
