"""Authentication-Results: what can be read, and which field is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email import caps
from bridge.email.authres import MAX_OCTETS, Result, Results, dmarc, from_hop, parse, spf
from tests.growth import grows_evenly

HOP = "mx.alder.example"
REAL = f"Authentication-Results: {HOP}; dmarc=fail (p=reject) header.from=alder.example"
FORGED = f"Authentication-Results: {HOP}; dmarc=pass header.from=alder.example"
OURS = f"Received: from x.example (x.example [198.51.100.66]) by {HOP} (Postfix) with ESMTPS id 1; now"
THEIRS = "Received: from y.example by x.example with SMTP id 2; before"


@pytest.mark.parametrize(
    ("value", "results"),
    [
        ("mx.example; none", ()),
        ("mx.example 1; none", ()),
        ("MX.example;spf=pass smtp.mailfrom=a.example", (("spf", "pass"),)),
        ("mx.example; spf = PASS smtp . mailfrom = a.example", ()),
        ('mx.example; dkim=pass reason="good; really" header.d=a.example;', (("dkim", "pass"),)),
        (
            'mx.example (says (the) server); dkim/1=pass (good "quote) header.i=@a.example',
            (("dkim", "pass"),),
        ),
        ("mx.example; dkim=fail; broken; spf=none", (("dkim", "fail"), ("spf", "none"))),
    ],
)
def test_fields_as_servers_write_them(value: str, results: tuple[tuple[str, str], ...]) -> None:
    found = parse(value.encode())
    assert found is not None and found.authserv_id == "mx.example"
    assert tuple((one.method, one.result) for one in found.results) == results


def test_what_stands_beside_a_result() -> None:
    found = parse(b'mx; dmarc=fail (p=REJECT sp=none) reason="x;y" header.from="a.example"')
    one = Result("dmarc", "fail", (("header.from", "a.example"),), "p=REJECT sp=none")
    assert found == Results("mx", (one,))
    assert one.get("header.from") == "a.example" and one.get("header.d") == ""
    assert dmarc(found, "a.example") == "fail reject"
    rspamd = parse(b'mx; dmarc=fail reason="SPF not aligned (relaxed)" header.from=a.example (policy=none)')
    assert rspamd is not None and dmarc(rspamd, "a.example") == "fail none"
    assert dmarc(found, "b.example") == ""


@pytest.mark.parametrize(
    "value",
    [
        "",
        "; spf=pass",
        "mx=1; spf=pass",
        "mx version; spf=pass",
        'mx; spf=pass "',
        "mx; (spf=pass",
        "mx); spf=pass",
        "mx\\",
        "mx; " + "a=b;" * 60,
        "mx; spf=" + "x" * MAX_OCTETS,
    ],
)
def test_what_has_another_form_is_not_read(value: str) -> None:
    assert parse(value.encode()) is None


@given(
    st.text(alphabet='ab.;=()"\\ \t@/1', max_size=60)
    | st.binary(max_size=60).map(lambda b: b.decode("latin-1"))
)
def test_reading_is_total(value: str) -> None:
    found = parse(value.encode())
    assert found is None or (
        found.authserv_id == found.authserv_id.lower() and len(found.results) <= value.count("=")
    )


@pytest.mark.parametrize(
    "piece", ['"', '("', "\\", 'a="\\"', "(", ";", "a(b)", "a=b;", "by x ", " "], ids=range(10)
)
def test_reading_takes_no_time(piece: str) -> None:
    def read(text: str) -> None:
        value = text.encode()
        parse(value)
        from_hop([("received", value), ("authentication-results", value)], HOP)

    assert grows_evenly(read, (piece * MAX_OCTETS)[:MAX_OCTETS])


def test_what_a_server_says_of_dmarc_and_spf() -> None:
    found = parse(
        b"mx; spf=pass smtp.mailfrom=bounce@List.example; spf=fail smtp.helo=h.example;"
        b" dmarc=pass header.from=A.example; dmarc=fail policy.dmarc=quarantine header.from=b.example;"
        b" dmarc=fail header.from=c.example"
    )
    assert found is not None
    assert spf(found) == ("pass", "list.example")
    assert [dmarc(found, f"{one}.example") for one in "abcd"] == ["pass", "fail quarantine", "fail", ""]
    helo = parse(b"mx; spf=pass smtp.helo=h.example")
    assert helo is not None and spf(helo) == ("pass", "h.example")
    assert spf(Results("mx", (Result("spf", "pass"),))) is None


def believed(*lines: str, hop: str = HOP) -> str | None:
    head = caps.head(("\r\n".join([*lines, "From: ada@alder.example", "", ""])).encode())
    results = from_hop(head.fields, hop)
    return None if results is None else dmarc(results, "alder.example")


def test_only_the_topmost_field_of_the_hop_counts() -> None:
    assert believed(REAL, OURS, FORGED) == "fail reject"
    assert believed(OURS, REAL, FORGED) == "fail reject"
    assert believed(OURS, REAL, THEIRS, FORGED) == "fail reject"
    assert believed(FORGED, OURS) == "pass"  # the hop wrote it: only the hop writes above its own trace


def test_below_a_strangers_trace_nothing_is_believed() -> None:
    assert believed(OURS, THEIRS, FORGED) is None
    assert believed(THEIRS, FORGED) is None
    assert believed("Received: nonsense", FORGED) is None


def test_the_name_of_the_hop_is_compared_whole() -> None:
    assert believed(FORGED, OURS, hop="MX.Alder.Example.") == "pass"
    for other in ("alder.example", "mx.alder.exampl", "x.alder.example"):
        assert believed(FORGED, OURS, hop=other) is None
    assert (
        believed(f"Authentication-Results: {HOP}.birch.example; dmarc=pass header.from=alder.example") is None
    )
    assert (
        believed(f"Authentication-Results: birch.example ({HOP}); dmarc=pass header.from=alder.example")
        is None
    )


def test_a_field_of_the_hop_that_cannot_be_read_hides_the_next() -> None:
    assert believed(f'Authentication-Results: {HOP}; dmarc=pass "', FORGED) is None
    assert believed(f"Authentication-Results: {HOP}; spf=none", FORGED) == ""


def test_a_host_below_the_hop_may_have_written_the_trace() -> None:
    inner = OURS.replace(f"by {HOP}", "by in.alder.example")
    alder = FORGED.replace(HOP, "alder.example")
    assert believed(inner, alder, hop="alder.example") == "pass"
    assert believed(inner.replace("in.alder", "notalder"), alder, hop="alder.example") is None
