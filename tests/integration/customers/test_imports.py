"""Files as shops have them: read, mended, reported; the same file again changes nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select, text

from core.database import Database
from core.sheets import UnreadableFile
from customers import consents, service
from customers.customer_form import Key
from customers.identities import Newcomer, ensure_identity
from customers.imports import CustomerImport, CustomersReport, ImportOptions, OrderImport
from customers.models import ChannelIdentity, Customer, Order
from customers.profile import ProfileChanges
from customers.values import BirthdayCalendar, ConsentKind, OrderStatus
from tests.integration.customers.people import HERSELF
from tests.support.clock import FakeClock

SHANGHAI = ZoneInfo("Asia/Shanghai")
DEFAULT = ImportOptions()


async def customers_in(
    database: Database, clock: FakeClock, file: Path, options: ImportOptions = DEFAULT
) -> CustomersReport:
    importer = CustomerImport(database, clock, SHANGHAI)
    return await importer.apply(await importer.plan(file, options), "li")


async def orders_in(
    database: Database, clock: FakeClock, file: Path, options: ImportOptions = DEFAULT
) -> CustomersReport:
    importer = OrderImport(database, clock, SHANGHAI)
    return await importer.apply(await importer.plan(file, options), "li")


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    book.save(path)
    return path


async def all_customers(database: Database) -> list[Customer]:
    async with database.read() as session:
        return list(await session.scalars(select(Customer).order_by(Customer.id)))


OWNERS_SHEET = (
    "客户编号;姓名;称呼;手机;生日;标签;接受关怀;接受促销;同意来源;同意时间\n"
    "C-1;李桂芳;李阿姨;138 0013-8000;农历八月十五;老客户|爱喝碎茶;是;;到店登记;2026年2月1日\n"
    "C-2;王建国;王先生;13900139000.0;1968/11/3;会员;否;是;网店;2025-04-12\n"
)


@pytest.mark.db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
async def test_an_owners_sheet_is_understood(
    database: Database, clock: FakeClock, tmp_path: Path, encoding: str
) -> None:
    report = await customers_in(database, clock, write(tmp_path / "客户.csv", OWNERS_SHEET, encoding))
    assert (report.created, report.rejected, report.applied) == (2, 0, True)
    assert report.reachable == {"now": 0, "of": 2}
    assert any("kefu customers links" in warning for warning in report.warnings)
    li, wang = await all_customers(database)
    assert (li.phone, li.birthday, li.birthday_calendar) == ("+8613800138000", "08-15", BirthdayCalendar.LUNAR)
    assert (li.form_of_address, li.tags) == ("李阿姨", ["老客户", "爱喝碎茶"])
    assert (wang.phone, wang.birthday, wang.birthday_calendar) == (
        "+8613900139000",
        "1968-11-03",
        BirthdayCalendar.GREGORIAN,
    )
    async with database.read() as session:
        of_li, of_wang = await consents.current(session, li.id), await consents.current(session, wang.id)
    assert of_li[ConsentKind.CARE].given
    assert of_li[ConsentKind.CARE].source == "到店登记"
    assert of_li[ConsentKind.CARE].at == datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert not of_li[ConsentKind.PROMOTION].given
    assert of_wang[ConsentKind.PROMOTION].given


@pytest.mark.db
async def test_the_same_file_again_changes_nothing(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    file = write(tmp_path / "c.csv", OWNERS_SHEET)
    await customers_in(database, clock, file)
    before = [(c.id, c.version, c.updated_at) for c in await all_customers(database)]
    clock.advance(days=1)
    again = await customers_in(database, clock, file)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert [(c.id, c.version, c.updated_at) for c in await all_customers(database)] == before


@pytest.mark.db
async def test_an_import_never_undoes_what_a_customer_chose(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    file = write(tmp_path / "c.csv", OWNERS_SHEET)
    await customers_in(database, clock, file)
    li = (await all_customers(database))[0]
    async with database.write() as session:
        wish = ProfileChanges(name="桂芳", birthday="08-16", birthday_calendar=BirthdayCalendar.LUNAR)
        await service.change_customer(session, li.id, None, wish, HERSELF, clock.now())
        await consents.stop_everything(session, li.id, source="telegram", now=clock.now())
    again = await customers_in(database, clock, file)
    assert (again.updated, again.unchanged) == (0, 2)
    li = (await all_customers(database))[0]
    assert (li.name, li.birthday) == ("桂芳", "08-16")
    async with database.read() as session:
        assert not any(standing.given for standing in (await consents.current(session, li.id)).values())


@pytest.mark.db
async def test_good_rows_go_in_and_bad_ones_come_back_with_the_reason(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    text = (
        "external_id,name,phone,birthday,birthday_calendar\n"
        "C-1,good,13800138000,1990-05-21,\n"
        "C-2,lost digits,1.38E+10,,\n"
        "C-3,no such day,,1990-02-30,\n"
        ",no number,,,\n"
        "C-4,lunar says,,农历八月十五,gregorian\n"
        "C-1,somebody else,,,\n"
    )
    file = write(tmp_path / "c.csv", text)
    report = await customers_in(database, clock, file)
    assert (report.created, report.rejected) == (1, 5)
    found = {(r.row, r.column) for r in report.rejections}
    assert found == {(3, "phone"), (4, "birthday"), (5, "external_id"), (6, "birthday"), (7, "name")}
    assert report.rejected_file is not None
    mended = Path(report.rejected_file).read_text("utf-8-sig").replace("1.38E+10", "13800138001")
    again = await customers_in(database, clock, write(tmp_path / "mended.csv", mended))
    assert again.created == 1


async def test_strict_and_dry_run_change_nothing(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    file = write(tmp_path / "c.csv", "external_id,phone\nC-1,13800138000\nC-2,nonsense\n")
    strict = await customers_in(database, clock, file, ImportOptions(strict=True))
    dry = await customers_in(database, clock, file, ImportOptions(dry_run=True))
    assert (strict.applied, dry.applied, strict.rejected, dry.created) == (False, False, 1, 1)
    assert await all_customers(database) == []


async def test_the_report_says_what_is_missing_and_what_is_there_twice(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    text = "number,who,phone,birthday\nC-1,Li,13800138000,\nC-2,,13800138000,\nC-3,Wang,,1990-05-21\nC-1,Li,,\n"
    mapping = {"number": "external_id", "who": "name"}
    report = await customers_in(database, clock, write(tmp_path / "c.csv", text), ImportOptions(mapping=mapping))
    assert (report.created, report.rejected) == (3, 0)
    for said in (
        "2 of 3 customers have no birthday",
        "1 of 3 customers have no name",
        "1 of 3 customers have no phone",
        "1 phone numbers belong to several customers: the same person twice?",
        "1 rows name a customer again and were joined with the first",
    ):
        assert said in report.warnings
    assert [customer.name for customer in await all_customers(database)] == ["Li", None, "Wang"]


async def test_numbers_of_a_workbook_are_not_sums(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["会员号", "手机号", "生日"],
        [10001, 13800138000, "八月初五"],
        [10002.0, 1.3900139e10, None],
    ]
    report = await customers_in(database, clock, workbook(tmp_path / "c.xlsx", rows))
    assert report.created == 2
    found = [(c.external_id, c.phone, c.birthday) for c in await all_customers(database)]
    assert found == [("10001", "+8613800138000", "08-05"), ("10002", "+8613900139000", None)]


@pytest.mark.db
async def test_the_phone_can_be_the_key(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    file = write(tmp_path / "c.csv", "手机,姓名\n13800138000,李\n+86 138 0013 8000,李\n")
    report = await customers_in(database, clock, file)
    assert (report.created, report.rejected) == (1, 0)
    numbered = write(tmp_path / "n.csv", "客户编号,手机,姓名\nC-1,13800138000,李桂芳\n")
    assert (await customers_in(database, clock, numbered)).updated == 1
    (li,) = await all_customers(database)
    assert (li.external_id, li.name) == ("C-1", "李桂芳")
    by_phone = await customers_in(database, clock, numbered, replace(DEFAULT, key=Key.PHONE))
    assert by_phone.unchanged == 1


@pytest.mark.db
async def test_a_telegram_id_is_recognised_when_it_first_writes(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    file = write(tmp_path / "c.csv", "external_id,telegram_id\nC-1,4711\n")
    report = await customers_in(database, clock, file)
    assert report.reachable == {"now": 0, "of": 1}
    async with database.write() as session:
        newcomer = Newcomer(account="telegram:shop_bot", external_id="4711", name="Li")
        identity = await ensure_identity(session, newcomer, clock.now())
        assert identity.verified
    again = await customers_in(database, clock, file)
    assert again.reachable == {"now": 1, "of": 1}
    assert "reachable now: 1 on telegram" in again.warnings
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ChannelIdentity)) == 1


ORDERS_SHEET = (
    "订单号,客户编号,客户手机,商品,商品明细,实付金额,订单状态,快递公司,快递单号,下单时间,签收时间\n"
    "A-1,C-1,,龙井,龙井 250克*3|茶罐,¥1,299.50,已签收,顺丰,SF100,2026/2/1 9:30,2026年2月3日 15:27\n"
    'A-1b,C-1,,龙井,龙井 250克×3|茶罐,"¥1,299.50",已签收,顺丰,SF100,2026/2/1 9:30,2026年2月3日 15:27\n'
    "A-2,,13900139000,桂花龙井,,38元,待发货,,,2026-03-01,\n"
    "A-3,,,茶,,38,,,,,\n"
)


@pytest.mark.db
async def test_orders_find_or_make_their_customers(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    report = await orders_in(database, clock, write(tmp_path / "o.csv", ORDERS_SHEET))
    # the first row has an amount with a comma and no quotation marks, the last no customer
    assert {rejection.row for rejection in report.rejections} == {2, 5}
    assert report.created == 2
    async with database.read() as session:
        orders = {order.external_id: order for order in await session.scalars(select(Order))}
    first = orders["A-1b"]
    assert (first.amount_minor, first.currency, first.status) == (129950, "CNY", OrderStatus.DELIVERED)
    assert first.items == [{"name": "龙井 250克", "quantity": 3}, {"name": "茶罐", "quantity": 1}]
    assert first.placed_at is not None
    assert first.placed_at.isoformat() == "2026-02-01T01:30:00+00:00"
    assert orders["A-2"].status is OrderStatus.PAID
    assert all(order.imported for order in orders.values())
    assert [(c.external_id, c.phone) for c in await all_customers(database)] == [
        ("C-1", None),
        (None, "+8613900139000"),
    ]
    again = await orders_in(database, clock, write(tmp_path / "o.csv", ORDERS_SHEET))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    moved = write(tmp_path / "moved.csv", "订单号,客户编号,订单状态\nA-1b,C-9,已退货\n")
    refused = await orders_in(database, clock, moved)
    assert refused.rejections[0].reason == "is known as the order of another customer"


@pytest.mark.db
async def test_two_imports_at_once_make_each_customer_once(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    numbers = [f"C-{n}" for n in range(600)]
    one = write(
        tmp_path / "1.csv", "external_id,phone\n" + "".join(f"{n},1380013{i:04}\n" for i, n in enumerate(numbers))
    )
    two = write(tmp_path / "2.csv", "external_id,name\n" + "".join(f"{n},张\n" for n in reversed(numbers)))
    orders = write(tmp_path / "o.csv", "order no,customer\n" + "".join(f"A-{n},{n}\n" for n in numbers))
    other = Database(database.url.render_as_string(hide_password=False))
    try:
        reports = await asyncio.gather(
            customers_in(database, clock, one), customers_in(other, clock, two), orders_in(other, clock, orders)
        )
    finally:
        await other.close()
    assert [report.rejected for report in reports] == [0, 0, 0]
    found = await all_customers(database)
    assert sorted(c.external_id or "" for c in found) == sorted(numbers)
    assert all(c.phone and c.name for c in found)


async def turns_beside_an_import(database: Database, clock: FakeClock, file: Path) -> int:
    """How often another process could write while a file of twelve batches went in."""
    other, turns = Database(database.url.render_as_string(hide_password=False)), 0
    write(file, "external_id,name\n" + "".join(f"C-{n},张\n" for n in range(3000)))
    importing = asyncio.create_task(customers_in(database, clock, file))
    try:
        while not importing.done():
            async with other.write() as session:
                await session.execute(text("SELECT 1"))
            turns += 1
    finally:
        await other.close()
    assert (await importing).created == 3000
    return turns


async def test_while_a_file_goes_in_other_processes_have_their_turns(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    assert await turns_beside_an_import(database, clock, tmp_path / "c.csv") > 15


async def test_a_file_without_a_key_changes_nothing(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="lacks the column"):
        await customers_in(database, clock, write(tmp_path / "c.csv", "姓名,生日\n李,1990-01-01\n"))
    assert await all_customers(database) == []
