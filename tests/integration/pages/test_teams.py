"""Teams on the page: made, changed, removed, by whoever may."""

from admin.pages.wording import words
from staff.values import Role
from tests.integration.pages.browsing import Browser, deeds, signed_in
from tests.support.app import RunningApp

SAY = words("en")


async def save(browser: Browser, status: int = 303, **form: str | list[str]) -> str:
    answer = await browser.client.post("/admin/teams", data=form)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_a_team_is_made_changed_and_removed(app: RunningApp) -> None:
    browser = await signed_in(app, "root", Role.ADMIN)
    for name in ("ann", "ben"):
        await app.add_staff(name, Role.AGENT)
    assert SAY["no_teams"] in await browser.reads("/admin/teams")
    await save(browser, new="true", name="Tea <desk>", members=["ann", "ben"])
    shown = await browser.reads("/admin/teams")
    assert "<h2>Tea &lt;desk&gt;</h2>" in shown
    assert f'ann, ben <span class="soft">· {SAY["shops_hours"]}</span>' in shown
    assert "Tea &lt;desk&gt;: ann, ben" in await browser.reads("/admin/staff")
    await save(browser, name="Tea <desk>", members="ben", calendar="shop")
    assert 'ben <span class="soft">· shop</span>' in await browser.reads("/admin/teams")
    await save(browser, name="Tea <desk>")
    assert f"{SAY['no_members']} <span" in await browser.reads("/admin/teams")
    await browser.does("/admin/teams/remove", name="Tea <desk>")
    assert SAY["no_teams"] in await browser.reads("/admin/teams")
    deeds_done = [action for _who, action in await deeds(app, "team:Tea <desk>")]
    assert deeds_done == ["teams.remove", *["teams.set"] * 3]


async def test_what_cannot_be_is_said_and_changes_nothing(app: RunningApp) -> None:
    browser = await signed_in(app, "root", Role.ADMIN)
    await app.add_staff("shop", Role.CHANNEL)
    await save(browser, new="true", name="tea")
    assert SAY["field_name"] in await save(browser, 422, new="true", name="tea")
    assert SAY["field_name"] in await save(browser, 422, new="true", name="a:b")
    assert SAY["field_calendar"] in await save(browser, 422, name="tea", calendar="moon")
    assert SAY["field_members"] in await save(browser, 422, name="tea", members="shop")
    assert f"{SAY['no_members']} <span" in await browser.reads("/admin/teams")


async def test_agents_read_and_do_not_write(app: RunningApp) -> None:
    browser = await signed_in(app, "ann", Role.AGENT)
    shown = await browser.reads("/admin/teams")
    assert 'method="post" action="/admin/teams"' not in shown
    await save(browser, 403, new="true", name="mine")
