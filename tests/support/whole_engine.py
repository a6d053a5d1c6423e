"""The product's own engine on a small shop, for workers that are killed; and what its customers do, deed by deed."""

from dataclasses import dataclass
from pathlib import Path

from bot.bootstrap.services import Services, build_services
from core.clock import SystemClock
from core.database import Database
from core.settings import Settings
from tests.support.articles import keep_index, lend_index, write_articles

SECRET = "a secret for tests, of forty characters."


@dataclass(frozen=True, slots=True)
class Deed:
    """What a customer says, or the button that they press."""

    text: str = ""
    button: str = ""


COMPLAINT = "茶罐破了，茶叶都洒了，气死我了"
#: Everybody goes through it once, from the beginning: questions, buttons new and old, a person, a complaint.
STORY = (
    Deed("你好"),
    Deed("多久能送到？"),
    Deed(button="yes:2:0"),
    Deed("how long does delivery take"),
    Deed(button="topics:0:0"),
    Deed("1"),
    Deed("能用贝壳付款吗"),
    Deed(button="person:0:0"),
    Deed("几天到"),
    Deed("谢谢"),
    Deed(COMPLAINT),
    Deed("跳过"),
    Deed("换一罐好的就行"),
    Deed("没错"),
    Deed("我的投诉"),
    Deed("快递要多久"),
    Deed(button="yes:1:0"),
    Deed("转人工"),
    Deed("人呢"),
    Deed("再见"),
)


async def prepare_shop(database: Database, folder: Path) -> None:
    """Its articles, and their index where no worker has to build it again."""
    await write_articles(database, SystemClock())
    lend_index(folder)
    services = await open_engine(database, folder)
    await keep_index(folder, services.knowledge)
    await services.knowledge.close()


async def open_engine(database: Database, folder: Path) -> Services:
    """As `kefu run` builds it; nobody is told that they write too fast."""
    url = database.url.render_as_string(hide_password=False)
    values = {"database_url": url, "data_dir": folder, "secret": SECRET, "embedder": "none", "sample_data": False}
    settings = Settings.model_validate({**values, "messages_per_minute": 100_000})
    return await build_services(settings, SystemClock(), database)
