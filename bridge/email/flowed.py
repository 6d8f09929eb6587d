"""Text of `format=flowed`, whose lines a program may have broken anywhere (RFC 3676)."""

from __future__ import annotations


def unflow(text: str, delsp: bool) -> str:
    """`text` with its flowed lines joined again (RFC 3676 section 4), in linear time.

    A line that ends with a space goes on in the next one of the same quote depth; with `delsp`
    that space is no part of the words.  The line `-- ` before a signature never flows.
    """
    out: list[str] = []
    joined_depth: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        flowed = content.endswith(" ") and content != "-- "
        if joined_depth != depth or content == "-- ":
            out.append("\n" + (">" * depth + " " if depth else ""))
        out.append(content[:-1] if flowed and delsp else content)
        joined_depth = depth if flowed else None
    return "".join(out).removeprefix("\n")
