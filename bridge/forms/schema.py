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
from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
)
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

from bridge.errors import Refuse

PLAIN = ""
"""The key under which a plain string lies in a language map."""

FILE_TYPES: Mapping[str, str] = {
    "image/jpeg": "JPG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WebP",
    "image/heic": "HEIC",
    "application/pdf": "PDF",
    "text/plain": "TXT",
    "text/csv": "CSV",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.oasis.opendocument.text": "ODT",
}
"""The media types a form may name, all of which `believed_type` knows by their bytes, in words."""

MEGABYTE = 1024 * 1024
MAX_FILES_MB = 18
"""All files of one submission together, in MiB."""


def _language_map(value: Any, info: ValidationInfo) -> Any:
    languages: tuple[str, ...] = (info.context or {}).get("languages", ())
    if isinstance(value, str):
        if languages:
            raise PydanticCustomError(
                "languages",
                "is one text, but the form's title has {languages}",
                {"languages": ", ".join(languages), "remedy": f"write {_sample(languages)}"},
            )
        value = {PLAIN: value}
    elif isinstance(value, Mapping):
        missing = [x for x in languages if x not in value]
        extra = [str(x) for x in value if x not in languages]
        if missing or extra:
            wrong = [f"lacks {x}" for x in missing] + [f"has {x}, which the title has not" for x in extra]
            raise PydanticCustomError(
                "languages",
                "{wrong}",
                {"wrong": "; ".join(wrong), "remedy": "give every label the languages of the title"},
            )
    else:
        raise PydanticCustomError(
            "languages", "is not a text", {"remedy": "write text, or a map such as {en: Name, de: Name}"}
        )
    for text in value.values():
        if not isinstance(text, str) or not text.strip():
            raise PydanticCustomError(
                "languages", "has an entry that is empty or not text", {"remedy": "write it in quotes"}
            )
    return {str(k): v.strip() for k, v in value.items()}


def _sample(languages: Sequence[str]) -> str:
    return "{" + ", ".join(f"{x}: …" for x in languages) + "}"


Text = Annotated[dict[str, str], BeforeValidator(_language_map)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]


def say(text: Mapping[str, str], language: str) -> str:
    """`text` in `language`, or as it is written when it has no such translation."""
    return text.get(language) or next(iter(text.values()))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Field(_Strict):
    """`missing` is the whole sentence for an empty required field; there is a general one."""

    id: Name
    label: Text
    hint: Text | None = None
    required: bool = False
    missing: Text | None = None


class TextField(_Field):
    """One line.  `role: name` marks who is speaking."""

    type: Literal["text"]
    role: Literal["name"] | None = None
    max_length: int = Key(200, ge=1, le=1000)


class LongTextField(_Field):
    type: Literal["long_text"]
    max_length: int = Key(5000, ge=1, le=20000)


class EmailField(_Field):
    """`role: address` marks where the answer goes."""

    type: Literal["email"]
    role: Literal["address"] | None = None


class Option(_Strict):
    value: Name
    label: Text
    hint: Text | None = None


class ChoiceField(_Field):
    """One of `options`."""

    type: Literal["choice"]
    options: tuple[Option, ...] = Key(min_length=2, max_length=50)


class ChoicesField(_Field):
    """Any of `options`; at least one when required."""

    type: Literal["choices"]
    options: tuple[Option, ...] = Key(min_length=1, max_length=50)


class CheckboxField(_Field):
    """A statement to agree to; required means that it must be ticked."""

    type: Literal["checkbox"]


class DateField(_Field):
    type: Literal["date"]
    birthday: bool = False


class FileField(_Field):
    """Up to `max_files` of at most `max_mb` MiB each; `types` out of `FILE_TYPES`, by default all."""

    type: Literal["file"]
    max_files: int = Key(1, ge=1, le=5)
    max_mb: int = Key(10, ge=1, le=MAX_FILES_MB)
    types: tuple[str, ...] = Key(tuple(FILE_TYPES), min_length=1)


FIELDS: Mapping[str, type[_Field]] = {
    "text": TextField,
    "long_text": LongTextField,
    "email": EmailField,
    "choice": ChoiceField,
    "choices": ChoicesField,
    "checkbox": CheckboxField,
    "date": DateField,
    "file": FileField,
}

Field = (
    TextField
    | LongTextField
    | EmailField
    | ChoiceField
    | ChoicesField
    | CheckboxField
    | DateField
    | FileField
)


class Form(_Strict):
    """A form as citizens see it.

    `intro` stands on its start, `notice` (what happens with the data) beside the send button,
    `next_steps` and `contact` on the confirmation.  Blank lines in them part paragraphs.
    """

    PARTS: ClassVar[tuple[str, ...]] = ("intro", "notice", "next_steps", "contact")

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
        faults = [_fault(file, raw, e) for e in error.errors(include_url=False)] + faults
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
