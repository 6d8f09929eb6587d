"""Faults of a form's file, in words a clerk can act on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from bridge.errors import Refuse
from bridge.forms.fields import FIELDS, Option
from bridge.forms.lines import Path

Wrong = tuple[Path, str, str]
"""Where, what is wrong there, and what to do: before the file and its lines are known."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a form's file, and what to do about it.  `line` counts from 1."""

    file: str
    path: str
    what: str
    remedy: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{place}: {self.path}" if self.path else place
        return f"{where}: {self.what} – {self.remedy}"


class FormFaults(Refuse):
    """A form's file cannot be used; `faults` are all of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(f) for f in faults))
        self.faults = tuple(faults)


def dotted(path: Path) -> str:
    """`questions[0].label`"""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


_TRUTH = ("is neither true nor false", "write true or false")
_WHOLE = ("is not a whole number", "write a number such as 5")
_NUMBER = ("is not a number", "write a number such as 5 or 2.5")
_DAY = ("is not a day", "write one such as 2027-05-31")
_GROUP = ("is not a group of keys", "write `key: value` lines below it")
_FEW = ("has too few entries", "write at least {min_length}")
_SMALL = ("is too small", "write at least {ge}")
_LARGE = ("is too large", "write at most {le}")

_SAID: Mapping[str, tuple[str, str]] = {
    "missing": ("is missing", "add it"),
    "string_type": ("is not text", "write text, in quotes if it looks like a number, true or false"),
    "string_too_short": ("is empty", "write it, or remove the line"),
    "string_too_long": ("is too long", "write at most {max_length} characters"),
    "string_pattern_mismatch": (
        "is not a name that can be used here",
        "use small letters, digits and _ (in the form's id: -), a letter first",
    ),
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "greater_than_equal": _SMALL,
    "less_than_equal": _LARGE,
    "tuple_type": ("is not a list", "write lines below it that begin with “- ”"),
    "too_short": _FEW,
    "too_long": ("has too many entries", "write at most {max_length}"),
    "model_type": _GROUP,
    "model_attributes_type": _GROUP,
    "dict_type": _GROUP,
    "literal_error": ("is not a word that is known here", "write {expected}"),
    "union_tag_not_found": ("is missing", f"write one of {', '.join(FIELDS)}"),
    "union_tag_invalid": ("is not a known type of question", f"write one of {', '.join(FIELDS)}"),
}
_OPTION_VALUE = (
    "is not a word",
    "use letters, digits, - and _, without blanks; nobody is shown it",
)


def follows(error: Any) -> bool:
    """Whether a list only seems too short because what is in it has faults of its own."""
    if error["type"] != "too_short" or not isinstance(error["input"], list):
        return False
    return len(error["input"]) >= int(error["ctx"]["min_length"])


def wrong(error: Any, model: type[BaseModel]) -> Wrong:
    """What pydantic's `error` about data that should be a `model` means."""
    kind, context = error["type"], error.get("ctx", {})
    loc = tuple(error["loc"])
    path = _path(loc)
    if kind.startswith("union_tag"):
        path = (*path, "type")
    if kind == "extra_forbidden":
        return path, "is not a known key", _instead(str(path[-1]), _owner(model, loc))
    if "remedy" in context:  # one of our own
        return path, error["msg"], context["remedy"]
    what, remedy = _SAID.get(kind) or (f"is wrong: {error['msg']}", "correct this value")
    if kind == "string_pattern_mismatch" and path[-1] == "value":
        what, remedy = _OPTION_VALUE
    return path, what, remedy.format(**context)


def _path(loc: Path) -> Path:
    """`loc` without the types of questions that pydantic puts behind their numbers."""
    return tuple(step for i, step in enumerate(loc) if not _is_type(loc, i))


def _is_type(loc: Path, i: int) -> bool:
    return i >= 2 and loc[i - 2] == "questions" and isinstance(loc[i - 1], int)


def _owner(model: type[BaseModel], loc: Path) -> type[BaseModel]:
    """The model whose key the last step of `loc` would be."""
    types = [i for i in range(len(loc)) if _is_type(loc, i)]
    if types:
        return Option if "options" in loc[types[0] + 1 : -1] else FIELDS[str(loc[types[0]])]
    for step in loc[:-1]:
        inner = [_key(model, str(step))] if not isinstance(step, int) else []
        model = next((m for annotation in inner for m in _models(annotation)), model)
    return model


def _key(model: type[BaseModel], name: str) -> Any:
    found = (f for n, f in model.model_fields.items() if name in (n, f.alias))
    return next((f.annotation for f in found), None)


def _models(annotation: Any) -> Sequence[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    inner: Callable[[Any], Sequence[type[BaseModel]]] = _models
    return [m for part in getattr(annotation, "__args__", ()) for m in inner(part)]


def _instead(key: str, model: type[BaseModel]) -> str:
    names = [f.alias or name for name, f in model.model_fields.items()]
    if near := get_close_matches(key, names, n=1, cutoff=0.7):
        return f"did you mean {near[0]}?"
    return f"remove it; known are {', '.join(names)}"
