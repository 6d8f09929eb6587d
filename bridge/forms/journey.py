"""The questions of a form, one on each page.

    GET  ../q/{id}                   the question, or a redirect to one that comes before it
    POST ../q/{id}   _do=continue    the next page, or this one with what to mend
                     _do=add         this page, with the files that were just chosen
                     _do=save        keep what was written so far, and how to come back
                     _remove=ID      this page without that file

After “Change” on the check page the way leads back there, by way of questions that only now apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiohttp import web

from bridge.forms.answers import Answer, check_one, replaced, together
from bridge.forms.body import Posted
from bridge.forms.fields import Field, FileField, say
from bridge.forms.parts import Parts
from bridge.forms.uploads import Intake
from bridge.forms.views import first_input, question
from bridge.forms.visit import FROM_CHECK, Visit, visit
from bridge.forms.way import by_question, of
from bridge.formstore import Values

LONGEST = 40_000
"""Characters of an answer that is kept although nobody has looked at it yet."""
MOST = 100
"""Values of one input that are kept likewise."""


class Journey:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get("/f/{form}/d/{token}", self._onwards)
        yield web.get("/f/{form}/d/{token}/q/{question}", self._show)
        yield web.post("/f/{form}/d/{token}/q/{question}", self._answer)

    async def _onwards(self, request: web.Request) -> web.Response:
        here = await visit(self._parts, request)
        raise web.HTTPSeeOther(here.onwards())

    async def _show(self, request: web.Request) -> web.Response:
        here = await visit(self._parts, request)
        asked = _question(here)
        earlier = here.way.open_before(asked)
        if earlier is not None:
            raise web.HTTPSeeOther(here.at(f"q/{earlier.id}"))
        answer = check_one(asked, here.draft.values, by_question(here.draft.files), here.words)
        kept = of(asked, here.draft.values)
        return _page(here, asked, kept if answer.error else _shown(answer), [])

    async def _answer(self, request: web.Request) -> web.Response:
        here = await visit(self._parts, request)
        asked = _question(here)
        if isinstance(asked, FileField):
            return await self._files(here, asked)
        posted = await self._parts.reader.values(request)
        if _do(posted) == "save":
            return await self._save(here, asked, _clipped(of(asked, posted)))
        return await self._continue(here, asked, of(asked, posted))

    async def _continue(self, here: Visit, asked: Field, posted: Values) -> web.Response:
        answer = check_one(asked, posted, by_question(here.draft.files), here.words)
        if answer.error:
            return _page(here, asked, posted, [answer.error], answer.anchor)
        known = [q.id for q in here.way.asked]
        then = await here.save(replaced(here.draft.values, answer), asked.id)
        raise web.HTTPSeeOther(_next(then, asked, known))

    async def _save(self, here: Visit, asked: Field, posted: Values) -> web.Response:
        others = {k: v for k, v in here.draft.values.items() if k not in of(asked, here.draft.values)}
        await here.save({**others, **posted})
        raise web.HTTPSeeOther(here.at("save"))

    # -------------------------------------------------------------- files

    async def _files(self, here: Visit, asked: FileField) -> web.Response:
        intake = Intake(self._parts.store, here.draft, asked, here.words)
        with self._parts.reader.request() as reading:
            posted = await reading.read(here.request, intake.take)
        removed = posted.get("_remove", [])
        await intake.remove(removed)
        here = await here.again()
        if intake.errors:
            return _page(here, asked, {}, intake.errors)
        match _do(posted):
            case "save":
                raise web.HTTPSeeOther(here.at("save"))
            case "continue" if not removed:
                return await self._continue(here, asked, {})
        raise web.HTTPSeeOther(here.at(f"q/{asked.id}{FROM_CHECK if here.from_check else ''}"))


def _question(here: Visit) -> Field:
    """The question in the address.  A known one that does not apply leads to where one goes on."""
    name = here.request.match_info["question"]
    asked = here.way.find(name)
    if asked is not None:
        return asked
    if any(q.id == name for q in here.form.questions):
        raise web.HTTPSeeOther(here.onwards())
    raise web.HTTPNotFound


def _next(here: Visit, asked: Field, known: Sequence[str]) -> str:
    """Where to go after `asked` was answered; `known` are the questions that applied before."""
    if here.from_check or here.draft.changes is not None:
        newly = here.way.newly_asked(known)
        return here.at(f"q/{newly.id}{FROM_CHECK}" if newly else "check")
    after = here.way.after(asked)
    return here.at(f"q/{after.id}") if after else here.onwards()


def _back(here: Visit, asked: Field) -> str:
    before = here.way.before(asked)
    if here.from_check or (before is None and here.draft.changes is not None):
        return here.at("check")
    return here.at(f"q/{before.id}") if before else f"{here.start}?lang={here.words.language}"


def _page(here: Visit, asked: Field, values: Values, errors: Sequence[str], anchor: str = "") -> web.Response:
    """The question with these values, and what has to be mended."""
    files = by_question(here.draft.files).get(asked.id, ())
    shown = question(
        asked, values, files, here.words, error=" ".join(errors) or None, anchor=anchor or first_input(asked)
    )
    return here.page(
        "question.html",
        status=422 if errors else 200,
        back=_back(here, asked),
        q=shown,
        caption=_caption(here, asked),
        errors=[{"href": f"#{shown.anchor}", "text": error} for error in errors],
        may_save=here.draft.changes is None,
    )


def _caption(here: Visit, asked: Field) -> str:
    """The title of the question's section, "" when it has none."""
    titles = (s.title for s in here.form.sections if s.title and asked in s.questions)
    return next((say(title, here.words.language) for title in titles), "")


def _shown(answer: Answer) -> Values:
    """What the inputs of an answer show."""
    return together(answer.carry if answer.typed is None else answer.typed)


def _clipped(values: Values) -> Values:
    """What is kept of answers that nobody has looked at."""
    return {k: [v[:LONGEST] for v in given[:MOST]] for k, given in values.items()}


def _do(posted: Posted) -> str:
    return (posted.get("_do") or ["continue"])[0]
