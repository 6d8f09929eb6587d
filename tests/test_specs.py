"""A consultation in a row of the database, and in a request of the command."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bridge import specs
from bridge.model import Consultation, Partner

NAMES = st.text(st.characters(codec="utf-8"), max_size=8)


@given(
    st.builds(
        Consultation,
        slug=NAMES,
        title=NAMES,
        languages=st.tuples(NAMES),
        mailbox=NAMES,
        staff=st.lists(NAMES, max_size=2).map(tuple),
        partners=st.lists(
            st.builds(Partner, name=NAMES, server=NAMES, officers=st.lists(NAMES, max_size=2).map(tuple)),
            max_size=2,
        ).map(tuple),
        forms=st.lists(NAMES, max_size=2).map(tuple),
    )
)
def test_a_consultation_survives_its_way_through_json(wanted: Consultation) -> None:
    assert specs.load(json.loads(json.dumps(specs.dump(wanted)))) == wanted
