"""The types of questions a form may ask, each with its own keys; unknown keys are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
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


Text = Annotated[
    dict[str, str],
    BeforeValidator(_language_map, json_schema_input_type=str | dict[str, Annotated[str, Key(min_length=1)]]),
]
"""One text in every language of the form; blank lines part its paragraphs."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def say(text: Mapping[str, str], language: str) -> str:
    """`text` in `language`, or as it is written when it has no such translation."""
    return text.get(language) or next(iter(text.values()))


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _wanted(value: Any) -> Any:
    if isinstance(value, str) or value is True or value is False:
        return value
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        return value
    raise PydanticCustomError(
        "wanted",
        "is not something that can be answered",
        {"remedy": "write a value of the question's options in quotes, a list of them, true or false"},
    )


Wanted = Annotated[bool | str | tuple[str, ...], BeforeValidator(_wanted)]

Condition = Annotated[dict[str, Wanted], Key(min_length=1, max_length=5)]
"""Earlier questions and what they must have been answered: a value, one of several, `true` for any
answer, `false` for none.  All must hold."""


class _Question(Strict):
    """`missing` is the whole sentence for an empty required question; there is a general one.

    `personal`: the answer says who somebody is; staff see it marked, and it needs a purpose.
    """

    id: Name = Key(description="Its name in the file, in conditions and in data; nobody is shown it")
    label: Text = Key(description="The question, as the heading of its page")
    hint: Text | None = Key(None, description="Stands below the question: what people stumble over")
    required: bool = Key(False, description="true: nobody comes past it without an answer")
    missing: Text | None = Key(
        None, description="The whole sentence for whoever left a required question empty"
    )
    personal: bool = Key(False, description="true: the answer says who somebody is")
    show_if: Condition | None = Key(
        None, description="Ask only if earlier questions have these answers: {part: [meadow, paths]}"
    )


class TextField(_Question):
    """One line.  `role: name` marks who is speaking."""

    type: Literal["text"]
    role: Literal["name"] | None = None
    max_length: int = Key(200, ge=1, le=1000)


class LongTextField(_Question):
    type: Literal["long_text"]
    max_length: int = Key(5000, ge=1, le=20000)


class NumberField(_Question):
    """A number with at most `decimals` places between `least` and `most`; `unit` stands behind it."""

    type: Literal["number"]
    least: float | None = None
    most: float | None = None
    decimals: int = Key(0, ge=0, le=4)
    unit: Text | None = None


class DateField(_Question):
    """`earliest` and `latest` are days that are still good."""

    type: Literal["date"]
    birthday: bool = False
    earliest: date | None = None
    latest: date | None = None


class EmailField(_Question):
    """`role: address` marks where the answer goes."""

    type: Literal["email"]
    role: Literal["address"] | None = None


class PhoneField(_Question):
    type: Literal["phone"]


class AddressField(_Question):
    """A postal address in parts (street, extra, postcode, town); required means all but `extra`."""

    type: Literal["address"]


class Option(Strict):
    """`value` is what is stored; it never changes once the form is open.

    `alone`, for checkboxes: it excludes the others ("None of these").
    """

    value: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
    label: Text
    hint: Text | None = None
    alone: bool = False


Options = Annotated[tuple[Option, ...], Key(min_length=2, max_length=50)]


class RadiosField(_Question):
    """Exactly one of `options`."""

    type: Literal["radios"]
    options: Options


class SelectField(_Question):
    """Exactly one of `options`, from a list that opens: for more than some eight."""

    type: Literal["select"]
    options: Annotated[tuple[Option, ...], Key(min_length=2, max_length=300)]


class CheckboxesField(_Question):
    """Any of `options`, at least one when required and `most` at the most."""

    type: Literal["checkboxes"]
    options: Annotated[tuple[Option, ...], Key(min_length=1, max_length=50)]
    most: int | None = Key(None, ge=1)


class RankingField(_Question):
    """All `options` in an order: each gets a place, chosen from a list; nothing is dragged."""

    type: Literal["ranking"]
    options: Annotated[tuple[Option, ...], Key(min_length=2, max_length=12)]


class AgreementField(_Question):
    """A statement to agree to; required means that it must be ticked."""

    type: Literal["agreement"]


class FileField(_Question):
    """Up to `max_files` of at most `max_mb` MiB each; `types` out of `FILE_TYPES`, by default all."""

    type: Literal["file"]
    max_files: int = Key(1, ge=1, le=5)
    max_mb: int = Key(10, ge=1, le=MAX_FILES_MB)
    types: tuple[str, ...] = Key(tuple(FILE_TYPES), min_length=1)


ADDRESS_PARTS = ("street", "extra", "postcode", "town")
"""Inputs of an address are called `<id>--<part>`; `extra` is always optional."""

DATE_PARTS = ("day", "month", "year")

FIELDS: Mapping[str, type[_Question]] = {
    "text": TextField,
    "long_text": LongTextField,
    "number": NumberField,
    "date": DateField,
    "radios": RadiosField,
    "checkboxes": CheckboxesField,
    "select": SelectField,
    "email": EmailField,
    "phone": PhoneField,
    "address": AddressField,
    "file": FileField,
    "ranking": RankingField,
    "agreement": AgreementField,
}

Field = (
    TextField
    | LongTextField
    | NumberField
    | DateField
    | RadiosField
    | CheckboxesField
    | SelectField
    | EmailField
    | PhoneField
    | AddressField
    | FileField
    | RankingField
    | AgreementField
)
"""One question of a form, of any type."""


def is_personal(question: Field) -> bool:
    """Whether the answer says who somebody is: what is marked so, a role, a way to reach somebody, a
    date of birth."""
    return (
        question.personal
        or isinstance(question, EmailField | PhoneField | AddressField)
        or (isinstance(question, TextField) and question.role is not None)
        or (isinstance(question, DateField) and question.birthday)
    )
