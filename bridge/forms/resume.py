"""Save and come back: a code that opens a draft once, on another day or another device.

    GET  ../save                 what it does        POST  a new code, 303 to
    GET  ../save/{code}          the code, to write down, to print, as QR code; POST mails the link
    GET  ../save/{code}/qr.svg   the link as a picture
    GET  /f/{form}/return        type the code       POST opens the draft
    GET  /f/{form}/return/{code} a button: what a scanner of mails follows uses nothing up

Nothing here says whether an address exists, or was written to before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aiohttp import hdrs, web

from bridge.channel import Arrival
from bridge.forms import qr
from bridge.forms.answers import check_one
from bridge.forms.body import Posted
from bridge.forms.fields import EmailField, say
from bridge.forms.parts import Parts
from bridge.forms.schema import OpenForm
from bridge.forms.submit import pack_resume
from bridge.forms.views import paragraphs
from bridge.forms.visit import Visit, visit
from bridge.formstore import KEPT_DAYS
from bridge.inbound import ResumeIn
from bridge.model import Source

CODE = 26
"""Letters and digits of a code: 130 bits."""
GROUP = 4
"""So many stand together where a person reads them."""

_DAY_MS = 24 * 3600 * 1000

_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_MAIL = EmailField.model_validate({"id": "email", "type": "email", "label": "email", "required": True})


class ResumePages:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Iterable[web.RouteDef]:
        draft = "/f/{form}/d/{token}/save"
        yield web.get(draft, self._offer)
        yield web.post(draft, self._make)
        yield web.get(draft + "/{code}", self._code)
        yield web.post(draft + "/{code}", self._mail)
        yield web.get(draft + "/{code}/qr.svg", self._picture)
        yield web.get("/f/{form}/return", self._ask)
        yield web.post("/f/{form}/return", self._typed)
        yield web.get("/f/{form}/return/{code}", self._known)
        yield web.post("/f/{form}/return/{code}", self._use)

    # -------------------------------------------------------------- saving

    async def _offer(self, request: web.Request) -> web.Response:
        here = await self._savable(request)
        return here.page("save.html", back=here.onwards(), days=KEPT_DAYS)

    async def _make(self, request: web.Request) -> web.Response:
        here = await self._savable(request)
        await self._parts.reader.values(request)
        code = await self._parts.store.keep(here.draft.id)
        raise web.HTTPSeeOther(here.at(f"save/{code}"))

    async def _code(self, request: web.Request) -> web.Response:
        here = await self._of_code(request)
        return self._saved(here, mailed="mailed" in request.query)

    async def _picture(self, request: web.Request) -> web.Response:
        here = await self._of_code(request)
        return web.Response(body=qr.svg(self._link(here)), content_type="image/svg+xml")

    async def _mail(self, request: web.Request) -> web.Response:
        """Ask for the link by mail; the same address again asks for nothing more."""
        here = await self._of_code(request)
        posted = await self._parts.reader.values(request)
        answer = check_one(_MAIL, posted, {}, here.words)
        if answer.error:
            return self._saved(here, error=answer.error, email=_first(posted, _MAIL.id))
        code = request.match_info["code"]
        wish = ResumeIn(
            slug=here.opened.slug,
            form=here.form.id,
            title=say(here.form.title, here.words.language),
            language=here.words.language,
            address=answer.text,
            link=self._link(here),
        )
        arrival = Arrival(
            source=Source.FORM,
            kind="resume",
            key=f"resume:{self._parts.tokens.key('resume', str(here.draft.id), code, answer.text)}",
            raw=pack_resume(wish),
            meta={"form": wish.form, "slug": wish.slug, "language": wish.language},
        )
        await self._parts.accept([arrival])
        raise web.HTTPSeeOther(here.at(f"save/{code}?mailed"))

    def _saved(self, here: Visit, *, mailed: bool = False, error: str = "", email: str = "") -> web.Response:
        code = here.request.match_info["code"]
        until = here.draft.touched + KEPT_DAYS * _DAY_MS
        return here.page(
            "saved.html",
            status=422 if error else 200,
            groups=[code[i : i + GROUP] for i in range(0, CODE, GROUP)],
            address=self._parts.settings.public_url + f"/f/{here.form.id}/return",
            until=here.words.moment(until, here.form.timezone),
            picture=here.at(f"save/{code}/qr.svg"),
            onwards=here.onwards(),
            mailed=mailed,
            error=error,
            email=email,
            errors=[{"href": f"#{_MAIL.id}", "text": error}] if error else [],
        )

    def _link(self, here: Visit) -> str:
        code = here.request.match_info["code"]
        return f"{self._parts.settings.public_url}/f/{here.form.id}/return/{code}"

    async def _savable(self, request: web.Request) -> Visit:
        """A draft of something new: what changes a submission is begun on its page again."""
        here = await visit(self._parts, request)
        if here.draft.changes is not None:
            raise web.HTTPNotFound
        return here

    async def _of_code(self, request: web.Request) -> Visit:
        """The draft, when the code in the address still opens one of its form.  Raises aiohttp's 404."""
        here = await self._savable(request)
        if not here.draft.kept or await self._parts.store.peek(request.match_info["code"]) != here.form.id:
            raise web.HTTPNotFound
        return here

    # -------------------------------------------------------------- coming back

    async def _ask(self, request: web.Request) -> web.Response:
        return self._page(request, self._parts.opened(request))

    async def _typed(self, request: web.Request) -> web.Response:
        opened = self._parts.opened(request)
        written = _first(await self._parts.reader.values(request), "code")
        await self._open(opened, tidy(written))
        return self._page(request, opened, written=written[:200], wrong=True)

    async def _known(self, request: web.Request) -> web.Response:
        opened = self._parts.opened(request)
        code = tidy(request.match_info["code"])
        if code and await self._parts.store.peek(code) == opened.form.id:
            return self._page(request, opened, code=code)
        return self._page(request, opened, wrong=True)

    async def _use(self, request: web.Request) -> web.Response:
        opened = self._parts.opened(request)
        await self._parts.reader.values(request)
        await self._open(opened, tidy(request.match_info["code"]))
        return self._page(request, opened, wrong=True)

    async def _open(self, opened: OpenForm, code: str) -> None:
        """Redirect into the draft of `code`, which is used up; returns when there is none."""
        if not code:
            return
        form = await self._parts.store.peek(code)
        if form is None or form not in self._parts.forms():
            return
        if (found := await self._parts.store.resume(code)) is not None:
            form, token = found
            raise web.HTTPSeeOther(f"{self._parts.render.base}/f/{form}/d/{token}")

    def _page(
        self,
        request: web.Request,
        opened: OpenForm,
        *,
        code: str | None = None,
        written: str = "",
        wrong: bool = False,
    ) -> web.Response:
        """Asks for the code, or only for the button when `code` came in the address."""
        form, words = opened.form, self._parts.words(request, opened)
        missing = wrong and request.method == hdrs.METH_POST and not written.strip() and not code
        fault = words("return.missing") if missing else words("return.wrong", days=KEPT_DAYS)
        return self._parts.render.page(
            request,
            "return.html",
            words,
            self._parts.spoken(opened),
            status=404 if wrong else 200,
            private=True,
            service=say(form.title, words.language),
            help=paragraphs(form.contact, words.language),
            form=form.id,
            action=f"{self._parts.render.base}/f/{form.id}/return{f'/{code}' if code else ''}",
            code=code,
            number=CODE,
            written=written,
            errors=[{"href": "#code", "text": fault}] if wrong else [],
        )


def tidy(written: str) -> str:
    """A code as it is stored, of what somebody typed: in any case, with blanks or dashes or without, O
    for 0, I and L for 1.  "" for what can be no code."""
    code = re.sub(r"[\s\-\u2010-\u2015.]", "", written[:200]).upper().translate(_LIKE)
    return code if len(code) == CODE and code.isascii() and code.isalnum() else ""


def _first(posted: Posted, name: str) -> str:
    return (posted.get(name) or [""])[0]
