"""The kinds of fields a form may have, each with its own keys; unknown keys are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationInfo
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

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


def say(text: Mapping[str, str], language: str) -> str:
    """`text` in `language`, or as it is written when it has no such translation."""
    return text.get(language) or next(iter(text.values()))


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Field(Strict):
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


class Option(Strict):
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
