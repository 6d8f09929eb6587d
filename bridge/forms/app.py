"""The citizens' pages put together: the routes of every group behind one guard.

    GET  /                               the open forms
    GET  /f/{form}                       what it is about         POST _do=start: a new draft
    GET  /f/{form}/d/{token}/q/{id}      one question             POST its answer
    GET  /f/{form}/d/{token}/check       all answers              POST _do=send
    GET  /f/{form}/d/{token}/save        save and come back       POST a code
    GET  /f/{form}/return                type the code            POST opens it
    GET  /t/{token}                      what became of it        POST what its citizen does
    GET  /c/{token}                      confirm an address       POST does it
    GET  /u/{token}                      end mailings             POST does it, for programs too
    GET  /static/{name}  /theme/{form}.css  /logo

Everything works without JavaScript and without cookies; every POST ends in a redirect or in a
page with errors, and no GET changes what somebody sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from aiohttp import web

from bridge.forms.case import CasePages
from bridge.forms.guard import Guard
from bridge.forms.journey import Journey
from bridge.forms.parts import Parts
from bridge.forms.resume import ResumePages
from bridge.forms.sending import CheckPages
from bridge.forms.sieve import SIEVE, Sieve
from bridge.forms.start import StartPages
from bridge.forms.statics import StaticFiles
from bridge.forms.unsubscribe import UnsubscribePages


class Group(Protocol):
    """Pages that belong together."""

    def routes(self) -> Iterable[web.RouteDef]: ...


GROUPS: Sequence[Callable[[Parts], Group]] = (
    StaticFiles,
    StartPages,
    Journey,
    CheckPages,
    ResumePages,
    CasePages,
    UnsubscribePages,
)


def application(parts: Parts) -> web.Application:
    """The pages, ready to be served."""
    sieve = Sieve(parts.settings)
    guard = Guard(parts.settings, parts.render.message, sieve.visitors)
    app = web.Application(middlewares=[guard.middleware])
    app[SIEVE] = sieve
    app.on_response_prepare.append(guard.headers)
    parts.render.setup(app)
    for group in GROUPS:
        app.add_routes(group(parts).routes())
    return app
