"""YAML of forms: its data, and the line each value stands on.

Read as YAML 1.2 (core schema) reads it, and as editors check it: only `true` and `false` are truth
values, so that an option "no", the language `no` and `2027-05-31` stay the texts that somebody
wrote.  Keys are always text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]
"""The way to a value: `("questions", 0, "label")`."""

MAX_NODES = 50_000
"""Values of a file, once its anchors are followed; a form of a hundred questions has some 5,000."""
MAX_DEPTH = 30


@dataclass(frozen=True, slots=True)
class Source:
    """What stands in a file.  `repeated` are the keys that stand twice; the last one is in `data`."""

    data: Any
    lines: Mapping[Path, int]
    repeated: tuple[Path, ...]

    def line(self, path: Path) -> int | None:
        """The line of `path`, or of the nearest value above it that the file has; counted from 1."""
        return next((self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), None)


class Unreadable(ValueError):
    """The text is no YAML: `what` says why, `line` where, as far as that is known."""

    def __init__(self, what: str, line: int | None) -> None:
        super().__init__(what)
        self.what, self.line = what, line


class _Loader(yaml.SafeLoader):
    """Parses and resolves; what it finds is put together below."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]{1,18}", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]{1,3})?", list("-+0123456789.")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)


def read(text: str) -> Source:
    """The YAML in `text`.  Raises `Unreadable`."""
    try:
        node = _Loader(text).get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable("has a character that YAML does not allow", line) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = str(getattr(error, "problem", None) or "is not YAML")
        raise Unreadable(what, mark.line + 1 if mark else None) from None
    except RecursionError:
        raise Unreadable("is nested too deep", None) from None
    taken = _Taken({}, [])
    data = None if node is None else taken.value(node, ())
    return Source(data, taken.lines, tuple(taken.repeated))


@dataclass
class _Taken:
    """A reading on its way."""

    lines: dict[Path, int]
    repeated: list[Path]
    nodes: int = 0

    def value(self, node: yaml.Node, at: Path) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(at) > MAX_DEPTH:
            raise Unreadable("is too large, or nested too deep", node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, at))
        if isinstance(node, yaml.SequenceNode):
            return list(self._items(node, at))
        return _scalar(node)

    def _pairs(self, node: yaml.MappingNode, at: Path) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise Unreadable("has a key that is not a word", name.start_mark.line + 1)
            key = str(name.value)
            self.lines[(*at, key)] = name.start_mark.line + 1
            if key in seen:
                self.repeated.append((*at, key))
            seen.add(key)
            yield key, self.value(value, (*at, key))

    def _items(self, node: yaml.SequenceNode, at: Path) -> Iterator[Any]:
        for index, value in enumerate(node.value):
            self.lines[(*at, index)] = value.start_mark.line + 1
            yield self.value(value, (*at, index))


def _scalar(node: yaml.Node) -> Any:
    value = str(node.value)
    match str(node.tag).removeprefix("tag:yaml.org,2002:"):
        case "str":
            return value
        case "null":
            return None
        case "bool":
            return value.lower() == "true"
        case "int" if re.fullmatch(r"[-+]?[0-9]{1,18}", value):
            return int(value)
        case "float" if re.fullmatch(r"[-+.0-9eE]{1,40}", value):
            return float(value)
        case _:
            raise Unreadable("has a tag that forms do not know", node.start_mark.line + 1)
