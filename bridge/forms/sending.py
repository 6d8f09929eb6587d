"""The last page before the confirmation: all answers to check, and the button that sends them.

    draft ── check ──> receipt, submission ── accept ──> the page of what became of it
                                    └ one commit: the arrival, its reference, the page, the draft's end

Whatever goes wrong before `accept` has returned, the page says that nothing was sent, and keeps all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from aiohttp import web

from bridge.channel import Arrival, ReferenceTaken
from bridge.forms.answers import Checked, check
from bridge.forms.body import Posted, Reading
from bridge.forms.fields import EmailField, FileField, LongTextField, TextField, say
from bridge.forms.parts import Parts
from bridge.forms.receipt import digest, receipt
from bridge.forms.sieve import SIEVE, TRAP, Judged
from bridge.forms.start import notice
from bridge.forms.submit import changes, pack, pack_page, submission
from bridge.forms.views import Block, Row
from bridge.forms.visit import FROM_CHECK, Visit, visit
from bridge.forms.way import by_question
from bridge.formstore import CasePage, NewPage
from bridge.inbound import PageIn
from bridge.model import Attachment, Source

_log = logging.getLogger(__name__)

ATTEMPTS = 8
"""References tried before a person is asked to send again."""


class CheckPages:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get("/f/{form}/d/{token}/check", self._show)
        yield web.post("/f/{form}/d/{token}/check", self._send)

    async def _show(self, request: web.Request) -> web.Response:
        here = await visit(self._parts, request)
        first_open = here.way.first_open()
        if first_open is not None:
            raise web.HTTPSeeOther(here.at(f"q/{first_open.id}"))
        return self._page(here, _checked(here))

    async def _send(self, request: web.Request) -> web.Response:
        here = await visit(self._parts, request)
        posted = await self._parts.reader.values(request)
        first_open = here.way.first_open()
        if first_open is not None:
            raise web.HTTPSeeOther(here.at(f"q/{first_open.id}"))
        checked = _checked(here)
        if checked.errors:
            return self._page(here, checked)
        if here.draft.changes is not None:
            return await self._change(here, checked)
        judged = self._judged(here, checked, posted)
        with self._parts.reader.request() as reading:
            files = await self._files(here, checked, reading)
            for attempt in range(ATTEMPTS):
                arrival = self._arrival(here, checked, files, judged, attempt)
                try:
                    return await self._accept(here, checked, arrival)
                except ReferenceTaken:
                    continue
        _log.error("no free reference in %d attempts for %s", ATTEMPTS, here.opened.slug)
        return self._page(here, checked, retry=True)

    async def _accept(self, here: Visit, checked: Checked, arrival: Arrival) -> web.Response:
        """The page of what became of it; of a repeat, that of the first time.  Raises `ReferenceTaken`."""
        try:
            await self._parts.accept([arrival])
        except ReferenceTaken:
            raise
        except Exception as error:  # noqa: BLE001 – whatever it is, it is never the person's loss
            _log.warning("a form could not be accepted: %s", type(error).__name__)
            return self._page(here, checked, retry=True)
        (await here.again()).to_page()

    def _arrival(
        self, here: Visit, checked: Checked, files: Sequence[Attachment], judged: Judged, attempt: int
    ) -> Arrival:
        form, language = here.form, here.words.language
        mark = self._parts.tokens.mark(here.draft.id, here.opened.slug, attempt)
        received = int(self._parts.clock() * 1000)
        proof = receipt(form, checked, reference=mark.reference, received=received, language=language)
        page = self._parts.store.id()
        sent = submission(
            here.opened,
            checked,
            mark.reference,
            language,
            page=page,
            digest=digest(proof),
            attachments=files,
            suspicions=judged.suspicions,
            network=judged.network,
        )
        new = NewPage(
            id=page,
            draft=here.draft.id,
            arrival=mark.key,
            form=form.id,
            slug=here.opened.slug,
            reference=mark.reference,
            language=language,
            address=sent.address,
            title=sent.title,
            receipt=proof,
            values=checked.values,
        )
        return Arrival(
            source=Source.FORM,
            kind="submission",
            key=mark.key,
            raw=pack(sent),
            meta=_meta(here),
            reference=mark.reference,
            also=self._parts.store.with_page(new),
        )

    async def _files(self, here: Visit, checked: Checked, reading: Reading) -> list[Attachment]:
        """The files with their bytes, which count towards what all requests may hold."""
        files = []
        for file in [f for answer in checked.answers for f in answer.files]:
            reading.hold(2 * file.size)  # once as it is, once packed
            data = await self._parts.store.read_file(here.draft.id, file.id)
            files.append(Attachment(file.name, file.mime, data))
        return files

    def _judged(self, here: Visit, checked: Checked, posted: Posted) -> Judged:
        texts = [a.text for a in checked.answers if isinstance(a.field, TextField | LongTextField)]
        return here.request.app[SIEVE].judge(here.request, here.draft, texts, posted, self._parts.clock())

    # -------------------------------------------------------------- changes

    async def _change(self, here: Visit, checked: Checked) -> web.Response:
        """What is different, as an act on the page that the draft came from."""
        page = await self._origin(here)
        if page is None:
            raise web.HTTPGone
        found = changes(here.form, page.values, checked.values, here.opened.languages[0])
        if not found:
            return self._page(here, checked, unchanged=True)
        act = PageIn(page.id, "change", changes=found)
        arrival = Arrival(
            source=Source.FORM,
            kind="page",
            key=f"page:{page.id}:{self._parts.tokens.key('change', str(here.draft.id))}",
            raw=pack_page(act),
            meta=_meta(here),
            also=self._parts.store.with_change(here.draft.id, page.id, checked.values),
        )
        return await self._accept(here, checked, arrival)

    async def _origin(self, here: Visit) -> CasePage | None:
        """The page, unless it got another address since the draft began."""
        changes_page = here.draft.changes or 0
        page = await self._parts.store.page(self._parts.store.page_token(changes_page, here.turn))
        return page if page is not None and page.id == changes_page else None

    # -------------------------------------------------------------- the page

    def _page(
        self, here: Visit, checked: Checked, *, retry: bool = False, unchanged: bool = False
    ) -> web.Response:
        words, new = here.words, here.draft.changes is None
        return here.page(
            "check.html",
            status=503 if retry else 422 if checked.errors else 200,
            back=here.at(f"q/{here.way.asked[-1].id}") if here.way.asked else "",
            blocks=_blocks(here, checked),
            questions=here.at("q"),
            errors=[
                {"href": here.at(f"q/{a.field.id}{FROM_CHECK}"), "text": a.error} for a in checked.errors
            ],
            told="retry" if retry else "unchanged" if unchanged else "",
            lead=words("check.lead" if new else "check.lead.change"),
            button=words("check.send" if new else "check.send.change"),
            notice=notice(here.form, words.language),
            mail=_mail(here, checked) if new else None,
            trap=TRAP,
            challenge=here.request.app[SIEVE].challenge(here.draft.id),
            save=here.at("save") if new else "",
        )


def _checked(here: Visit) -> Checked:
    """All answers of the draft.  Of one that changes what was sent, without the questions for files."""
    checked = check(here.form, here.draft.values, by_question(here.draft.files), here.words)
    if here.draft.changes is None:
        return checked
    return Checked(tuple(a for a in checked.answers if not isinstance(a.field, FileField)))


def _blocks(here: Visit, checked: Checked) -> list[Block]:
    """The answers by section."""
    language = here.words.language
    texts = {a.field.id: a.text for a in checked.answers}
    blocks = []
    for section in here.form.sections:
        rows = [Row(q.id, say(q.label, language), texts[q.id]) for q in section.questions if q.id in texts]
        if rows:
            blocks.append(Block(say(section.title, language) if section.title else "", tuple(rows)))
    return blocks


def _mail(here: Visit, checked: Checked) -> str | None:
    """What becomes of the address, in words; None for a form that asks for none."""
    asked: EmailField | None = here.form.address_field
    if asked is None:
        return None
    address = checked.text(asked)
    if not address:
        return here.words("check.no_mail")
    return here.words(f"check.mail.{here.form.confirm}", address=address)


def _meta(here: Visit) -> dict[str, str]:
    return {"form": here.form.id, "slug": here.opened.slug, "language": here.words.language}
