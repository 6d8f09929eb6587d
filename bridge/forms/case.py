"""The page of a submission: what became of it, and what its citizen can do about it.

    GET  /t/{token}             state, what happened, what can be done
    GET  /t/{token}/sent        the confirmation, still useful as a bookmark
    GET  /t/{token}/ask/{what}  asks before something that cannot be taken back
    POST /t/{token}             does it: `case_acts`
    GET  /t/{token}/…           downloads: `case_files`
    …    /c/{token}             confirms an address: `confirm`

Whoever knows the address may do all that: it is 128 bits that cannot be guessed, it can be replaced,
and nothing is ever found by a reference.  No GET changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from aiohttp import web

from bridge.forms.case_acts import DONE, CaseActs
from bridge.forms.case_answers import answers
from bridge.forms.case_files import CaseFiles
from bridge.forms.case_look import Look, opening
from bridge.forms.case_views import Case, case
from bridge.forms.case_write import FILES, LONGEST, Writing
from bridge.forms.confirm import ConfirmPages
from bridge.forms.fields import FILE_TYPES
from bridge.forms.parts import Parts
from bridge.forms.receipt import digest
from bridge.forms.render import PLAIN_THEME
from bridge.forms.tokens import View
from bridge.forms.views import paragraphs
from bridge.forms.words import named

SOON = frozenset(f"done.{act}" for act in DONE - {"write", "remind", "revoke"})
"""What is said above everything while the rest of the page may still show how it was."""

QUESTIONS = ("withdraw", "erase", "address")
"""What is asked on a page in between."""


class CasePages:
    """All pages below /t/ and /c/."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._acts = CaseActs(parts, self.show)
        self._files, self._confirm = CaseFiles(parts), ConfirmPages(parts)

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.get("/t/{token}", opening(self._parts, self._page)),
            web.post("/t/{token}", self._acts.post),
            web.get("/t/{token}/sent", opening(self._parts, self._sent)),
            web.get("/t/{token}/ask/{what}", opening(self._parts, self._ask)),
            *self._files.routes(),
            *self._confirm.routes(),
        ]

    async def _page(self, look: Look) -> web.Response:
        done = look.request.query.get("done", "")
        return self.show(look, told=f"done.{done}" if done in DONE else "")

    def show(
        self,
        look: Look,
        *,
        status: int = 200,
        told: str = "",
        once: str = "",
        writing: Writing | None = None,
    ) -> web.Response:
        """The page itself.  `told`: a key of what is said above everything; `once`: the number of an
        act that was not done yet; `writing`: a message that has to be mended."""
        shown = case(look.page, look.here)
        if told == "done.confirm":
            shown = replace(shown, letter=None)  # it is on its way
        return self._render(
            look,
            "case.html",
            shown,
            languages=() if writing else look.languages,  # a link would lose what was written
            status=status,
            told=told,
            soon=told in SOON,
            once=once or self._once(look),
            text=writing.text if writing else "",
            kept=writing.files if writing else (),
            draft=writing.token if writing else "",
            faults=writing.faults if writing else (),
            longest=LONGEST,
            takes=FILES,
            types=look.words.listed([FILE_TYPES[t] for t in FILES.types]),
            answers=answers(look.page, look.here.form, look.words),
            spoken=[(x, named(x)) for x in look.languages],
            digest=digest(look.page.receipt),
        )

    async def _sent(self, look: Look) -> web.Response:
        form, language = look.here.form, look.words.language
        return self._render(
            look,
            "case_sent.html",
            case(look.page, look.here),
            once=self._once(look),
            address=f"{self._parts.settings.public_url.rstrip('/')}/t/{look.request.match_info['token']}",
            digest=digest(look.page.receipt),
            next_steps=paragraphs(form.next_steps if form else None, language),
        )

    async def _ask(self, look: Look) -> web.Response:
        what, shown = look.request.match_info["what"], case(look.page, look.here)
        if what not in QUESTIONS:
            raise web.HTTPNotFound
        if what == "withdraw" and not shown.withdraws:
            raise look.back()
        return self._render(look, f"case_{what}.html", shown, back=True, once=self._once(look))

    def _render(
        self,
        look: Look,
        template: str,
        shown: Case,
        *,
        status: int = 200,
        languages: Sequence[str] | None = None,
        back: bool = False,
        **context: object,
    ) -> web.Response:
        return self._parts.render.page(
            look.request,
            template,
            look.words,
            look.languages if languages is None else languages,
            status=status,
            private=True,
            theme=look.page.form if look.here.form else PLAIN_THEME,
            service=shown.title,
            help=paragraphs(look.here.form.contact if look.here.form else None, look.words.language),
            back=look.path if back else "",
            case=shown,
            path=look.path,
            **context,
        )

    def _once(self, look: Look) -> str:
        """A fresh number for what is done on this showing of the page."""
        view = View(self._parts.random(16), int(self._parts.clock()))
        return self._parts.tokens.issue(f"page {look.page.id}", view)
