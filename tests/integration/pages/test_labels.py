"""Labelled questions and words that mean the same, on the pages."""

import re

from admin.pages.wording import words
from knowledge_base.synonyms import list_synonyms
from staff.values import Role
from staff.words import error_words
from tests.integration.pages.browsing import Browser, signed_in
from tests.support.app import RunningApp

SAY = words("en")


async def owner(app: RunningApp) -> Browser:
    return await signed_in(app, "root", Role.ADMIN)


def row_of(shown: str, question: str) -> str:
    """What stands about one question on the page."""
    return shown.partition(f"<h2>{question}</h2>")[2].partition("</section>")[0]


async def test_a_question_is_labelled_seen_with_what_customers_get_and_taken_back(app: RunningApp) -> None:
    browser = await owner(app)
    assert SAY["no_labels"] in await browser.reads("/admin/labels")
    await browser.does("/admin/labels", question="How long does delivery take?", article="delivery")
    await browser.does("/admin/labels", question="Who won the world cup?")
    await browser.does("/admin/labels", question="how long does delivery take", language="en")
    shown = await browser.reads("/admin/labels")
    right, nothing = row_of(shown, "How long does delivery take?"), row_of(shown, "Who won the world cup?")
    wrong = row_of(shown, "how long does delivery take")
    assert SAY["is_right"] in right
    assert right.count("/admin/articles/delivery?language=en") == 2
    assert f"{SAY['should_get']} {SAY['outcome_none']} · {SAY['now_gets']} {SAY['outcome_none']}" in nothing
    assert SAY["is_wrong"] in wrong
    await browser.does("/admin/labels", question="how long does delivery take", article="delivery", language="en")
    assert SAY["is_wrong"] not in await browser.reads("/admin/labels")
    (first, *_) = re.findall(r"/admin/labels/(\d+)/remove", await browser.reads("/admin/labels"))
    await browser.does(f"/admin/labels/{first}/remove")
    assert "How long does delivery take?" not in await browser.reads("/admin/labels")
    again = await browser.sends(f"/admin/labels/{first}/remove")
    assert error_words("unknown_label", "en") in again.text


async def test_a_label_names_an_article_that_exists(app: RunningApp) -> None:
    browser = await owner(app)
    refused = await browser.sends("/admin/labels", question="Where?", article="nowhere")
    assert refused.status_code == 422
    assert SAY["field_article"] in refused.text
    assert SAY["no_labels"] in await browser.reads("/admin/labels")


async def test_words_that_mean_the_same_are_kept_as_written(app: RunningApp) -> None:
    browser = await owner(app)
    base = base_of(await browser.reads("/admin/synonyms"))
    await browser.does("/admin/synonyms", base=base, text="退款|退钱\r\n\r\nrefund | money back\r\n")
    async with app.database.read() as session:
        assert await list_synonyms(session) == (("退款", "退钱"), ("refund", "money back"))
    shown = await browser.reads("/admin/synonyms")
    assert ">退款|退钱\nrefund|money back</textarea>" in shown
    late = await browser.sends("/admin/synonyms", base=base, text="")
    assert (late.status_code, error_words("stale_version", "en") in late.text) == (409, True)
    wrong = await browser.sends("/admin/synonyms", base=base_of(shown), text="退款|退钱\nalone")
    assert wrong.status_code == 422
    assert "Line 2: needs two words" in wrong.text
    assert ">退款|退钱\nalone</textarea>" in wrong.text
    await browser.does("/admin/synonyms", base=base_of(shown), text="")
    assert SAY["no_synonyms"] in await browser.reads("/admin/synonyms")


def base_of(shown: str) -> str:
    found = re.search(r'name="base" value="(\w+)"', shown)
    assert found is not None
    return found[1]


async def test_agents_read_both_and_change_neither(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    for address in ("/admin/labels", "/admin/synonyms"):
        shown = await browser.reads(address)
        assert f"<button>{SAY['save']}</button>" not in shown
        assert f"<button>{SAY['add']}</button>" not in shown
        assert (await browser.sends(address, question="x", base="x")).status_code == 403
