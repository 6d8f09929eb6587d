"""What every group of pages is made with, and what they all do with a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bridge.channel import Accept
from bridge.forms import schema
from bridge.forms import words as texts
from bridge.forms.body import BodyReader
from bridge.forms.render import Renderer
from bridge.forms.schema import OpenForm, State
from bridge.forms.settings import FormsSettings
from bridge.forms.tokens import Tokens
from bridge.forms.words import Words
from bridge.formstore import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """`forms` gives the forms by their id, asked at every request; `clock` in seconds since 1970;
    `random(n)` gives n unguessable bytes."""

    settings: FormsSettings
    forms: Callable[[], Mapping[str, OpenForm]]
    accept: Accept
    store: Store
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    render: Renderer
    tokens: Tokens
    reader: BodyReader = field(default_factory=BodyReader)

    def opened(self, request: web.Request) -> OpenForm:
        """The form in the address of `request`.  Raises aiohttp's 404."""
        opened = self.forms().get(request.match_info["form"])
        if opened is None:
            raise web.HTTPNotFound
        return opened

    def spoken(self, opened: OpenForm) -> tuple[str, ...]:
        """The languages that the pages of a form are offered in."""
        return texts.offered(opened.form.languages, opened.languages)

    def words(self, request: web.Request, opened: OpenForm, kept: str = "") -> Words:
        """The words for a page of `opened`: what the address asks for, else the language `kept`."""
        offered = self.spoken(opened)
        if request.query.get("lang") not in offered and kept in offered:
            return Words(kept)
        return self.render.languages(request, offered)[0]

    async def state(self, opened: OpenForm) -> State:
        """Whether the form takes answers now."""
        count = await self.store.submissions(opened.form.id) if opened.form.most is not None else 0
        return schema.state(opened.form, self.clock(), count)
