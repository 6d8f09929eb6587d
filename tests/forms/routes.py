"""Every address that the pages have, with values in its places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.forms.app import application
from tests.forms.site import Site

GOOD = {
    "form": "short",
    "question": "idea",
    "name": "folkmoot.css",
    "what": "erase",
    "id": "77",
    "code": "0" * 26,
}


def addresses(site: Site, method: str, **values: str) -> Iterator[str]:
    """The paths of all routes with this method; `values` go before `GOOD`."""
    app = application(site.channel._parts(site.ledger))
    for route in app.router.routes():
        if route.method == method and route.resource is not None:
            yield re.sub(
                r"\{(\w+)\}", lambda m: {"token": "x" * 22, **GOOD, **values}[m[1]], route.resource.canonical
            )
