"""A visit to a draft: what every page between the start page and the confirmation begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from aiohttp import web

from bridge.forms.fields import say
from bridge.forms.parts import Parts
from bridge.forms.said import first
from bridge.forms.schema import Form, OpenForm
from bridge.forms.views import paragraphs
from bridge.forms.way import Way, way
from bridge.forms.words import Words
from bridge.formstore import Draft, Values

FROM_CHECK = "?from=check"
"""Behind the address of a question that leads back to the check page."""

TURN = "_turn"
"""Among the values of a draft that changes what was sent: `CasePage.turn` of the page it came from."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a draft; `token` is its secret, from the address."""

    parts: Parts
    request: web.Request
    opened: OpenForm
    token: str
    draft: Draft
    words: Words

    @property
    def form(self) -> Form:
        return self.opened.form

    @property
    def way(self) -> Way:
        return way(self.form, self.draft)

    @property
    def turn(self) -> int:
        """Which address of its page a draft came from that changes what was sent."""
        turn = first(self.draft.values, TURN)
        return int(turn) if turn.isdecimal() and len(turn) < 10 else 0

    @property
    def from_check(self) -> bool:
        return self.request.query.get("from") == "check"

    def at(self, page: str = "") -> str:
        """The address of a page of this draft."""
        return f"{self.start}/d/{self.token}/{page}"

    @property
    def start(self) -> str:
        """The address of the form's start page."""
        return f"{self.parts.render.base}/f/{self.form.id}"

    def page(self, template: str, *, status: int = 200, back: str = "", **context: object) -> web.Response:
        """A page of the journey: private, with the form's title above it and its contact below."""
        language = self.words.language
        return self.parts.render.page(
            self.request,
            template,
            self.words,
            self.parts.spoken(self.opened),
            status=status,
            private=True,
            service=say(self.form.title, language),
            help=paragraphs(self.form.contact, language),
            back=back,
            **context,
        )

    def onwards(self) -> str:
        """Where somebody goes on who comes back: the first question that is open, else the check page."""
        first_open = self.way.first_open()
        return self.at(f"q/{first_open.id}" if first_open else "check")

    async def save(self, values: Values, *seen: str) -> Visit:
        """Keep `values` as the answers, with these questions passed; the visit with the new draft."""
        passed = tuple(dict.fromkeys([*self.draft.seen, *seen]))
        await self.parts.store.save(self.draft.id, values, passed, self.words.language)
        return await self.again()

    async def again(self) -> Visit:
        """This visit with the draft as it is now.  Raises aiohttp's 410 when it is gone."""
        draft = await self.parts.store.draft(self.token)
        if draft is None:
            raise web.HTTPGone
        return Visit(self.parts, self.request, self.opened, self.token, draft, self.words)

    def to_page(self) -> NoReturn:
        """Redirect to what became of it: a draft that was sent shows nothing else."""
        page = self.draft.page if self.draft.changes is None else self.draft.changes
        if page is None:
            raise web.HTTPGone
        token = self.parts.store.page_token(page, self.turn)
        where = f"{self.parts.render.base}/t/{token}"
        raise web.HTTPSeeOther(f"{where}?done=change" if self.draft.changes is not None else f"{where}/sent")


async def visit(parts: Parts, request: web.Request) -> Visit:
    """The visit that `request` is.

    Raises aiohttp's 404 for no form, 410 for a draft that is gone, and redirects: to the page of a
    draft that was sent, to the start page of a form that takes no answers now.
    """
    opened = parts.opened(request)
    token = request.match_info["token"]
    draft = await parts.store.draft(token)
    if draft is None or draft.form != opened.form.id:
        raise web.HTTPGone
    here = Visit(parts, request, opened, token, draft, parts.words(request, opened, draft.language))
    if draft.sent is not None:
        here.to_page()
    state = await parts.state(opened)
    if state != "open" and not (state == "full" and draft.changes is not None):
        raise web.HTTPSeeOther(here.start)
    if here.words.language != draft.language:
        return await here.save(draft.values)
    return here
