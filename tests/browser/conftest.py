from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser
from support.browser import open_chromium


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_chromium() as browser:
        yield browser
