"""The open forms, and the start page of each: what it is for, how long it takes, what happens with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from aiohttp import web

from bridge.forms import words as texts
from bridge.forms.body import Posted
from bridge.forms.fields import is_personal, say
from bridge.forms.parts import Parts
from bridge.forms.schema import Form, OpenForm, State
from bridge.forms.tokens import View
from bridge.forms.views import paragraphs
from bridge.forms.way import way
from bridge.forms.words import Words
from bridge.formstore import KEPT_DAYS, Draft


class StartPages:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get("/", self._list)
        yield web.get("/f/{form}", self._start)
        yield web.post("/f/{form}", self._begin)

    async def _list(self, request: web.Request) -> web.Response:
        render = self._parts.render
        forms = [o for o in self._parts.forms().values() if await self._parts.state(o) == "open"]
        spoken = {o.form.id: self._parts.spoken(o) for o in forms}
        words, languages = render.languages(request, [x for offered in spoken.values() for x in offered])
        entries = [_entry(o, _best(words, spoken[o.form.id])) for o in forms]
        return render.page(request, "list.html", words, languages, entries=entries)

    async def _start(self, request: web.Request) -> web.Response:
        opened = self._parts.opened(request)
        state = await self._parts.state(opened)
        if state != "open":
            return self._shut(request, opened, state)
        return self._page(request, opened)

    async def _begin(self, request: web.Request) -> web.Response:
        """A new draft.  The page's token shows that it was our own page, and how long ago."""
        opened = self._parts.opened(request)
        state = await self._parts.state(opened)
        posted = await self._parts.reader.values(request)
        if state != "open":
            return self._shut(request, opened, state)
        form, words = opened.form, self._parts.words(request, opened)
        if self._parts.tokens.read(form.id, _last(posted, "_view"), self._parts.clock()) is None:
            return self._page(request, opened, expired=True)
        token = await self._parts.store.begin(form.id, words.language, values={})
        first = way(form, Draft(0, form.id, words.language, {}, (), (), 0, 0)).asked[0]
        raise web.HTTPSeeOther(f"{self._parts.render.base}/f/{form.id}/d/{token}/q/{first.id}")

    def _page(self, request: web.Request, opened: OpenForm, *, expired: bool = False) -> web.Response:
        form, words = opened.form, self._parts.words(request, opened)
        language = words.language
        view = View(self._parts.random(16), int(self._parts.clock()))
        return self._parts.render.page(
            request,
            "start.html",
            words,
            self._parts.spoken(opened),
            status=422 if expired else 200,
            form=form.id,
            title=say(form.title, language),
            consultation=opened.consultation,
            intro=paragraphs(form.intro, language),
            minutes=form.minutes,
            until=until(form, words),
            days=KEPT_DAYS,
            needed=[say(f.label, language) for f in form.file_fields],
            anonymous=_anonymous(form, words),
            notice=notice(form, language),
            help=paragraphs(form.contact, language),
            token=self._parts.tokens.issue(form.id, view),
            expired=expired,
        )

    def _shut(self, request: web.Request, opened: OpenForm, state: State) -> web.Response:
        form, words = opened.form, self._parts.words(request, opened)
        language = words.language
        return self._parts.render.page(
            request,
            "shut.html",
            words,
            self._parts.spoken(opened),
            service=say(form.title, language),
            heading=words(f"shut.{state}.title"),
            consultation=opened.consultation,
            told=[_when(form, words, state), *([] if state == "early" else [words("shut.nothing")])],
            next_steps=paragraphs(form.next_steps, language) if state != "early" else (),
            help=paragraphs(form.contact, language),
        )


def notice(form: Form, language: str) -> list[str]:
    """What happens with the data, in paragraphs: what for, then the whole notice."""
    privacy = form.privacy
    if privacy is None:
        return []
    return [*paragraphs(privacy.purpose, language), *paragraphs(privacy.notice, language)]


def until(form: Form, words: Words) -> str:
    """The last day or moment at which the form takes answers, "" when there is none."""
    if form.closes_at is None:
        return ""
    if form.last_day is not None:
        return words.date(form.last_day)
    return words.moment(int(form.closes_at.timestamp() * 1000), form.timezone)


def _when(form: Form, words: Words, state: State) -> str:
    if state == "early" and form.opens_at is not None:
        at = form.opens_at
        day = words.date(at.date())
        midnight = at == at.replace(hour=0, minute=0, second=0, microsecond=0)
        date = day if midnight else words.moment(int(at.timestamp() * 1000), form.timezone)
        return words("shut.early.text", date=date)
    if state == "closed" and form.closes_at is not None:
        last = form.last_day or (form.closes_at - timedelta(seconds=1)).date()
        return words("shut.closed.text", date=words.date(last))
    return words("shut.full.text")


def _anonymous(form: Form, words: Words) -> str:
    """What to say of answering without a name, "" for nothing."""
    if form.anonymous == "required":
        return words("start.anonymous.required")
    if (
        form.anonymous == "allowed"
        and form.personal
        and not any(is_personal(q) and q.required for q in form.questions)
    ):
        return words("start.anonymous.allowed")
    return ""


def _entry(opened: OpenForm, words: Words) -> dict[str, str]:
    return {
        "id": opened.form.id,
        "title": say(opened.form.title, words.language),
        "consultation": opened.consultation,
        "language": words.language,
        "until": until(opened.form, words),
    }


def _best(words: Words, spoken: Sequence[str]) -> Words:
    return words if words.language in spoken else texts.Words(spoken[0])


def _last(posted: Posted, name: str) -> str:
    return (posted.get(name) or [""])[-1]
