"""Every state from the list of forms to the moment before sending can be used by everybody."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.checks import faults
from tests.browser.stage import stage
from tests.browser.states import LANGUAGES, State
from tests.browser.states_form import STATES

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
async def test_everybody_can_use_it(browser: Browser, state: State, language: str) -> None:
    async with stage(browser, language) as s:
        await state.reach(s)
        found = await faults(s, state)
    assert not found, "\n" + "\n".join(found)
