"""A consultation's file: new, changed or as it was."""

from __future__ import annotations

from bridge.casework.effects import Effect, Provision
from bridge.casework.known import KnownApply
from bridge.casework.settings import Settings
from bridge.casework.texts import say
from bridge.errors import Refuse
from bridge.inbound import ApplyIn


def apply(request: ApplyIn, known: KnownApply, settings: Settings) -> list[Effect]:
    """Provision what changed.  Raises `Refuse` when another consultation has the mailbox or a form."""
    wanted = request.consultation
    taken = known.mailbox_taken_by
    if taken is not None and taken != wanted.slug:
        raise Refuse(say(settings.language, "refuse_mailbox", mailbox=wanted.mailbox, slug=taken))
    for form, slug in known.forms_taken:
        raise Refuse(say(settings.language, "refuse_form", form=form, slug=slug))
    if known.before is not None and known.digest == request.digest:
        return []
    return [Provision(wanted, request.digest, request.forms)]
