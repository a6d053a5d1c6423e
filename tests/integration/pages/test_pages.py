"""The plain pages for staff: signing in, answering a case, editing an article, paying, and who may not."""

from sqlalchemy import update

from admin.api.context import PREFIX
from admin.pages.site import routes
from admin.pages.wording import words
from conversations.models import Message
from conversations.values import Author
from staff import service as staff_service
from staff.permissions import LOWEST
from staff.values import Role
from staff.words import error_words
from tests.integration.pages.browsing import Browser, complaint, signed_in
from tests.support.app import RunningApp


async def test_a_wrong_key_and_a_systems_key_open_no_page(app: RunningApp) -> None:
    browser = Browser(app.client())
    for key in ("kefu_wrong", await app.add_staff("shop", Role.CHANNEL)):
        answer = await browser.sign_in(key)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
    asked = await browser.client.get("/admin/customers")
    assert (asked.status_code, asked.headers["location"]) == (303, "/admin/sign-in?next=/admin/customers")


async def test_after_signing_in_one_is_where_one_wanted_to_go_and_nowhere_else(app: RunningApp) -> None:
    key = await app.add_staff("ann", Role.AGENT)
    for wanted, where in (("/admin/articles", "/admin/articles"), ("https://evil.example/", "/admin")):
        answer = await Browser(app.client()).sign_in(key, next=wanted)
        assert answer.headers["location"] == where
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert key not in cookie


async def test_an_address_that_is_none_is_a_page_too_and_json_elsewhere(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    answer = await browser.client.get("/admin/nowhere")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert error_words("not_found", "en") in answer.text
    assert (await browser.client.get("/api/v1/nowhere")).json()["error"] == "not_found"


async def test_what_nobody_expected_is_a_page_too(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    app.site.app.state.box = None  # a fault of ours
    for language in ("en", "zh"):
        browser.client.cookies.set("kefu_language", language, path="/admin")
        for answer in (await browser.client.get("/admin"), await browser.sends("/admin/cases/1001/take")):
            assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
            assert error_words("unavailable", language) in answer.text


async def test_somebody_who_is_disabled_is_out_at_once(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    await browser.reads("/admin")
    async with app.database.write() as session:
        await staff_service.disable(session, "ann", by="test", now=app.clock.now())
    assert (await browser.client.get("/admin")).status_code == 303


async def test_an_agent_takes_a_case_answers_notes_and_resolves_it(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    number = await complaint(app)
    assert f"#{number}" in await browser.reads("/admin?view=unassigned")
    assert (await browser.sends("/admin/next")).headers["location"] == f"/admin/cases/{number}"
    assert (await browser.sends(f"/admin/cases/{number}/reply", text="I am on it.")).status_code == 303
    assert (await browser.sends(f"/admin/cases/{number}/note", text="call the packer")).status_code == 303
    shown = await browser.reads(f"/admin/cases/{number}")
    assert "I am on it." in shown
    assert "call the packer" in shown
    assert "May <script>" not in shown
    talk = await browser.reads(f"/admin/cases/{number}/talk?after=0")
    assert words("en")["goes_out"] in talk
    assert "call the packer" not in talk
    assert f"#{number}" in await browser.reads("/admin?view=mine")
    async with app.client(await app.add_staff("looker", Role.AGENT)) as looker:
        version = (await looker.get(f"{PREFIX}/tickets/{number}")).json()["version"]
        form = {"version": str(version), "text": "A new tin is on its way.", "root_cause": ""}
        solved = await browser.sends(f"/admin/cases/{number}/resolve", **form)
        assert solved.status_code == 303, solved.text
        assert (await looker.get(f"{PREFIX}/tickets/{number}")).json()["status"] == "resolved"


async def test_what_a_customer_quotes_stands_above_their_words(app: RunningApp) -> None:
    browser = await signed_in(app, "li", Role.AGENT)
    number = await complaint(app)
    async with app.database.write() as session:
        await session.execute(update(Message).where(Message.author == Author.CUSTOMER).values(quote="满 <99> 元"))
    assert "<blockquote>满 &lt;99&gt; 元</blockquote>" in await browser.reads(f"/admin/cases/{number}")


async def test_an_old_version_is_said_in_words_with_the_way_back(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    number = await complaint(app)
    browser.client.headers["Referer"] = f"http://kefu.test/admin/cases/{number}"
    answer = await browser.sends(f"/admin/cases/{number}/resolve", version="99")
    assert answer.status_code == 409
    assert words("en")["not_done"] in answer.text
    assert f'href="/admin/cases/{number}"' in answer.text


async def test_a_form_of_another_site_does_nothing(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    number = await complaint(app)
    browser.client.headers["Origin"] = "https://evil.example"
    assert (await browser.sends(f"/admin/cases/{number}/reply", text="pay me")).status_code == 403
    del browser.client.headers["Origin"]
    assert "pay me" not in await browser.reads(f"/admin/cases/{number}")


async def test_contacts_are_masked_and_a_look_at_them_is_noted(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    created = {"external_id": "C-9", "name": "Li", "phone": "13800138000", "email": "li@example.com"}
    async with app.client(await app.add_staff("root", Role.ADMIN)) as admin:
        id_ = (await admin.post(f"{PREFIX}/customers", json=created)).json()["id"]
        shown = await browser.reads(f"/admin/customers/{id_}")
        assert "13800138000" not in shown
        assert "li@example.com" not in shown
        opened = await browser.sends(f"/admin/cases/customers/{id_}/contact")
        assert "+8613800138000" in opened.text
        book = (await admin.get(f"{PREFIX}/audit", params={"object": f"customer:{id_}"})).json()["items"]
        assert ("ann", "customers.contact") in [(entry["actor"], entry["action"]) for entry in book]


async def test_an_owner_edits_an_article_and_customers_keep_what_is_published(app: RunningApp) -> None:
    browser = await signed_in(app, "root", Role.ADMIN)
    assert "How long does delivery take?" in await browser.reads("/admin/articles?q=delivery")
    form = {
        "language": "en", "version": "1", "question": "How long does delivery take?", "answer": "**Two** days.",
        "phrasings": "when will it arrive\r\nshipping time\r\n", "note": "a faster carrier",
    }  # fmt: skip
    assert (await browser.sends("/admin/articles/delivery", **form)).status_code == 303
    shown = await browser.reads("/admin/articles/delivery?language=en")
    assert "**Two** days." in shown
    assert "a faster carrier" in shown
    async with app.client(await app.add_staff("ann", Role.AGENT)) as ann:
        found = (await ann.get(f"{PREFIX}/search", params={"q": "when will it arrive"})).json()
    assert found["answer"] == "It takes 2-4 days."


def test_every_word_of_the_pages_exists_in_both_languages() -> None:
    assert words("zh").keys() == words("en").keys()
    assert all(text.strip() for language in ("zh", "en") for text in words(language).values())


def test_every_deed_of_people_has_its_words() -> None:
    deeds = {f"may_{action.value.replace('.', '_')}" for action, role in LOWEST.items() if role is not Role.CHANNEL}
    assert deeds - words("en").keys() == set()


async def test_an_empty_shop_has_a_word_on_every_page(app: RunningApp) -> None:
    browser = await signed_in(app, "root", Role.ADMIN)
    for path, route in routes():
        if route.methods == {"GET"} and "{" not in path:
            shown = await browser.reads(path)
            assert 'lang="en"' in shown, path
            assert "<script>" not in shown, path
