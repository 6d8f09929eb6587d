"""The web page of the demo's mailboxes: what came, newest first; plain HTML that refreshes itself."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from email.message import EmailMessage

from aiohttp import web

from bridge.demo.received import Received

_REFRESH = 3  # seconds
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ground: #eef1f4; --ink: #1a1f24; --soft: #5b6670;
        --line: #d4dbe1; --accent: #1d5c96; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #1d2227; --ground: #14181c; --ink: #e6eaee; --soft: #9aa6b1; --line: #343c44;
          --accent: #7db8ea; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
       font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
body > header { padding: 1.6rem 1rem 1.2rem; background: var(--paper); border-bottom: 1px solid var(--line); }
body > header > * { max-width: 44rem; margin-inline: auto; }
main { max-width: 46rem; margin-inline: auto; }
h1 { margin: 0 auto; font-size: 1.4rem; }
body > header p { margin: .2rem auto 0; color: var(--soft); }
main { padding: 1.2rem 1rem 4rem; }
article { background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
          margin-bottom: 1.2rem; overflow: hidden; }
article > header { padding: 1rem 1.2rem .8rem; border-bottom: 1px solid var(--line); }
h2 { margin: 0 0 .5rem; font-size: 1.1rem; overflow-wrap: anywhere; }
dl { margin: 0; display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; font-size: .9rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.text { padding: 1rem 1.2rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.quoted { color: var(--soft); }
.raw { padding: 1rem 1.2rem; margin: 0; overflow: auto; font-size: .8rem; }
footer { padding: .6rem 1.2rem; border-top: 1px solid var(--line); font-size: .9rem; color: var(--soft); }
a { color: var(--accent); }
.empty { text-align: center; color: var(--soft); padding: 4rem 0; }
"""
_SHOWN = ("From", "To", "Date", "Reply-To")


def pages(mails: Callable[[], Sequence[Received]]) -> web.Application:
    """`/` shows all mails, `/mail/{number}` one of them whole."""

    async def index(request: web.Request) -> web.Response:
        return _page("Mailboxes", _index(mails()), refresh=True)

    async def one(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if not 0 < number <= len(mails()):
            raise web.HTTPNotFound
        return _page(f"Mail {number}", _whole(mails()[number - 1]), refresh=False)

    application = web.Application()
    application.router.add_get("/", index)
    application.router.add_get(r"/mail/{number:\d{1,9}}", one)
    return application


def _page(title: str, content: str, *, refresh: bool) -> web.Response:
    meta = f'<meta http-equiv="refresh" content="{_REFRESH}">' if refresh else ""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{meta}'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>{content}</body></html>"
    )
    return web.Response(text=text, content_type="text/html", headers=_HEADERS)


def _index(mails: Sequence[Received]) -> str:
    people = len({address for mail in mails for address in mail.rcpt_tos})
    told = f"{_count(len(mails), 'mail')} for {_count(people, 'person', 'people')}, newest first"
    shown = "".join(_article(mail) for mail in reversed(mails))
    return (
        f"<header><h1>The citizens’ mailboxes</h1><p>{told}. This page refreshes itself.</p></header>"
        f"<main>{shown or '<p class=empty>No mail has come yet.</p>'}</main>"
    )


def _article(mail: Received) -> str:
    message = mail.message
    files = [part.get_filename() or "a file without a name" for part in message.iter_attachments()]
    attached = f"{html.escape(', '.join(files))} · " if files else ""
    return (
        f"<article>{_heading(message)}<div class=text>{_text(mail)}</div>"
        f"<footer>{attached}delivered to {html.escape(', '.join(mail.rcpt_tos))} · "
        f'<a href="/mail/{mail.number}">all headers and source</a></footer></article>'
    )


def _heading(message: EmailMessage) -> str:
    rows = "".join(
        f"<dt>{name}</dt><dd>{html.escape(str(message[name]))}</dd>" for name in _SHOWN if message[name]
    )
    subject = html.escape(str(message.get("Subject", ""))) or "(no subject)"
    return f"<header><h2>{subject}</h2><dl>{rows}</dl></header>"


def _text(mail: Received) -> str:
    lines = (mail.text or mail.html).strip().split("\n")
    return "\n".join(
        f"<span class=quoted>{html.escape(line)}</span>" if line.startswith(">") else html.escape(line)
        for line in lines
    )


def _whole(mail: Received) -> str:
    rows = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(str(value))}</dd>"
        for name, value in mail.message.items()
    )
    envelope = f"from &lt;{html.escape(mail.mail_from)}&gt; to {html.escape(', '.join(mail.rcpt_tos))}"
    source = html.escape(mail.raw.decode("utf-8", "replace"))
    return (
        f"<header><h1>Mail {mail.number}</h1><p>{envelope} · <a href=/>all mails</a></p></header>"
        f"<main><article><header><dl>{rows}</dl></header><pre class=raw>{source}</pre></article></main>"
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
