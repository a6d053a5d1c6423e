"""What agents type in their group: each command is done, or says what is wrong and how it is written."""

from pathlib import Path

from sqlalchemy import update

from core.database import Database
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_desk import telegram_floor
from tickets.models import Ticket
from tickets.values import TicketStatus

COMMANDS = [
    # What is typed, and the beginning of what is said back; nothing: it is done.
    ("/assign", "用法："),
    ("/assign 老王", "没有叫“老王”的同事。可以写：chen, li, sue"),
    ("/snooze 改天吧", "没看懂时间“改天吧”"),
    ("/merge abc", "要写单号"),
    ("/merge 999", "没有这张单"),
    ("/dance", "没有 /dance 这个命令"),
    ("/offer", "现在按规则可以给"),
    ("/wrong", "机器人在这里没有答过什么"),
    ("/r 龙舌兰", "没有找到“龙舌兰”"),
    ("/redeem AAAA", "没有这个券码"),
    ("/find Anna", "找到：\n⚪"),
    ("/my", "您的单：\n⚪"),
    ("/due", "快到时限的：\n没有"),
    ("/away 2小时", "您离开到 "),
    ("/online", "您在线了"),
    ("/hold 圆通 明天10点", ""),
    ("/snooze 2小时", ""),
    ("/assign 小陈", ""),
    ("/handover chen 要补发", ""),
    ("/ask chen 认识她吗", ""),
]


async def test_each_command_says_what_is_wrong_or_is_done(database: Database, tmp_path: Path) -> None:
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as case:
        await case.customer_says("人工")
        for typed, wanted in COMMANDS:
            async with case.database.write() as session:
                await session.execute(update(Ticket).values(assignee_id=1, status=TicketStatus.OPEN))
            done = await case.types("li", typed)
            answers = [
                str(one.get("text"))
                for one in await case.screen()
                if one.get("reply_to_message", {}).get("message_id") == done.message_id
            ]
            assert (answers or [""])[-1].startswith(wanted), f"{typed}: {answers}"
            assert bool(answers) is bool(wanted), f"{typed}: {answers}"
            assert wanted or case.mark(done) == "👌", typed
