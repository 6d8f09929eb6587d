"""What a form is: read from YAML, checked whole, frozen.

`load` either gives a form that can be shown in every one of its languages, or raises
`FormFaults` with *all* faults: the file, the key path, what is wrong and what to do.

A label is a language map (`{en: Your name, de: Ihr Name}`); the languages of the form's
title are the form's languages, and every other label must have the same.  A plain string
stands for the one language of a form whose title is plain too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, StringConstraints, ValidationError
from pydantic import Field as Key

from bridge.errors import Refuse
from bridge.forms.fields import (
    FIELDS,
    FILE_TYPES,
    PLAIN,
    EmailField,
    Field,
    FileField,
    Option,
    Strict,
    Text,
    TextField,
)

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]


class Form(Strict):
    """A form as citizens see it.

    `intro` stands on its start, `notice` (what happens with the data) there and beside the send
    button, `next_steps` and `contact` on the confirmation.  Blank lines in them part paragraphs.
    """

    id: Slug
    title: Text
    intro: Text | None = None
    notice: Text | None = None
    next_steps: Text | None = None
    contact: Text | None = None
    fields: tuple[Annotated[Field, Key(discriminator="type")], ...] = Key(min_length=1, max_length=60)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the labels in the order of the title; () for a form of plain strings."""
        return tuple(x for x in self.title if x != PLAIN)

    @property
    def name_field(self) -> TextField | None:
        return next((f for f in self.fields if isinstance(f, TextField) and f.role), None)

    @property
    def address_field(self) -> EmailField | None:
        return next((f for f in self.fields if isinstance(f, EmailField) and f.role), None)

    @property
    def file_fields(self) -> tuple[FileField, ...]:
        return tuple(f for f in self.fields if isinstance(f, FileField))


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form that takes answers now, for the consultation `slug` called `consultation`.

    `languages` are the consultation's, the first being its default.
    """

    form: Form
    slug: str
    languages: tuple[str, ...]
    consultation: str


# ------------------------------------------------------------------ faults


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a form's file, and what to do about it."""

    file: str
    path: str
    what: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.path}" if self.path else self.file
        return f"{where}: {self.what} – {self.remedy}"


class FormFaults(Refuse):
    """A form's file cannot be used; `faults` are all of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(f) for f in faults))
        self.faults = tuple(faults)


_REMEDIES = {
    "missing": "add it",
    "string_type": "write text, in quotes if it looks like a number, yes or no",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "tuple_type": "write a list: lines that begin with “- ”",
    "model_type": "write keys and values",
    "model_attributes_type": "write keys and values",
    "string_pattern_mismatch": "use small letters, digits and _ (in the form's id: -), a letter first",
    "union_tag_not_found": f"add type: one of {', '.join(FIELDS)}",
    "union_tag_invalid": f"write one of {', '.join(FIELDS)}",
}


def load(path: Path) -> Form:
    """The form in the YAML file `path`.  Raises `FormFaults`."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = (error.strerror if isinstance(error, OSError) else None) or "is not UTF-8 text"
        raise FormFaults([Fault(str(path), "", what, "check the path, and that it can be read")]) from None
    return parse(text, str(path))


def parse(text: str, file: str) -> Form:
    """The form in `text`; `file` is named in faults.  Raises `FormFaults`."""
    try:
        raw = yaml.load(text, _Loader)  # noqa: S506 – a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        problem = str(getattr(error, "problem", None) or "is not YAML")
        raise FormFaults([Fault(file, line, problem, "correct the YAML there")]) from None
    if not isinstance(raw, dict):
        raise FormFaults([Fault(file, "", "is not a form", "begin with id:, title: and fields:")])
    faults = [Fault(file, *f) for f in _structure(raw)]
    title = raw.get("title")
    context = {"languages": tuple(str(k) for k in title) if isinstance(title, dict) else ()}
    try:
        form = Form.model_validate(raw, context=context)
    except ValidationError as error:
        own = [e for e in error.errors(include_url=False) if not _follows(e)]
        faults = [_fault(file, raw, e) for e in own] + faults
        raise FormFaults(faults) from None
    if faults:
        raise FormFaults(faults)
    return form


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, where YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name} stands twice", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


def _structure(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(path, what, remedy) of faults between fields, looked for in the raw data so that they are
    found together with the faults within fields."""
    fields = raw.get("fields")
    fields = fields if isinstance(fields, list) else []
    ids: set[str] = set()
    roles: set[str] = set()
    for i, field in enumerate(fields):
        if not isinstance(field, dict):
            continue
        for key, seen in (("id", ids), ("role", roles)):
            value = field.get(key)
            if isinstance(value, str):
                if value in seen:
                    yield f"fields[{i}].{key}", f"{value} is used twice", "use it for one field"
                seen.add(value)
        yield from _options(i, field.get("options"))
        types = field.get("types")
        for kind in types if isinstance(types, list) else []:
            if isinstance(kind, str) and kind not in FILE_TYPES:
                yield f"fields[{i}].types", f"{kind} is not known", f"use some of {', '.join(FILE_TYPES)}"


def _options(i: int, options: Any) -> Iterator[tuple[str, str, str]]:
    seen: set[str] = set()
    for j, option in enumerate(options if isinstance(options, list) else []):
        value = option.get("value") if isinstance(option, dict) else None
        if isinstance(value, str):
            if value in seen:
                yield f"fields[{i}].options[{j}].value", f"{value} is used twice", "use it for one option"
            seen.add(value)


def _follows(error: Any) -> bool:
    """Whether a list only seems too short because what is in it has faults of its own."""
    if error["type"] != "too_short" or not isinstance(error["input"], list):
        return False
    return len(error["input"]) >= int(error["ctx"]["min_length"])


def _fault(file: str, raw: Mapping[str, Any], error: Any) -> Fault:
    kind, context = error["type"], error.get("ctx", {})
    path = _path(error["loc"])
    if kind == "extra_forbidden":
        known = ", ".join(_known(raw, error["loc"]))
        return Fault(file, path, "is not a known key", f"remove it, or use one of {known}")
    if kind == "missing":
        return Fault(file, path, "is missing", _REMEDIES[kind])
    if kind.startswith("union_tag"):
        return Fault(file, f"{path}.type", "is not a known type of field", _REMEDIES[kind])
    what = error["msg"][:1].lower() + error["msg"][1:]
    return Fault(file, path, what, context.get("remedy") or _REMEDIES.get(kind, "correct this value"))


def _path(loc: Sequence[str | int]) -> str:
    path = ""
    for i, step in enumerate(loc):
        if isinstance(step, int):
            path += f"[{step}]"
        elif not (i == 2 and loc[0] == "fields"):  # there pydantic names the field's type
            path += f".{step}" if path else step
    return path


def _known(raw: Mapping[str, Any], loc: Sequence[str | int]) -> list[str]:
    model: type[BaseModel] = Form
    if loc[0] == "fields" and len(loc) > 3:
        model = Option if "options" in loc[3:-1] else FIELDS[str(loc[2])]
    return [k for k in model.model_fields if k not in raw or model is not Form]
