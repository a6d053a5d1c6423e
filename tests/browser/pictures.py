"""Pictures for the documentation, small enough for a repository."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

_QUALITY = 75


async def take_picture(page: Page, folder: Path, name: str) -> None:
    """What `page` shows, as `name.webp`."""
    shown = Image.open(BytesIO(await page.screenshot())).convert("RGB")
    shown.save(folder / f"{name}.webp", "WEBP", quality=_QUALITY, method=6)
