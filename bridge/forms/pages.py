"""The citizens' pages.

    GET  /                          the open forms
    GET  /f/{form}                  its questions, with the token of this view
    POST /f/{form}   _do=check      errors, or the answers to check
                     _do=show       the questions again ("Change", another language)
                     _do=send       accept, then 303 to
    GET  /f/{form}/sent/{receipt}   the confirmation: a bookmark that shows nothing personal

Between the pages every answer travels in the page itself; only files wait in `Drafts`.
Nothing is promised before `accept` has returned.  There are no cookies, no scripts and no
way from a reference to what somebody wrote.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files as package_files
from typing import Any
from urllib.parse import urlsplit

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bridge.channel import Accept, Arrival, ReferenceTaken
from bridge.forms import words as texts
from bridge.forms.body import BodyReader
from bridge.forms.drafts import Drafts, Files
from bridge.forms.fields import MAX_FILES_MB, MEGABYTE, FileField, say
from bridge.forms.guard import Guard, foreign
from bridge.forms.schema import Form, OpenForm
from bridge.forms.submit import KEPT, REMOVE, Checked, Upload, Values, check, lost, pack, submission
from bridge.forms.tokens import Receipt, Tokens, View
from bridge.forms.views import paragraphs, questions, rows
from bridge.forms.words import Words
from bridge.model import Source

_log = logging.getLogger(__name__)

ATTEMPTS = 8
"""References tried before a person is asked to send again."""

KINDS = {403: "foreign", 404: "gone", 405: "gone", 408: "slow", 413: "large", 500: "fault", 503: "busy"}
"""The words of a page by its status; others are `strange`."""


@dataclass(frozen=True, slots=True)
class FormsSettings:
    """Where the pages listen and what they are called.

    Links begin with the path of `public_url`, which a proxy strips.  `secret`: ≥ 32 bytes.
    """

    host: str
    port: int
    public_url: str
    secret: bytes = field(repr=False)
    organisation: str


class Pages:
    """The handlers.  `clock` in seconds since 1970, `random(n)` gives n unguessable bytes."""

    def __init__(
        self,
        settings: FormsSettings,
        forms: Callable[[], Mapping[str, OpenForm]],
        accept: Accept,
        drafts: Drafts,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        reader: BodyReader | None = None,
    ) -> None:
        self._forms, self._accept, self._drafts = forms, accept, drafts
        self._clock, self._random = clock, random
        self._reader = reader or BodyReader()
        self._tokens = Tokens(settings.secret)
        self._settings = settings
        self._base = urlsplit(settings.public_url).path.rstrip("/")
        static = package_files("bridge.forms") / "static"
        self._static = {
            name: ((static / name).read_bytes(), mime)
            for name, mime in (("folkmoot.css", "text/css"), ("folkmoot.svg", "image/svg+xml"))
        }
        self._style = hashlib.sha256(b"".join(data for data, _ in self._static.values())).hexdigest()[:12]

    def application(self) -> web.Application:
        guard = Guard(self._message, secure=self._settings.public_url.startswith("https:"))
        app = web.Application(middlewares=[guard.middleware])
        app.on_response_prepare.append(guard.headers)
        aiohttp_jinja2.setup(
            app,
            loader=jinja2.PackageLoader("bridge.forms"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        app.add_routes(
            [
                web.get("/", self._list),
                web.get("/f/{form}", self._start),
                web.post("/f/{form}", self._post),
                web.get("/f/{form}/sent/{receipt}", self._sent),
                web.get("/static/{name}", self._file),
            ]
        )
        return app

    # -------------------------------------------------------------- pages

    async def _list(self, request: web.Request) -> web.Response:
        forms = self._forms()
        spoken = {f: texts.offered(o.form.languages, o.languages) for f, o in forms.items()}
        words, languages = self._language(request, [x for offered in spoken.values() for x in offered])
        entries = []
        for form_id, opened in forms.items():
            language = words.language if words.language in spoken[form_id] else spoken[form_id][0]
            title = say(opened.form.title, language)
            entries.append(
                {"id": form_id, "title": title, "consultation": opened.consultation, "language": language}
            )
        return self._render(request, "list.html", words, languages, entries=entries)

    async def _start(self, request: web.Request) -> web.Response:
        opened = self._opened(request)
        words, languages = self._words(request, opened)
        page = _Page(request, opened, words, languages, self._view())
        return self._questions(page, None)

    async def _post(self, request: web.Request) -> web.Response:
        opened = self._opened(request)
        if foreign(request, self._settings.public_url):
            raise web.HTTPForbidden
        words, languages = self._words(request, opened)
        sizes = {f.id: f.max_mb * MEGABYTE for f in opened.form.file_fields}
        with self._reader.request() as reading:
            values, sent = await reading.read(request, sizes)
            return await self._answered(request, opened, words, languages, values, sent)

    async def _answered(
        self,
        request: web.Request,
        opened: OpenForm,
        words: Words,
        languages: Sequence[str],
        values: Values,
        sent: Files | Mapping[str, list[Upload]],
    ) -> web.Response:
        form = opened.form
        known = self._tokens.read(form.id, _last(values, "_view"), self._clock())
        page = _Page(request, opened, words, languages, known or self._view(), posted=True)
        kept = await self._drafts.load(page.view.draft)
        present = _files(form, values, sent, kept)
        checked = check(form, values, present, words)
        if form.file_fields:
            await self._drafts.save(page.view.draft, checked.uploads)
        if known is None:
            return self._questions(page, checked, expired=True)
        match _last(values, "_do"):
            case "show":
                return self._questions(page, checked, only=[f for f in present if present[f]])
            case _ if checked.errors:
                return self._questions(page, checked, only=[f.id for f in form.fields])
            case "send":
                return await self._send(page, checked)
            case _:
                return self._check(page, checked)

    async def _send(self, page: _Page, checked: Checked) -> web.Response:
        form, language = page.opened.form, page.words.language
        for attempt in range(ATTEMPTS):
            mark = self._tokens.mark(page.view, checked.digest, page.opened.slug, attempt)
            sent = submission(page.opened, checked, mark.reference, language)
            arrival = Arrival(
                source=Source.FORM,
                kind="submission",
                key=mark.key,
                raw=pack(sent),
                meta={"form": form.id, "slug": page.opened.slug, "language": language},
                reference=mark.reference,
            )
            try:
                await self._accept([arrival])
            except ReferenceTaken:
                continue
            except Exception as error:  # noqa: BLE001 – whatever it is, it is never the person's loss
                _log.warning("a form could not be accepted: %s", type(error).__name__)
                return self._check(page, checked, retry=True)
            await self._drafts.done(page.view.draft)
            receipt = self._tokens.seal(form.id, Receipt(mark.reference, mail=sent.address is not None))
            raise web.HTTPSeeOther(f"{self._base}/f/{form.id}/sent/{receipt}?lang={language}")
        _log.error("no free reference in %d attempts for %s", ATTEMPTS, page.opened.slug)
        return self._check(page, checked, retry=True)

    async def _sent(self, request: web.Request) -> web.Response:
        form_id = request.match_info["form"]
        receipt = self._tokens.open(form_id, request.match_info["receipt"])
        if receipt is None:
            raise web.HTTPNotFound
        opened = self._forms().get(form_id)
        form = opened.form if opened else None
        words, languages = self._words(request, opened) if opened else self._language(request, [])
        return self._render(
            request,
            "sent.html",
            words,
            languages,
            reference=receipt.reference,
            mail=receipt.mail,
            title=say(form.title, words.language) if form else "",
            next_steps=paragraphs(form.next_steps if form else None, words.language),
            contact=paragraphs(form.contact if form else None, words.language),
        )

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._static:
            raise web.HTTPNotFound
        data, mime = self._static[name]
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return web.Response(body=data, content_type=mime, charset="utf-8", headers=headers)

    # -------------------------------------------------------------- rendering

    def _questions(
        self, page: _Page, checked: Checked | None, *, only: Sequence[str] = (), expired: bool = False
    ) -> web.Response:
        """The questions, with the errors of the fields in `only`."""
        form, words = page.opened.form, page.words
        shown = [a for a in checked.errors if a.field.id in only] if checked else []
        return self._render(
            page.request,
            "form.html",
            words,
            page.languages,
            status=422 if shown or expired else 200,
            keeps=page.posted,
            title=say(form.title, words.language),
            consultation=page.opened.consultation,
            intro=paragraphs(form.intro, words.language),
            notice=paragraphs(form.notice, words.language),
            token=self._tokens.issue(form.id, page.view),
            questions=questions(form, checked, words, errors=[a.field.id for a in shown]),
            errors=shown,
            expired=expired,
        )

    def _check(self, page: _Page, checked: Checked, *, retry: bool = False) -> web.Response:
        form, words = page.opened.form, page.words
        return self._render(
            page.request,
            "check.html",
            words,
            page.languages,
            status=503 if retry else 200,
            keeps=True,
            title=say(form.title, words.language),
            token=self._tokens.issue(form.id, page.view),
            carry=[pair for a in checked.answers for pair in a.carry],
            rows=rows(checked, words),
            asks_address=form.address_field is not None,
            address=checked.text(form.address_field),
            notice=paragraphs(form.notice, words.language),
            retry=retry,
        )

    def _message(self, request: web.Request, status: int) -> web.Response:
        """The page for a fault; nothing about it but its kind."""
        words, languages = self._language(request, [])
        kind = KINDS.get(status, "strange")
        return self._render(
            request,
            "message.html",
            words,
            languages,
            status=status,
            keeps=request.method == "POST",
            kind=kind,
            mb=MAX_FILES_MB,
        )

    def _render(
        self,
        request: web.Request,
        template: str,
        words: Words,
        languages: Sequence[str],
        *,
        status: int = 200,
        keeps: bool = False,
        **context: Any,
    ) -> web.Response:
        """`keeps`: the page holds what somebody wrote, so it is not stored and has no plain links
        to itself in other languages."""
        context |= {
            "words": words,
            "languages": [(x, texts.TABLES[x]["language.name"]) for x in languages],
            "organisation": self._settings.organisation,
            "base": self._base,
            "here": self._base + request.rel_url.path if request.rel_url.path != "/" else f"{self._base}/",
            "style": self._style,
            "keeps": keeps,
        }
        response = aiohttp_jinja2.render_template(template, request, context, status=status)
        response.headers["Cache-Control"] = "no-store" if keeps else "private, no-cache"
        response.headers["Content-Language"] = words.language
        if status == 503:
            response.headers["Retry-After"] = "60"
        return response

    # -------------------------------------------------------------- small things

    def _opened(self, request: web.Request) -> OpenForm:
        opened = self._forms().get(request.match_info["form"])
        if opened is None:
            raise web.HTTPNotFound
        return opened

    def _view(self) -> View:
        return View(self._random(16), int(self._clock()))

    def _words(self, request: web.Request, opened: OpenForm) -> tuple[Words, Sequence[str]]:
        return self._language(request, texts.offered(opened.form.languages, opened.languages))

    def _language(self, request: web.Request, languages: Sequence[str]) -> tuple[Words, Sequence[str]]:
        """The words for `request`, and the languages to choose from (all there are for [])."""
        offered = list(dict.fromkeys(languages)) or list(texts.TABLES)
        accepted = request.headers.get("Accept-Language", "")
        return Words(texts.choose(request.query.get("lang"), accepted, offered)), offered


@dataclass(frozen=True, slots=True)
class _Page:
    """One request for one form; `posted`: it holds answers."""

    request: web.Request
    opened: OpenForm
    words: Words
    languages: Sequence[str]
    view: View
    posted: bool = False


def _last(values: Values, name: str) -> str:
    return (values.get(name) or [""])[-1]


def _files(
    form: Form, values: Values, sent: Mapping[str, Sequence[Upload]], kept: Files
) -> dict[str, list[Upload]]:
    """The files of each field: those kept from earlier pages unless removed, then those just sent."""
    return {f.id: _of_field(f, values, sent.get(f.id, ()), kept.get(f.id, ())) for f in form.file_fields}


def _of_field(f: FileField, values: Values, sent: Sequence[Upload], kept: Sequence[Upload]) -> list[Upload]:
    here = {u.kept: u for u in kept}
    removed = set(values.get(f.id + REMOVE, ()))
    named = [k for k in dict.fromkeys(values.get(f.id + KEPT, ())) if k not in removed][:50]
    if sent and f.max_files == 1:
        named = []  # a new file replaces the old one
    again = {u.digest for u in sent}
    return [here.get(k) or lost(k) for k in named if k.partition(":")[0] not in again] + list(sent)
