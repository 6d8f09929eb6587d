"""Somebody who fills in a form while the bridge is killed: every step again until there is an answer."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

import aiohttp

FORM = "park-ideas"
_PATIENCE = 90.0  # seconds until they give up
_STEPS = 20  # pages of the form at most
_VIEW = re.compile(r'name="_view" value="([^"]+)"')
_DOWN = 500


class Visitor:
    """`url` is where the pages are, `mark` stands in the idea."""

    def __init__(self, url: str, mark: str) -> None:
        self._url = url
        self._answers = {"part": "meadow", "idea": f"Words {mark}", "name": f"Citizen {mark}"}

    async def send(self) -> str:
        """Fill in the form and send it; the path of the page that came of it."""
        async with asyncio.timeout(_PATIENCE), aiohttp.ClientSession() as session:
            page = await self._ask(session, "GET", f"/f/{FORM}", {})
            view = _VIEW.search(page)
            assert view is not None, "the start page shows that it is ours"
            place = await self._ask(session, "POST", f"/f/{FORM}", {"_do": "start", "_view": view[1]})
            for _ in range(_STEPS):
                if place.startswith("/t/"):
                    return place
                place = await self._ask(session, "POST", place, self._posted(place))
        raise AssertionError("the form has no end")

    def _posted(self, place: str) -> dict[str, str]:
        if place.endswith("/check"):
            return {"_do": "send"}
        question = place.rpartition("/")[2]
        return {"_do": "continue", question: self._answers.get(question, "")}

    async def _ask(
        self, session: aiohttp.ClientSession, method: str, path: str, posted: dict[str, str]
    ) -> str:
        """The page, or the path that a redirect leads to.  A bridge that is dead or down is asked again."""
        while True:
            try:
                async with session.request(
                    method, self._url + path, data=posted or None, allow_redirects=False
                ) as answer:
                    text = await answer.text()
                    if answer.status < _DOWN:
                        assert answer.status in (200, 303), f"{answer.status} at {path}"
                        return urlsplit(answer.headers["Location"]).path if answer.status == 303 else text
            except aiohttp.ClientError:
                pass  # it was killed, or does not listen yet
            await asyncio.sleep(0.2)
