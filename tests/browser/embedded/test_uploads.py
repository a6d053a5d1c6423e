"""Files on their way in the widget: held up, taken out, stalled, refused, and a page that is left meanwhile."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.embedded.conftest import LOOKS, Arrive
from tests.browser.embedded.files import attach, payload, rows
from tests.browser.embedded.guest import Guest
from tests.browser.embedded.shop_site import ShopSite
from tests.browser.test_accessibility import still, violations
from tests.integration.api.test_uploads import PDF
from tests.unit.conversations.test_media import picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE_ZH, DESKTOP_EN = LOOKS[0], LOOKS[3]
WEB_PAGE = b"<!doctype html><script>alert(1)</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
STALLED = 31_000  # milliseconds, more than the page waits for a sign of an upload


async def hold_uploads(guest: Guest) -> asyncio.Queue[Route]:
    """None arrives until its route is let go on."""
    held: asyncio.Queue[Route] = asyncio.Queue()
    await guest.page.route("**/chat/files", held.put_nowait)
    return held


async def test_a_file_on_its_way_holds_its_words_and_one_that_cannot_go_says_why(arrive: Arrive) -> None:
    guest = await arrive("en", **DESKTOP_EN)
    held = await hold_uploads(guest)
    await guest.open()
    await expect(guest.chat.locator("#who")).to_have_text("Automatic assistant")
    await attach(guest, payload("tin.jpg", picture()))
    await guest.say("look at this")
    await expect(guest.chat.locator("#note")).to_contain_text("still on their way")
    await expect(guest.chat.locator("progress")).to_have_count(1)
    await expect(guest.by("customer")).to_have_count(0)
    await (await asyncio.wait_for(held.get(), 10)).continue_()
    await guest.page.unroute("**/chat/files")
    await expect(guest.by("customer").locator("img")).to_have_count(1)
    await guest.sees("look at this")

    await attach(
        guest,
        payload("page.jpg", WEB_PAGE),
        payload("drawing.png", DRAWING),
        payload("film.mp4", bytes(10_000_001)),
        payload("empty.txt", b""),
    )
    refused = "This kind of file can't be opened or taken"
    await expect(rows(guest).locator(".fault")).to_have_text([refused, refused, "Over 10 MB, not uploaded", refused])
    await still(guest.frame)
    assert await violations(guest.frame) == []
    await guest.composer.press("Enter")
    await expect(guest.by("customer")).to_have_count(1)  # nothing to say, nothing said
    for _ in range(4):
        await rows(guest).first.get_by_role("button").click()
    await attach(guest, *(payload(f"{number}.txt", b"a") for number in range(11)))
    await expect(guest.chat.locator("#note")).to_contain_text("10 files go along at a time")
    await expect(rows(guest)).to_have_count(10)


async def test_a_file_picked_before_there_is_a_session_waits_for_it(arrive: Arrive) -> None:
    guest = await arrive(**PHONE_ZH)
    held: asyncio.Queue[Route] = asyncio.Queue()
    await guest.page.route("**/chat/session", held.put_nowait)
    await guest.open()
    await attach(guest, payload("bill.pdf", PDF))
    await expect(rows(guest).locator("progress")).to_have_count(1)
    asked = await asyncio.wait_for(held.get(), 10)
    assert held.empty()  # both the socket and the file wait for the same one
    await asked.continue_()
    await expect(rows(guest).locator(".ready")).to_have_count(1)


async def test_a_file_that_is_taken_out_stops_and_the_words_go_without_it(arrive: Arrive) -> None:
    guest = await arrive(**PHONE_ZH)
    held = await hold_uploads(guest)
    await guest.open()
    await attach(guest, payload("tin.jpg", picture()))
    await asyncio.wait_for(held.get(), 10)
    await guest.say("茶罐破了")
    await expect(guest.chat.locator("#note")).to_contain_text("传完就一起发出")
    ended: list[str] = []
    guest.page.on("requestfailed", lambda request: ended.append(request.url))
    await rows(guest).get_by_role("button", name="去掉 tin.jpg").click()
    await guest.sees("茶罐破了")
    assert [address.rpartition("/")[2] for address in ended] == ["files"]
    await expect(guest.by("customer").locator(".file")).to_have_count(0)


async def test_whoever_leaves_the_page_meanwhile_finds_words_and_files_again(arrive: Arrive, site: ShopSite) -> None:
    guest = await arrive("en", **DESKTOP_EN)
    await guest.open()
    await attach(guest, payload("bill.pdf", PDF))
    await expect(rows(guest).locator(".ready")).to_have_count(1)
    held = await hold_uploads(guest)
    await attach(guest, payload("tin.jpg", picture()))
    await asyncio.wait_for(held.get(), 10)
    await guest.say("both of them")
    await guest.page.unroute("**/chat/files")

    await guest.arrive(f"{site.origin}/cart")
    await guest.open()
    lost = "Not uploaded before the page changed; please add it again"
    await expect(rows(guest)).to_have_text(["bill.pdfUploaded", f"tin.jpg{lost}"])
    await expect(guest.composer).to_have_value("both of them")
    await still(guest.frame)
    assert await violations(guest.frame) == []
    await guest.composer.press("Enter")
    await expect(guest.by("customer").get_by_role("link", name="bill.pdf")).to_be_visible()
    await guest.sees("both of them")

    await guest.call("reset")  # the next person at this browser finds nothing
    await expect(rows(guest)).to_have_count(0)
    await guest.arrive(site.origin)
    await guest.open()
    await expect(guest.composer).to_have_value("")
    await expect(rows(guest)).to_have_count(0)


async def test_an_upload_that_stalls_says_so_and_is_tried_again(arrive: Arrive) -> None:
    guest = await arrive(**PHONE_ZH)
    held = await hold_uploads(guest)
    await guest.open()
    await guest.page.clock.install()
    await attach(guest, payload("tin.jpg", picture()))
    await asyncio.wait_for(held.get(), 10)
    await guest.page.clock.run_for(STALLED)
    await expect(rows(guest).locator(".fault")).to_have_text("传到一半停住了")
    await guest.page.unroute("**/chat/files")
    await rows(guest).get_by_role("button", name="再发一次").click()
    await expect(rows(guest).locator(".ready")).to_have_count(1)
