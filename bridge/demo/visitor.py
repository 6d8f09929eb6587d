"""A citizen in front of the web pages, with a browser that knows no scripts.

start page ─> one question after the other ─> check ─> send ─> the page of the submission
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import urlsplit

import aiohttp

FORM = "park-ideas"
_LOOK = 0.2  # seconds between two looks at a page
_STEPS = 30  # pages of the form at most
_REFERENCE = re.compile(r"[A-Z]{1,4}-[0-9A-Z]{4}-[0-9A-Z]{2}")
_LINK = re.compile(r"https?://\S+/c/\S+")


class Visitor:
    """`url` is where the pages are; `answers` are by question, others are left empty."""

    def __init__(self, url: str, answers: Mapping[str, str]) -> None:
        self._url, self._answers = url, answers
        self.place = ""  # the path of the page of what was sent

    async def send(self) -> str:
        """Fill in the form and send it; the reference that the confirmation shows.

        Raises `AssertionError` when there is none.
        """
        async with aiohttp.ClientSession() as http:
            start = f"/f/{FORM}"
            at = await self._post(http, start, {**_hidden(await self._get(http, start)), "_do": "start"})
            for _ in range(_STEPS):
                if at.startswith("/t/"):
                    break
                posted = _hidden(await self._get(http, at))
                question = at.rpartition("/")[2]
                if question == "check":
                    at = await self._post(http, at, {**posted, "_do": "send"})
                    continue
                answer = {question: self._answers[question]} if question in self._answers else {}
                at = await self._post(http, at, {**posted, **answer, "_do": "continue"})
            self.place = at.removesuffix("/sent")
            found = _REFERENCE.search(await self._get(http, at))
        if not at.startswith("/t/") or found is None:
            raise AssertionError("no confirmation page with a reference")
        return found[0]

    async def confirm(self, letter: str) -> None:
        """Follow the link in the text of a mail, and press its button."""
        link = _LINK.search(letter)
        if link is None:
            raise AssertionError("no link in the mail")
        path = urlsplit(link[0]).path
        async with aiohttp.ClientSession() as http:
            posted = _hidden(await self._get(http, path))
            await self._post(http, path, {**posted, "_do": "confirm"})

    async def read(self, text: str, seconds: float) -> None:
        """Look at the page of what was sent until it says `text`.  Raises `TimeoutError`."""
        async with aiohttp.ClientSession() as http:
            for _ in range(int(seconds / _LOOK)):
                if text in await self._get(http, self.place):
                    return
                await asyncio.sleep(_LOOK)
        raise TimeoutError

    async def _get(self, http: aiohttp.ClientSession, path: str) -> str:
        async with http.get(self._url + path) as page:
            return await page.text()

    async def _post(self, http: aiohttp.ClientSession, path: str, fields: Mapping[str, str]) -> str:
        """The path that the answer leads to."""
        body = aiohttp.MultipartWriter("form-data")
        for name, value in fields.items():
            body.append(value).set_content_disposition("form-data", name=name)
        async with http.post(self._url + path, data=body, allow_redirects=False) as answer:
            if "Location" not in answer.headers:
                raise AssertionError(f"the form goes no further: {answer.status}")
            return urlsplit(answer.headers["Location"]).path


def _hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page by their names."""
    found: dict[str, str] = {}

    class Fields(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            has = dict(attrs)
            if tag == "input" and has.get("type") == "hidden":
                found[str(has["name"])] = has.get("value") or ""

    Fields().feed(page)
    return found
