"""An owner's forms: articles with the gate, what nothing answers, rules, programmes, staff, the shop."""

import re

from admin.api.context import PREFIX
from admin.pages.wording import words
from conversations import follow_up_hold
from core.shop import read_shop
from knowledge_base.articles import get_article
from knowledge_base.models import QuestionGroup, QuestionLog
from knowledge_base.values import Outcome
from staff.values import Role
from staff.words import error_words
from tests.integration.pages.browsing import Browser, complaint, signed_in
from tests.support.app import RunningApp

SAY = words("en")
DELIVERY = {"language": "en", "question": "How long does delivery take?", "phrasings": "when will it arrive"}


async def owner(app: RunningApp) -> Browser:
    return await signed_in(app, "root", Role.ADMIN)


async def newest(browser: Browser, key: str = "delivery") -> str:
    """The version that a form on the article's page carries."""
    shown = await browser.reads(f"/admin/articles/{key}?language=en")
    found = re.search(r'name="version" value="(\d+)"', shown)
    assert found is not None
    return found[1]


async def test_a_draft_is_compared_published_and_taken_back(app: RunningApp) -> None:
    browser = await owner(app)
    page = "/admin/articles/delivery"
    await browser.does(page, version="1", answer="**Two** days.", note="a faster carrier", **DELIVERY)
    changed = await browser.reads(f"{page}/diff?language=en")
    assert "<ins>+**Two** days.</ins>" in changed
    assert "<del>-It takes 2-4 days.</del>" in changed
    await browser.does(f"{page}/publish", language="en", version="2")
    assert SAY["is_published"] in await browser.reads(f"{page}?language=en")
    old = await browser.sends(f"{page}/publish", language="en", version="1")
    assert error_words("stale_version", "en") in old.text
    await browser.does(f"{page}/rollback", language="en", version="1")
    assert await newest(browser) == "3"
    await browser.does(f"{page}/archive", language="en")
    assert SAY["article_archived"] in await browser.reads(f"{page}?language=en")


async def test_the_gate_shows_what_broke_and_goes_on_with_a_reason(app: RunningApp) -> None:
    browser = await owner(app)
    async with app.client(await app.add_staff("api", Role.ADMIN)) as admin:
        for question in ("how long does delivery take", "when will it arrive", "delivery time"):
            label = {"question": question, "article": "delivery", "language": "en"}
            (await admin.post(f"{PREFIX}/labels", json=label)).raise_for_status()
    words_now = {"question": "What colour is the moon?", "answer": "Grey.", "phrasings": "moon", "language": "en"}
    await browser.does("/admin/articles/delivery", version="1", **words_now)
    refused = await browser.sends("/admin/articles/delivery/publish", language="en", version="2")
    assert refused.status_code == 409
    assert "when will it arrive" in refused.text
    assert SAY["outcome_none"] in refused.text
    forced = {"language": "en", "version": "2", "force_reason": "we ship to the moon now"}
    await browser.does("/admin/articles/delivery/publish", **forced)
    assert SAY["is_published"] in await browser.reads("/admin/articles/delivery?language=en")


async def test_going_back_is_tried_out_too_and_a_forced_date_is_not_tried_again(app: RunningApp) -> None:
    browser, page = await owner(app), "/admin/articles/delivery"
    async with app.client(await app.add_staff("api", Role.ADMIN)) as admin:
        for question in ("how long does delivery take", "when will it arrive", "delivery time"):
            label = {"question": question, "article": "delivery", "language": "en"}
            (await admin.post(f"{PREFIX}/labels", json=label)).raise_for_status()
    words_now = {"question": "What colour is the moon?", "answer": "Grey.", "phrasings": "moon", "language": "en"}
    await browser.does(page, version="1", **words_now)
    reason = {"force_reason": "we ship to the moon now"}
    await browser.does(f"{page}/publish", language="en", version="2", at="2036-01-01T09:00", **reason)
    async with app.database.read() as session:
        assert (await get_article(session, "delivery", "en")).article.pending_forced
    as_before = {**DELIVERY, "phrasings": "when will it arrive\nshipping time"}
    await browser.does(page, version="2", answer="Two days.", **as_before)
    await browser.does(f"{page}/publish", language="en", version="3")
    refused = await browser.sends(f"{page}/rollback", language="en", version="2")
    assert refused.status_code == 409
    assert "when will it arrive" in refused.text
    assert f'action="{page}/rollback"' in refused.text
    await browser.does(f"{page}/rollback", language="en", version="2", **reason)
    assert await newest(browser) == "4"


async def test_a_new_article_begins_as_a_draft_and_a_date_is_kept(app: RunningApp) -> None:
    browser = await owner(app)
    new = {"language": "en", "question": "Do you wrap gifts?", "answer": "Yes."}
    address = await browser.does("/admin/articles", **new)
    assert SAY["article_draft"] in await browser.reads(address)
    page = address.partition("?")[0]
    await browser.does(f"{page}/publish", language="en", version="1", at="2036-01-01T09:00")
    assert "01-01 09:00" in await browser.reads(address)


async def gap(app: RunningApp, question: str) -> int:
    now = app.clock.now()
    async with app.database.write() as session:
        group = QuestionGroup(language="en", encoder="none", vector=b"", script=0, created_at=now)
        session.add(group)
        await session.flush()
        asked = QuestionLog(at=now, language="en", text=question, outcome=Outcome.NONE, confidence=0, group_id=group.id)
        session.add(asked)
        return group.id


async def test_unanswered_questions_become_a_draft_or_phrasings_or_stay_away(app: RunningApp) -> None:
    browser = await owner(app)
    asked = [await gap(app, text) for text in ("Do you ship to Mars?", "is it fast to arrive?", "asdf")]
    assert "Do you ship to Mars?" in await browser.reads("/admin/unanswered")
    made = await browser.does(f"/admin/unanswered/{asked[0]}/article")
    assert "Do you ship to Mars?" in await browser.reads(made)
    added = await browser.does(f"/admin/unanswered/{asked[1]}/phrasings", key="delivery")
    assert "is it fast to arrive?" in await browser.reads(added)
    await browser.does(f"/admin/unanswered/{asked[2]}/dismiss")
    assert SAY["all_answered"] in await browser.reads("/admin/unanswered")


async def test_rules_are_checked_tried_and_published_with_a_note(app: RunningApp) -> None:
    browser = await owner(app)
    shown = await browser.reads("/admin/rules/contact")
    async with app.database.read() as session:
        held = await app.services.policies.rulebook.current(session, app.services.policies.rulebook.kind("contact"))
    assert SAY["shipped"] in shown
    wrong = await browser.sends("/admin/rules/contact/try", text="nonsense = 1", base="0")
    assert wrong.status_code == 422
    assert "nonsense" in wrong.text
    text = f"{held.text}\n# a note of ours\n"
    tried = await browser.sends("/admin/rules/contact/try", text=text, base="0")
    assert tried.status_code == 200
    assert "+# a note of ours" in tried.text
    huge = await browser.sends("/admin/rules/contact/try", text="#" * 1_000_100, base="0")
    assert (huge.status_code, error_words("too_large", "en") in huge.text) == (413, True)
    unsaid = await browser.sends("/admin/rules/contact/publish", text=text, base="0", note="")
    assert unsaid.status_code == 422
    await browser.does("/admin/rules/contact/publish", text=text, base="0", note="ours")
    assert "ours" in await browser.reads("/admin/rules/contact")
    late = await browser.sends("/admin/rules/contact/publish", text=text, base="0", note="again")
    assert late.status_code == 409
    assert "a note of ours" not in await browser.reads("/admin/rules/contact?version=0")


async def test_a_programme_is_seen_first_turned_on_and_everything_can_be_held(app: RunningApp) -> None:
    browser = await owner(app)
    assert "/admin/programmes/birthday" in await browser.reads("/admin/programmes")
    assert SAY["nobody_now"] in await browser.reads("/admin/programmes/birthday")
    assert SAY["report_sent"] not in await browser.reads("/admin/programmes/birthday")  # it never did anything
    await browser.does("/admin/programmes/birthday/enable")
    assert SAY["pause"] in await browser.reads("/admin/programmes/birthday")
    await browser.does("/admin/programmes/birthday/pause")
    assert SAY["enable"] in await browser.reads("/admin/programmes/birthday")
    await browser.does("/admin/programmes/hold")
    assert SAY["all_on_hold"] in await browser.reads("/admin/programmes")
    await browser.does("/admin/programmes/release")
    async with app.database.read() as session:
        assert await follow_up_hold.find_hold(session) is None


async def test_somebody_is_added_gets_a_new_key_and_leaves_with_their_cases_passed_on(app: RunningApp) -> None:
    browser = await owner(app)
    added = await browser.sends("/admin/staff", name="ben", role="agent", alias="Ben")
    (key,) = re.findall(r"ben: (kefu_[\w-]+)", added.text)
    ben = Browser(app.client())
    await ben.sign_in(key)
    number = await complaint(app)
    await ben.does(f"/admin/cases/{number}/take")
    again = await browser.sends("/admin/staff/ben/key")
    assert key not in again.text
    assert (await ben.client.get("/admin")).status_code == 303
    await browser.does("/admin/staff/ben", role="supervisor", alias="Benny", capacity="5")
    assert "Benny" in await browser.reads("/admin/staff")
    await browser.does("/admin/staff/ben/disable", hand_over_to="root")
    shown = await browser.reads(f"/admin/cases/{number}")
    assert "ben" in shown
    assert "收到的茶罐破了" in shown
    myself = await browser.sends("/admin/staff/root/disable")
    assert myself.status_code == 422


async def test_the_shops_facts_and_sentences_hold_at_once(app: RunningApp) -> None:
    browser = await owner(app)
    await browser.does("/admin/shop/spoken", fact="hours_text", zh="九点到六点", en="nine to six")
    plain = {"privacy_url": "https://shop.example/privacy", "currency": "eur", "country": "DE", "color": "#1f6f54"}
    await browser.does("/admin/shop/plain", **plain)
    async with app.database.read() as session:
        facts, _ = await read_shop(session)
    assert (facts.hours_text.en, facts.currency) == ("nine to six", "EUR")
    for currency, said in (("euro", ""), ("", f"{SAY['field_currency']}: {SAY['fault_missing']}")):
        wrong = await browser.sends("/admin/shop/plain", **(plain | {"currency": currency}))
        assert (wrong.status_code, SAY["field_currency"] in wrong.text, said in wrong.text) == (422, True, True)
    await browser.does("/admin/shop/plain", **(plain | {"privacy_url": ""}))
    async with app.database.read() as session:
        facts, _ = await read_shop(session)
    assert (facts.privacy_url, facts.currency) == ("", "EUR")
    found = await browser.reads("/admin/shop?q=case.is_it_solved")
    assert "case.is_it_solved" in found
    await browser.does("/admin/shop/texts", key="case.is_it_solved", zh="好了吗？", en="Is it fine now?")
    assert "Is it fine now?" in await browser.reads("/admin/shop")
    unknown = await browser.sends("/admin/shop/texts", key="case.is_it_solved", en="{nonsense}")
    assert error_words("unknown_text", "en") in unknown.text
    await browser.does("/admin/shop/texts", key="case.is_it_solved")
    assert SAY["none_own"] in await browser.reads("/admin/shop")
