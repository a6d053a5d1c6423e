"""An article carries a file: uploaded by staff, shown with the answer and on its page, in and out with a sheet."""

import csv
from pathlib import Path
from typing import Any

import httpx

from conversations.media import clean
from core.files import FolderStore
from knowledge_base.article_files import FileKeeper
from knowledge_base.files import ArticleFiles, ImportOptions
from tests.integration.api.conftest import Callers

PRICES = "龙井 380元\n红茶 160元\n".encode()


async def ok(response: httpx.Response) -> Any:
    assert response.status_code < 300, response.text
    return response.json()


async def test_a_file_goes_from_the_upload_to_the_customer(callers: Callers) -> None:
    uploaded = await ok(await callers.admin.post("/api/v1/files", files={"file": ("价目表.txt", PRICES)}))
    body = {"key": "prices", "language": "zh", "question": "有价目表吗？", "answer": "见附件。", "status": "published"}
    missing = await callers.admin.post("/api/v1/articles", json={**body, "file": "up00000000"})
    assert (missing.status_code, missing.json()["data"]["fields"][0]["path"]) == (422, "file")
    made = await ok(await callers.admin.post("/api/v1/articles", json={**body, "file": uploaded["id"]}))
    assert made["file"] == uploaded["id"]
    await callers.app.services.knowledge.refresh(fully=True)

    said = {"customer": "C-1", "message_id": "1", "text": "有价目表吗？"}
    answer = (await ok(await callers.channel.post("/api/v1/messages", json=said)))["messages"][-1]

    (attachment,) = answer["attachments"]
    assert (attachment["id"], attachment["name"]) == (uploaded["id"], "价目表.txt")
    async with callers.app.client() as customer:
        for address in (attachment["url"], "/help/prices/file"):
            assert (await customer.get(address)).content == PRICES
        assert "/help/prices/file" in (await customer.get("/help/prices")).text
        assert (await customer.get("/help/delivery/file")).status_code == 404
    assert (await callers.ann.get(f"/api/v1/files/{uploaded['id']}")).content == PRICES


async def test_a_customers_file_is_no_articles(callers: Callers) -> None:
    theirs = await ok(await callers.channel.post("/api/v1/files", files={"file": ("a.txt", PRICES)}))
    body = {"key": "x", "language": "zh", "question": "Q", "answer": "A", "file": theirs["id"]}
    assert (await callers.admin.post("/api/v1/articles", json=body)).status_code == 422


async def test_a_sheet_brings_files_and_takes_them_along(callers: Callers, tmp_path: Path) -> None:
    app = callers.app
    folder = tmp_path / "sheet"
    folder.mkdir()
    (folder / "prices.txt").write_bytes(PRICES)
    (tmp_path / "secret.txt").write_bytes(b"secret")
    sheet = folder / "articles.csv"
    rows = [("prices", "有价目表吗", "见附件", "prices.txt")]
    rows += [("a", "甲", "乙", "../secret.txt"), ("b", "丙", "丁", "no.pdf")]
    with sheet.open("w", encoding="utf-8") as file:
        csv.writer(file).writerows([("key", "question", "answer", "file"), *rows])
    store = FolderStore(app.services.settings.data_dir / "files")
    zone = app.services.settings.timezone
    files = ArticleFiles(app.database, app.clock, zone, keeper=FileKeeper(store, clean))

    report = await files.apply(await files.plan(sheet, ImportOptions()), "Chen")
    again = await files.plan(sheet, ImportOptions())
    exported = folder / "out.csv"
    await files.export(exported)
    back = await files.plan(exported, ImportOptions())

    assert (report.created, report.rejected) == (1, 2)
    assert [rejection.reason for rejection in report.rejections] == [
        "'../secret.txt' is not beside the import file",
        "there is no file 'no.pdf' beside the import file",
    ]
    assert (again.report.unchanged, again.report.updated) == (1, 0)
    assert (back.report.updated, back.report.created, back.report.rejected) == (0, 0, 0)
    (copy,) = (folder / "out-files").iterdir()
    assert copy.read_bytes() == PRICES
    shown = await ok(await callers.ann.get("/api/v1/articles/prices"))
    assert (await callers.ann.get(f"/api/v1/files/{shown['file']}")).content == PRICES
