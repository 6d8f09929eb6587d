"""Every state of a submission's page, and of what goes wrong, can be used by everybody."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser import states_case, states_fault
from tests.browser.checks import faults
from tests.browser.stage import stage
from tests.browser.states import LANGUAGES, State

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", (*states_case.STATES, *states_fault.STATES), ids=lambda state: state.name)
async def test_everybody_can_use_it(browser: Browser, state: State, language: str) -> None:
    async with stage(browser, language, reader=state.reader and state.reader()) as s:
        await state.reach(s)
        found = await faults(s, state)
    assert not found, "\n" + "\n".join(found)
