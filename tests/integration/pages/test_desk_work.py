"""An agent's verbs on the pages: words that wait, ready-made ones, files, passing on, putting aside, blocking."""

import re

import pytest
from sqlalchemy import select

from admin.api.context import PREFIX
from admin.api.shapes.ticket import ticket_shape
from admin.pages.wording import words
from conversations.desk import canned, undoing
from conversations.desk.canned import CannedText
from conversations.desk_models import HeldReply
from conversations.file_models import StoredFile
from staff.values import Role
from staff.words import error_words
from tests.integration.pages.browsing import Browser, complaint, signed_in
from tests.support.app import RunningApp
from tests.unit.conversations.test_media import picture
from tickets.repository import get_ticket

SAY = words("en")


async def ticket(app: RunningApp, number: int) -> dict[str, object]:
    """As anybody reads it over HTTP."""
    async with app.database.read() as session:
        shape = await ticket_shape(session, await get_ticket(session, number))
    found: dict[str, object] = shape.model_dump(mode="json")
    return found


async def a_case(app: RunningApp) -> tuple[Browser, int, str]:
    """Somebody at the desk, their case, and its address."""
    browser = await signed_in(app, "ann", Role.AGENT)
    number = await complaint(app)
    return browser, number, f"/admin/cases/{number}"


async def test_a_reply_is_undone_before_it_goes_out(app: RunningApp) -> None:
    browser, _number, case = await a_case(app)
    await browser.does(f"{case}/reply", text="又是她，烦死了")
    (held,) = re.findall(r'/undo/(\d+)"', await browser.reads(f"{case}/talk"))
    await browser.does(f"{case}/undo/{held}")
    assert "烦死了" not in await browser.reads(f"{case}/talk")
    again = await browser.sends(f"{case}/undo/{held}")
    assert error_words("too_late", "en") in again.text


async def test_a_guarantee_is_asked_about_once_and_the_words_stay(app: RunningApp) -> None:
    browser, _number, case = await a_case(app)
    asked = await browser.sends(f"{case}/reply", text="I guarantee it")
    assert asked.status_code == 409
    assert SAY["are_you_sure"] in asked.text
    assert ">I guarantee it</textarea>" in asked.text
    await browser.does(f"{case}/reply", text="I guarantee it", sure="true")


async def test_a_guarantee_that_an_edit_brings_in_is_asked_about_too(app: RunningApp) -> None:
    browser, _number, case = await a_case(app)
    await browser.does(f"{case}/reply", text="tomorrow, I think")
    async with app.database.write() as session:
        (held,) = await session.scalars(select(HeldReply.id))
        work = await app.services.policies.work(session, app.clock.now(), "ann")
        await undoing.release(work, held)
    (message,) = re.findall(r'action="/admin/messages/(\d+)/mend"', await browser.reads(f"{case}/talk"))
    words = {"case": case.rpartition("/")[2], "text": "tomorrow, I guarantee it"}
    asked = await browser.sends(f"/admin/messages/{message}/mend", **words)
    assert asked.status_code == 409
    assert SAY["are_you_sure"] in asked.text
    assert ">tomorrow, I guarantee it</textarea>" in asked.text
    assert "guarantee" not in await browser.reads(f"{case}/talk")
    await browser.does(f"/admin/messages/{message}/mend", sure="true", **words)
    assert "guarantee" in await browser.reads(f"{case}/talk")


async def test_files_stay_chosen_while_the_words_are_asked_about_or_added_to(app: RunningApp) -> None:
    browser, _number, case = await a_case(app)
    await boss_writes(app, "resend", "您好")
    first = [("sent", ("tin.jpg", picture(), "image/jpeg"))]
    added = await browser.client.post(f"{case}/draft", data={"insert": "canned", "canned": "resend"}, files=first)
    (tin,) = re.findall(r'name="kept" value="([\w-]+)" checked> tin.jpg', added.text)
    second = [("sent", ("lid.jpg", picture(), "image/jpeg"))]
    words_and_kept = {"text": "I guarantee it", "kept": tin}
    asked = await browser.client.post(f"{case}/reply", data=words_and_kept, files=second)
    assert asked.status_code == 409
    kept = re.findall(r'name="kept" value="([\w-]+)" checked>', asked.text)
    assert kept[0] == tin
    sent = await browser.client.post(f"{case}/reply", data={"text": "I guarantee it", "kept": kept, "sure": "true"})
    assert sent.status_code == 303
    async with app.database.read() as session:
        (held,) = await session.scalars(select(HeldReply))
    assert [one.name for one in held.attachments] == ["tin.jpg", "lid.jpg"]


async def test_nobody_sends_what_somebody_else_chose_and_no_more_than_a_message_takes(app: RunningApp) -> None:
    browser, _number, case = await a_case(app)
    sent = [("sent", ("tin.jpg", picture(), "image/jpeg"))]
    asked = await browser.client.post(f"{case}/reply", data={"text": "I guarantee it"}, files=sent)
    (tin,) = re.findall(r'name="kept" value="([\w-]+)" checked>', asked.text)
    boss = await signed_in(app, "sue", Role.SUPERVISOR)
    stolen = await boss.sends(f"{case}/reply", text="here", kept=tin)
    assert (stolen.status_code, error_words("file_not_found", "en") in stolen.text) == (404, True)
    many = await browser.client.post(f"{case}/reply", data={"text": "all", "kept": [tin] * 10}, files=sent)
    assert (many.status_code, SAY["field_sent"] in many.text) == (422, True)


async def boss_writes(app: RunningApp, name: str, text: str) -> None:
    """A ready-made reply."""
    async with app.database.write() as session:
        await canned.save(session, name, CannedText(zh=text), by="test", now=app.clock.now())


async def test_a_case_shows_each_viewer_what_they_may_do(app: RunningApp) -> None:
    browser, number, case = await a_case(app)
    colleague = await signed_in(app, "ben", Role.AGENT)
    boss = await signed_in(app, "sue", Role.SUPERVISOR)
    assert {"take", "reply", "resolve"} <= forms(await colleague.reads(case), case)
    await browser.does(f"{case}/take")
    assert {"take", "reopen"} & forms(await browser.reads(case), case) == set()
    seen = await colleague.reads(case)
    assert forms(seen, case) == set()
    assert SAY["colleagues_case"] in seen
    assert {"assign", "resolve", "hand-back", "note"} <= forms(await boss.reads(case), case)
    assert "reply" not in forms(await boss.reads(case), case)
    await browser.does(f"{case}/ask", colleague="ben", text="know this tin?")
    assert forms(await colleague.reads(case), case) == {"note"}
    await browser.does(f"{case}/resolve", version=str((await ticket(app, number))["version"]))
    assert forms(await browser.reads(case), case) == {"reply", "note", "reopen"}


def forms(shown: str, case: str) -> set[str]:
    """What can be done to the case from its page, but for what the rules have to allow."""
    return set(re.findall(rf'action="{case}/([a-z-]+)"', shown)) - {"offer", "draft"}


async def test_articles_and_ready_made_replies_are_put_into_the_reply(app: RunningApp) -> None:
    browser, number, case = await a_case(app)
    boss = await signed_in(app, "sue", Role.SUPERVISOR)
    await boss.does("/admin/canned", name="resend", zh="{customer}，{number}号给您补发。", tags="破损，补发")
    wrong = await boss.sends("/admin/canned", name="x", zh="{nonsense}")
    assert wrong.status_code == 422
    assert "resend" in await browser.reads("/admin/canned")
    assert 'name="tags"' not in await browser.reads("/admin/canned")
    added = await browser.sends(f"{case}/draft", text="您好", insert="canned", canned="resend")
    assert re.search(rf"您好\nMay &lt;script&gt;，{number}号给您补发。</textarea>", added.text)
    article = await browser.sends(f"{case}/draft", text="", insert="article:en:delivery")
    assert ">It takes 2-4 days.</textarea>" in article.text
    assert (await browser.sends(f"{case}/draft", insert="article:en:nothing")).status_code == 404
    await boss.does("/admin/canned/remove", name="resend")
    assert SAY["no_canned"] in await boss.reads("/admin/canned")


async def test_a_file_goes_along_and_staff_see_it(app: RunningApp) -> None:
    browser, _number, case = await a_case(app)
    sent = [("sent", ("tin.jpg", picture(), "image/jpeg"))]
    answer = await browser.client.post(f"{case}/reply", data={"text": "see here"}, files=sent)
    assert answer.status_code == 303, answer.text
    nothing = await browser.client.post(f"{case}/reply", data={"text": ""})
    assert nothing.status_code == 422
    huge = await browser.client.post(f"{case}/reply", files=[("sent", ("big.png", bytes(10_200_000), "image/png"))])
    assert huge.status_code == 413
    assert error_words("file_too_large", "en") in huge.text
    async with app.database.read() as session:
        (file_id,) = await session.scalars(select(StoredFile.id))
    opened = await browser.client.get(f"/admin/files/{file_id}")
    assert (opened.status_code, opened.headers["content-type"]) == (200, "image/jpeg")


async def test_a_case_is_put_aside_held_and_comes_with_a_time_in_the_shops_zone(app: RunningApp) -> None:
    browser, number, case = await a_case(app)
    await browser.does(f"{case}/take")
    await browser.does(f"{case}/snooze", until="2036-11-27T10:00")
    assert (await ticket(app, number))["snoozed_until"] == "2036-11-27T02:00:00Z"
    wrong = await browser.sends(f"{case}/snooze", until="tomorrow")
    assert wrong.status_code == 422
    assert SAY["field_until"] in wrong.text
    await browser.does(f"{case}/hold", waiting_for="圆通", until="2036-11-27T10:00")
    held = await ticket(app, number)
    assert (held["status"], held["waiting_for"]) == ("on_hold", "圆通")
    await browser.does(f"{case}/pending")
    assert (await ticket(app, number))["status"] == "pending"


async def test_a_shift_ends_and_the_packet_goes_along(app: RunningApp) -> None:
    browser, number, case = await a_case(app)
    colleague = await signed_in(app, "ben", Role.AGENT)
    await browser.does(f"{case}/take")
    await browser.does(f"{case}/ask", colleague="ben", text="know this tin?")
    assert "ben" in await browser.reads(case)
    empty = await browser.sends(f"{case}/ask", colleague="")
    assert SAY["field_colleague"] in empty.text
    assert f"#{number}" in await browser.reads("/admin/me")
    await browser.does("/admin/me/hand-over", colleague="ben", text="she sends a photo")
    shown = await colleague.reads(case)
    assert "she sends a photo" in shown
    assert "原因：收到的茶罐破了" in shown
    assert (await ticket(app, number))["assignee"] == "ben"
    await colleague.does(f"{case}/assign", colleague="ann", version=str((await ticket(app, number))["version"]))
    assert (await ticket(app, number))["assignee"] == "ann"


async def test_away_and_back(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    await browser.does("/admin/me/availability", state="away", until="2036-11-27T10:00")
    assert "11-27 10:00" in await browser.reads("/admin/me")
    past = await browser.sends("/admin/me/availability", state="away", until="2001-11-27T10:00")
    assert past.status_code == 422
    await browser.does("/admin/me/availability", state="online")
    assert SAY["be_away"] in await browser.reads("/admin/me")


async def test_the_pages_speak_the_persons_language_from_the_sign_in_on(app: RunningApp) -> None:
    key = await app.add_staff("ann", Role.AGENT)
    browser = Browser(app.client())
    await browser.sign_in(key)
    assert 'lang="zh-CN"' in await browser.reads("/admin")
    await browser.does("/admin/me/language", language="en")
    other = Browser(app.client())
    await other.sign_in(key)
    assert 'lang="en"' in await other.reads("/admin")


async def test_two_cases_of_one_matter_become_one_and_a_sender_is_blocked(app: RunningApp) -> None:
    browser, number, case = await a_case(app)
    async with app.client(await app.add_staff("root", Role.ADMIN)) as admin:
        customer = (await admin.get(f"{PREFIX}/tickets/{number}")).json()["customer"]["id"]
        new = {"customer": customer, "kind": "question", "category": "damaged", "text": "and the lid?"}
        made = await admin.post(f"{PREFIX}/tickets", json=new)
        assert made.status_code == 201, made.text
        other = made.json()["number"]
    await browser.does(f"/admin/cases/{other}/take")
    version = str((await ticket(app, other))["version"])
    assert f'<option value="{number}">' in await browser.reads(f"/admin/cases/{other}")
    assert await browser.does(f"/admin/cases/{other}/merge", into=str(number), version=version) == case
    assert (await ticket(app, other))["merged_into"] == number
    await browser.does(f"/admin/customers/{customer}/block", reason="insults", days="3", case=str(number))
    assert SAY["blocked_until"] in await browser.reads(case)
    await browser.does(f"/admin/customers/{customer}/unblock", case=str(number))
    assert SAY["blocked_until"] not in await browser.reads(case)


async def test_an_ended_case_is_opened_again(app: RunningApp) -> None:
    browser, number, case = await a_case(app)
    await browser.does(f"{case}/withdraw", text="")
    assert (await ticket(app, number))["status"] == "closed"
    await browser.does(f"{case}/reopen")
    assert (await ticket(app, number))["status"] == "open"


async def test_a_customers_file_is_kept_on_its_page(app: RunningApp) -> None:
    boss = await signed_in(app, "sue", Role.SUPERVISOR)
    async with app.client(await app.add_staff("root", Role.ADMIN)) as admin:
        people = ({"external_id": "C-7", "name": "Li"}, {"name": "Li again"})
        ids = [(await admin.post(f"{PREFIX}/customers", json=body)).json()["id"] for body in people]
    file = f"/admin/customers/{ids[0]}"
    await boss.does(f"{file}/note", kind="wish", text="no sugar")
    await boss.does(f"{file}/consents", kind="care", given="true", source="by phone")
    shown = await boss.reads(file)
    assert "no sugar" in shown
    assert "by phone" in shown
    await boss.does(f"{file}/merge", other=str(ids[1]))
    (merge,) = re.findall(r'name="merge" value="(\d+)"', await boss.reads(file))
    await boss.does(f"{file}/unmerge", merge=merge)
    assert 'name="merge"' not in await boss.reads(file)
    invited = await boss.sends(f"{file}/link")
    assert invited.status_code == 200
    assert SAY["invitation_help"] in invited.text


async def test_what_waits_stands_in_figures(app: RunningApp) -> None:
    boss = await signed_in(app, "sue", Role.SUPERVISOR, "zh")
    await complaint(app)
    shown = await boss.reads("/admin/figures")
    assert f'<th scope="row">{words("zh")["nobody"]}</th><td>1</td>' in shown
    assert "一周小结 " in shown


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_refusal_is_read_in_ones_own_language(app: RunningApp, language: str) -> None:
    browser = await signed_in(app, "ann", Role.AGENT, language)
    refused = await browser.sends("/admin/cases/9999/take")
    assert refused.status_code == 404
    assert error_words("ticket_not_found", language) in refused.text
    form = await browser.sends("/admin/cases/9999/hold", until="2036-01-01T10:00")
    assert f"{words(language)['field_waiting_for']}: {words(language)['fault_missing']}" in form.text
