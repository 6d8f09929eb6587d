"""The whole way through the form of the browser's tests: what is answered, and what must have come of it."""

from __future__ import annotations

from bridge.forms.packing import unpack_page
from bridge.formstore import Values
from bridge.inbound import FormIn, PageIn
from tests.browser.stage import FORM, IDEA, good, of
from tests.forms.site import PNG, Site

QUESTIONS = [q.id for q in FORM.questions]
MESSAGE = "Could the bench have a back rest?"

ANSWERS = {
    "part": "The paths and entrances",
    "spot": "Mill Bridge",
    "idea": IDEA["en"],
    "wishes": "More shade\nMore benches",
    "order": "1. A drinking fountain\n2. New trees\n3. Toilets that open at night",
    "district": "Harbour",
    "width": "2.5\u00a0metres",
    "day": "27 March 2026",
    "photos": "bench.png",
    "phone": "0123 4567890",
    "home": "1 Mill Lane\nAB1 2CD Alder",
    "publish": "Yes",
}
"""`good("en")` and a picture, as staff read them."""


def given(question: str) -> Values:
    """The good answer to a question."""
    return of(question, good("en"))


def the_submission(site: Site) -> FormIn:
    """The one that was sent; it must hold all that was answered, and nothing may speak against it."""
    (sent,) = site.sent
    told = {a.id: a.text for a in sent.answers}
    assert told == ANSWERS, told
    assert (sent.name, sent.address, sent.language) == ("Ada Citizen", "ada@home.example", "en")
    assert [(a.name, a.mime, a.data) for a in sent.attachments] == [("bench.png", "image/png", PNG)]
    assert sent.suspicions == (), sent.suspicions
    return sent


def the_acts(site: Site) -> list[PageIn]:
    """What was done on the page of the submission, in order."""
    return [unpack_page(a.raw) for a in site.ledger.of("page")]
