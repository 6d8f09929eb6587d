"""A form that asks every type of question, in three languages, and answers that are good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge.forms.schema import OpenForm, parse
from bridge.formstore import DraftFile

FORM_TEXT = """
id: every-type
title: {en: Every type, de: Jede Art, ar: كل نوع}
confirm: after
privacy:
  purpose: {en: To answer, de: Zum Antworten, ar: للرد}
  notice: {en: We keep it., de: Wir behalten es., ar: نحتفظ به.}
  version: "2027-03"
  retention_days: 365
questions:
  - {id: name, type: text, role: name, required: true, max_length: 20, label: {en: Your name, de: Ihr Name, ar: اسمك}}
  - {id: mail, type: email, role: address, required: true, label: {en: Your e-mail, de: Ihre E-Mail, ar: بريدك}}
  - {id: words, type: long_text, required: true, max_length: 100, label: {en: Your words, de: Ihre Worte, ar: كلماتك}}
  - id: one
    type: radios
    required: true
    label: {en: "Which one?", de: "Welcher?", ar: "أيهما؟"}
    options: &fruit
      - {value: a, label: {en: Apple, de: Apfel, ar: تفاح}}
      - {value: b, label: {en: Pear, de: Birne, ar: كمثرى}}
      - {value: c, label: {en: Plum, de: Pflaume, ar: برقوق}}
  - {id: list, type: select, required: true, label: {en: From the list, de: Aus der Liste, ar: من القائمة}, options: *fruit}
  - id: many
    type: checkboxes
    required: true
    most: 2
    label: {en: "Which of them?", de: "Welche davon?", ar: "أيها؟"}
    options:
      - {value: a, label: {en: Apple, de: Apfel, ar: تفاح}}
      - {value: b, label: {en: Pear, de: Birne, ar: كمثرى}}
      - {value: c, label: {en: Plum, de: Pflaume, ar: برقوق}}
      - {value: none, alone: true, label: {en: None of these, de: Keine davon, ar: لا شيء منها}}
  - {id: order, type: ranking, required: true, label: {en: "In which order?", de: "Welche Reihenfolge?", ar: "بأي ترتيب؟"}, options: *fruit}
  - {id: agree, type: agreement, required: true, label: {en: I agree, de: Ich stimme zu, ar: أوافق}}
  - id: day
    type: date
    required: true
    earliest: 2027-01-01
    latest: 2027-12-31
    label: {en: The day, de: Der Tag, ar: اليوم المطلوب}
  - id: width
    type: number
    required: true
    least: 0.5
    most: 5000
    decimals: 3
    unit: {en: metres, de: Meter, ar: متر}
    label: {en: "How wide?", de: "Wie breit?", ar: "ما العرض؟"}
  - {id: trees, type: number, least: 0, label: {en: "How many trees?", de: "Wie viele Bäume?", ar: "كم شجرة؟"}}
  - {id: phone, type: phone, required: true, label: {en: Your phone, de: Ihr Telefon, ar: هاتفك}}
  - {id: home, type: address, required: true, label: {en: Your address, de: Ihre Anschrift, ar: عنوانك}}
  - {id: why, type: text, show_if: {one: b}, required: true, label: {en: "Why a pear?", de: "Warum Birne?", ar: "لماذا كمثرى؟"}}
  - id: papers
    type: file
    required: true
    max_files: 2
    max_mb: 10
    types: [image/png, application/pdf]
    label: {en: Your papers, de: Ihre Unterlagen, ar: أوراقك}
  - {id: more, type: file, max_mb: 10, label: {en: More, de: Mehr, ar: المزيد}}
"""  # noqa: E501

FORM = parse(FORM_TEXT, "every-type.yaml")
OPEN = OpenForm(FORM, "budget-2028", ("de", "en"), "Haushalt 2028")

GOOD: Mapping[str, Sequence[str]] = {
    "name": ["Ada Citizen"],
    "mail": ["ada@citizen.example"],
    "words": ["Shade"],
    "one": ["a"],
    "list": ["c"],
    "many": ["a", "b"],
    "order--a": ["2"],
    "order--b": ["3"],
    "order--c": ["1"],
    "agree": ["yes"],
    "day--day": ["1"],
    "day--month": ["02"],
    "day--year": ["2027"],
    "width": ["12.5"],
    "trees": ["1200"],
    "phone": ["0123 456-78 ext. 9"],
    "home--street": ["1 Mill Lane"],
    "home--postcode": ["AB1 2CD"],
    "home--town": ["Alder"],
}


def a_file(
    name: str = "plan.png", *, size: int = 900, mime: str = "image/png", digest: str = ""
) -> DraftFile:
    """A file of a draft; two of different names are different files."""
    return DraftFile(1, "papers", name, mime, size, digest or f"digest of {name}")


FILES: Mapping[str, Sequence[DraftFile]] = {"papers": [a_file()]}
