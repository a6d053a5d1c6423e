"""Controls: a chat with one fault put in, that the test of the broken promise must catch."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DEADLINE, Fault
from tests.browser.embedded.conftest import Arrive
from tests.browser.embedded.shop_site import ShopSite
from tests.browser.embedded.test_uploads import (
    test_a_file_that_is_taken_out_stops_and_the_words_go_without_it as stops,
)
from tests.browser.embedded.test_without_storage import (
    test_a_log_out_on_a_page_where_the_chat_did_not_come_up_holds_on_the_next as makes_good,
)
from tests.browser.embedded.test_without_storage import (
    test_she_is_told_and_goes_on_in_a_page_of_its_own as says_what_it_loses,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FORGETS_THE_WISH = Fault("chat.js", "const isToEnd = isEmbedded &&", "const isToEnd = false &&")
GOES_ON_UPLOADING = Fault("attachments.js", "item.request?.abort();", "")
BELIEVES_THAT_IT_LASTS = Fault("chat.js", ".hidden = session.isKept ||", ".hidden = true ||")


@pytest.fixture(autouse=True)
def impatience() -> Iterator[None]:
    """What is broken need not be waited for."""
    expect.set_options(timeout=3_000)
    yield
    expect.set_options(timeout=DEADLINE)


@pytest.mark.parametrize("fault", [FORGETS_THE_WISH])
async def test_a_chat_that_forgets_a_reset_is_caught(arrive: Arrive, site: ShopSite) -> None:
    with pytest.raises(AssertionError):
        await makes_good(arrive, site)


@pytest.mark.parametrize("fault", [GOES_ON_UPLOADING])
async def test_a_file_that_goes_on_uploading_is_caught(arrive: Arrive) -> None:
    with pytest.raises(AssertionError):
        await stops(arrive)


@pytest.mark.parametrize("fault", [BELIEVES_THAT_IT_LASTS])
async def test_a_chat_that_forgets_without_a_word_is_caught(arrive: Arrive, site: ShopSite) -> None:
    with pytest.raises(AssertionError):
        await says_what_it_loses(arrive, site)
