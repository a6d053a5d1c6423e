"""Controls: a page with one fault put in, that the test of the broken promise must catch."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Error, expect

from tests.browser.conftest import DEADLINE, Fault, OpenScripted, OpenVisitor
from tests.browser.test_connection import (
    test_after_a_loss_the_page_asks_only_for_what_it_has_not_seen as resumes,
)
from tests.browser.test_connection import (
    test_doubled_frames_in_both_directions_change_nothing as shows_once,
)
from tests.browser.test_connection import (
    test_words_written_offline_survive_the_closed_tab as keeps_unsent,
)
from tests.browser.test_messages import test_answers_are_built_from_their_small_markup as links_safely
from tests.browser.test_messages import test_nothing_that_is_stored_runs as never_runs

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHOWS_EVERY_FRAME = Fault("log.js", "if (this.#byId.has(message.id)) return false;", "")
KEEPS_NOTHING = Fault("keep.js", "write(UNSENT + entry.id, JSON.stringify(entry));", "")
STARTS_OVER = Fault("connection.js", "after: this.lastSeq", "after: 0")
LINKS_ANYTHING = Fault("markup.js", "if (!OUR_KINDS.test(address)) return null;", "")
RENDERS_HTML = Fault(
    "markup.js",
    "made.append(...children);",
    "children.forEach((child) => child.nodeType ? made.append(child) : made.insertAdjacentHTML('beforeend', child));",
)


@pytest.fixture(autouse=True)
def impatience() -> Iterator[None]:
    """What is broken need not be waited for."""
    expect.set_options(timeout=2_000)
    yield
    expect.set_options(timeout=DEADLINE)


@pytest.mark.parametrize("fault", [SHOWS_EVERY_FRAME])
async def test_a_page_that_shows_every_frame_is_caught(open_visitor: OpenVisitor) -> None:
    # Two of a button are caught as well: Playwright does not press either.
    with pytest.raises((AssertionError, Error), match=r"2 elements|expected"):
        await shows_once(open_visitor)


@pytest.mark.parametrize("fault", [KEEPS_NOTHING])
async def test_a_page_that_keeps_nothing_is_caught(open_visitor: OpenVisitor, chat_url: str) -> None:
    with pytest.raises(AssertionError):
        await keeps_unsent(open_visitor, chat_url)


@pytest.mark.parametrize("fault", [STARTS_OVER])
async def test_a_page_that_asks_for_everything_again_is_caught(open_scripted: OpenScripted) -> None:
    with pytest.raises(AssertionError):
        await resumes(open_scripted)


@pytest.mark.parametrize("fault", [LINKS_ANYTHING])
async def test_a_page_that_links_any_address_is_caught(open_scripted: OpenScripted) -> None:
    with pytest.raises(AssertionError):
        await links_safely(open_scripted)


@pytest.mark.parametrize("fault", [RENDERS_HTML])
async def test_a_page_that_renders_stored_html_is_caught(open_scripted: OpenScripted) -> None:
    with pytest.raises(AssertionError):
        await never_runs(open_scripted)
