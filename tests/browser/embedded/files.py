"""What a visitor does with files in the widget."""

from playwright.async_api import FilePayload, Locator

from tests.browser.embedded.guest import Guest

_CARRY = """(_, [type, name]) => {
    const data = new DataTransfer();
    data.items.add(new File(["order A-1"], name, { type: "text/plain" }));
    const given = { bubbles: true, cancelable: true };
    const event = type === "paste" ? new ClipboardEvent(type, { clipboardData: data, ...given })
                                   : new DragEvent(type, { dataTransfer: data, ...given });
    document.getElementById("text").dispatchEvent(event);
}"""


def payload(name: str, data: bytes) -> FilePayload:
    return FilePayload(name=name, mimeType="application/octet-stream", buffer=data)


def rows(guest: Guest) -> Locator:
    """The files that go along with the next message."""
    return guest.chat.locator("#files li")


async def attach(guest: Guest, *files: FilePayload) -> None:
    await guest.chat.locator("#picked").set_input_files(list(files))


async def carry(guest: Guest, how: str, name: str) -> None:
    """A small text is pasted or dragged: `paste`, `dragenter`, `dragleave`, `drop`."""
    await guest.composer.evaluate(_CARRY, [how, name])
