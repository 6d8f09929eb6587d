"""Faults in files that people write: where, what is wrong, and what to write instead.

    file ─ read() ─> Document ─ Document.validate(Model) ─> a frozen model
                         └──────── every fault at once ────> ConfigFaults

A fault names the file, the line, the key and the remedy, so that one reading of the list is
enough to mend the file.  Values are not repeated (a password may stand in the wrong place),
except where a fixed set of words is expected.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bridge.errors import Refuse

Key = tuple[str | int, ...]
"""The way to a value in a file: `("partners", 0, "officers")`."""

Model = TypeVar("Model", bound=BaseModel)

_UNKNOWN = "extra_forbidden"  # pydantic's name for a key that no model has

MAX_FILE = 1 << 20
"""Bytes of a file we read as configuration."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend.  `key` is dotted ("partners.0.server") or "" for the whole file; `line` from 1."""

    file: Path
    key: str
    what: str
    remedy: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        subject = f"{self.key} {self.what}" if self.key else self.what
        return f"{place}: {subject}. {self.remedy}"


class ConfigFaults(Refuse):
    """Every fault that was found; never empty."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Wrong(ValueError):
    """Raised by a validator: `what` continues "<key> …", `remedy` is a sentence to act on."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML mapping with the lines its keys stand on."""

    path: Path
    data: Mapping[str, Any]
    lines: Mapping[Key, int]

    def fault(self, key: Key, what: str, remedy: str) -> Fault:
        """A fault at `key`, or at the nearest key above it that the file has."""
        line = next((self.lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.lines), None)
        return Fault(self.path, ".".join(map(str, key)), what, remedy, line)

    def validate(self, model: type[Model]) -> Model:
        """The file as `model`, its relative paths resolved; `ConfigFaults` with what is wrong.

        That is every key that is unknown, missing or wrong by itself, and what is wrong between
        the keys of a group whose known keys are right.
        """
        try:
            return model.model_validate(self.data, context=self._context)
        except ValidationError as error:
            found = error.errors(include_url=False)
        unknown = [one for one in found if one["type"] == _UNKNOWN]
        if unknown:  # they keep a group's keys from being held against each other: so once more without
            found = unknown + self._without([one["loc"] for one in unknown], model)
        told = [self._told(model, one) for one in found]
        raise ConfigFaults(sorted(told, key=lambda fault: fault.line or 0))

    @property
    def _context(self) -> dict[str, Path]:
        return {"folder": self.path.parent, "file": self.path}

    def _without(self, keys: Iterable[Key], model: type[BaseModel]) -> list[ErrorDetails]:
        """What else is wrong when these keys are left out."""
        data = copy.deepcopy(self.data)
        for *way, last in keys:
            group: Any = data
            for step in way:
                group = group[step]
            group.pop(last, None)  # an alias may have taken it away already
        try:
            model.model_validate(data, context=self._context)
        except ValidationError as error:
            return error.errors(include_url=False)
        return []

    def _told(self, model: type[BaseModel], error: ErrorDetails) -> Fault:
        key = tuple(error["loc"])
        context = error.get("ctx", {})
        cause = context.get("error")
        if isinstance(cause, Wrong):
            return self.fault(key, cause.what, cause.remedy)
        hint = _description(model, key)
        match error["type"]:
            case "missing":
                what, remedy = "is missing", f"Add it: {hint}" if hint else "Add it"
            case found if found == _UNKNOWN:
                what, remedy = "is not a key that is known here", _nearest(model, key)
            case "literal_error":
                what, remedy = f"is {str(error['input'])[:40]!r}", f"Write {context['expected']}"
            case "model_type" | "dict_type":
                what, remedy = "is not a group of keys", hint or "Write `key: value` lines below it"
            case _:
                what = "is wrong: " + error["msg"][:1].lower() + error["msg"][1:]
                remedy = f"Expected: {hint}" if hint else "Write a value of that kind"
        return self.fault(key, what, remedy)


def _models(model: type[BaseModel], key: Key) -> Iterator[tuple[type[BaseModel], str]]:
    """The models along `key`, each with the name looked up in it."""
    current: type[BaseModel] | None = model
    for step in key:
        if isinstance(step, int):
            continue
        if current is None:
            return
        yield current, step
        field = current.model_fields.get(step)
        current = _inner(field.annotation) if field else None


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_inner(argument) for argument in getattr(annotation, "__args__", ()))
    return next((found for found in inner if found), None)


def _description(model: type[BaseModel], key: Key) -> str:
    for owner, name in reversed(list(_models(model, key))):
        if (field := owner.model_fields.get(name)) is not None:
            return field.description or ""
    return ""


def _nearest(model: type[BaseModel], key: Key) -> str:
    owner, name = list(_models(model, key))[-1]
    if near := difflib.get_close_matches(name, owner.model_fields, n=1, cutoff=0.5):
        return f"Did you mean {near[0]}?"
    return f"Remove it; known are {', '.join(owner.model_fields)}"


def read(path: Path) -> Document:
    """The YAML mapping in `path`; `ConfigFaults` when it cannot be read or is something else."""
    path = path.absolute()
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        remedy = "Name an existing file; `folkmoot init` writes a first set of files"
        raise ConfigFaults([Fault(path, "", f"cannot be read ({reason})", remedy)]) from None
    if len(raw) > MAX_FILE:
        raise ConfigFaults([Fault(path, "", "is larger than 1 MB", "Is this the right file?")])
    return _parse(path, raw)


def _parse(path: Path, raw: bytes) -> Document:
    try:
        loader = yaml.SafeLoader(raw.decode("utf-8"))
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise ConfigFaults(
                [Fault(path, "", "is empty or not a list of keys", "Write `key: value` lines")]
            )
        lines: dict[Key, int] = {}
        repeated = list(_walk(node, (), lines, set()))
        data = loader.construct_document(node)
    except UnicodeDecodeError:
        raise ConfigFaults([Fault(path, "", "is not UTF-8", "Save it as UTF-8 text")]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        what = f"is not YAML ({getattr(error, 'problem', None) or 'cannot be read'})"
        raise ConfigFaults([Fault(path, "", what, "Mend the line; mind indent and quotes", line)]) from None
    document = Document(path, data, lines)
    if repeated:
        raise ConfigFaults(document.fault(key, "stands there twice", remedy) for key, remedy in repeated)
    return document


def _walk(node: yaml.Node, at: Key, lines: dict[Key, int], above: set[int]) -> Iterator[tuple[Key, str]]:
    """Note the line of every key below `node`; yields the keys that are there twice, with the remedy."""
    if id(node) in above:
        raise yaml.YAMLError("an anchor that contains itself")
    above = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise yaml.YAMLError("a key that is not a word")
            key = (*at, str(name.value))
            if key in lines and isinstance(value, yaml.MappingNode):
                yield (
                    key,
                    f"Put its lines under the first, in line {lines[key]}, and take this `{key[-1]}:` away",
                )
            elif key in lines:
                yield key, f"Remove one of the two; the first is in line {lines[key]}"
            lines[key] = name.start_mark.line + 1
            yield from _walk(value, key, lines, above)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            key = (*at, index)
            lines[key] = value.start_mark.line + 1
            yield from _walk(value, key, lines, above)


def folder(context: Mapping[Hashable, Any] | None) -> Path:
    """The folder that relative paths of a model being validated stand in."""
    return Path(context["folder"]) if context else Path.cwd()
