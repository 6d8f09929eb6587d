"""What a citizen did on a page, on its way into the ledger."""

from __future__ import annotations

import logging

from bridge.channel import Arrival
from bridge.forms.parts import Parts
from bridge.forms.submit import pack_page
from bridge.formstore import CasePage
from bridge.inbound import PageIn
from bridge.model import Source

_log = logging.getLogger(__name__)


async def accepted(parts: Parts, page: CasePage, act: PageIn, *seed: str) -> bool:
    """Whether the ledger has `act` now.  The same `seed` gives the same key: a repeat is a duplicate.

    Never raises: whatever it is that fails, it is never the person's loss, and the page says so.
    """
    arrival = Arrival(
        source=Source.FORM,
        kind="page",
        key=f"page:{page.id}:{parts.tokens.key('page', str(page.id), act.act, *seed)}",
        raw=pack_page(act),
        meta={"form": page.form, "slug": page.slug, "language": page.language},
    )
    try:
        await parts.accept([arrival])
    except Exception as error:  # noqa: BLE001 – see above
        _log.warning("an act on a page could not be accepted: %s", type(error).__name__)
        return False
    return True
