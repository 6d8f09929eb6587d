"""Answers that are good, and how to come to a question of a draft."""

from __future__ import annotations

from tests.forms.site import Page, Site

ANSWERS: dict[str, str] = {
    "name": "Ada Citizen",
    "mail": "ada@home.example",
    "home--street": "1 Elm Road",
    "home--postcode": "12345",
    "home--town": "Alder",
    "one": "b",
    "why": "It is sweet",
    "many": "a",
    "order--a": "2",
    "order--b": "1",
    "size": "1.5",
    "words": "A bench.\nAnd shade.",
    "agree": "yes",
}


def path(page: Page) -> str:
    """The last part of a draft's address."""
    return page.url.split("?")[0].rsplit("/", 1)[1]


async def to_question(s: Site, form: str, question: str, **answers: str) -> Page:
    """That question's page, with `answers` to the questions before it."""
    page = await s.start(form)
    while path(page) != question:
        given = {k: v for k, v in answers.items() if k.partition("--")[0] == path(page)}
        page = await s.browser.submit(page, "continue", **given)
        assert page.status == 200, page.text()
    return page
