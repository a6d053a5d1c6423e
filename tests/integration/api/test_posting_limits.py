"""Too much at once, and nobody who answers: both are said, and nothing is lost."""

from pathlib import Path

from staff.values import Role
from tests.support.app import make_settings, running_app

MESSAGES = "/api/v1/messages"


def message(number: int, customer: str = "C-1") -> dict[str, str]:
    return {"customer": customer, "message_id": f"{customer}:{number}", "text": f"问题 {number}"}


async def test_one_customer_has_so_many_messages_a_minute_and_copies_do_not_count(
    database_url: str, tmp_path: Path
) -> None:
    async with running_app(make_settings(database_url, tmp_path, messages_per_minute=2)) as app:
        key = await app.add_staff("shop", Role.CHANNEL)
        channel = app.client(key)
        for number in (1, 2, 1, 2):
            assert (await channel.post(MESSAGES, json=message(number))).status_code == 200
        refused = await channel.post(MESSAGES, json=message(3))
        assert (refused.status_code, refused.json()["error"]) == (429, "limit_exceeded")
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert (await channel.post(MESSAGES, json=message(1, "C-2"))).status_code == 200


async def test_two_processes_have_one_minute_between_them(database_url: str, tmp_path: Path) -> None:
    settings = make_settings(database_url, tmp_path, messages_per_minute=2)
    async with running_app(settings) as first, running_app(settings) as second:
        key = await first.add_staff("shop", Role.CHANNEL)
        answers = [
            await process.client(key).post(MESSAGES, json=message(number))
            for number, process in enumerate((first, second, first, second))
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 429, 429]


async def test_without_an_answer_in_time_it_says_so_and_the_message_is_kept(database_url: str, tmp_path: Path) -> None:
    settings = make_settings(database_url, tmp_path)
    async with running_app(settings, with_loops=False) as app:
        app.site.http.answer_seconds = 0.2
        key = await app.add_staff("shop", Role.CHANNEL)
        async with app.client(key) as channel:
            response = await channel.post(MESSAGES, json=message(1))
            assert (response.status_code, response.json()["error"]) == (503, "unavailable")
            assert int(response.headers["retry-after"]) > 0
    async with running_app(settings) as later, later.client(key) as channel:
        response = await channel.post(MESSAGES, json=message(1))
        assert response.status_code == 200
        assert response.json()["messages"]
