from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.server import Server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with Server(tmp_path) as running:
        yield running
