"""What is wrong with an answer and how to mend it, in English."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    # nothing was answered
    "missing.any": "Enter an answer to “{label}”",
    "missing.name": "Enter your name",
    "missing.number": "Enter a number for “{label}”",
    "missing.date": "Enter a date for “{label}”",
    "missing.email": "Enter an e-mail address",
    "missing.phone": "Enter a telephone number",
    "missing.address": "Enter an address for “{label}”",
    "missing.radios": "Select an answer to “{label}”",
    "missing.select": "Select an answer to “{label}”",
    "missing.checkboxes": "Select at least one answer to “{label}”",
    "missing.ranking": "Choose a place for each answer to “{label}”",
    "missing.agreement": "Tick the box “{label}” to continue",
    "missing.file": "Choose a file for “{label}”",
    # text
    "error.long": "“{label}” must be {max} characters or less. You wrote {number}.",
    "error.email": "Enter an e-mail address in the format name@example.org",
    "error.phone": "Enter a telephone number, like 0123 456 789 or +44 1234 567890",
    "error.address.lacks": "“{label}” must include {parts}",
    "error.address.street": "the street and house number",
    "error.address.postcode": "the postcode",
    "error.address.town": "the town or city",
    # numbers
    "error.number": "“{label}” must be a number, like {sample}",
    "error.number.whole": "“{label}” must be a whole number",
    "error.number.decimals": "“{label}” must have no more than this many decimal places: {decimals}",
    "error.number.least": "“{label}” must be {least} or more",
    "error.number.most": "“{label}” must be {most} or less",
    "error.number.between": "“{label}” must be between {least} and {most}",
    # choices
    "error.option": "Select one of the answers shown to “{label}”",
    "error.alone": "Select either “{alone}” or other answers to “{label}”, not both",
    "error.most.one": "Select only one answer to “{label}”",
    "error.most.other": "Select no more than {number} answers to “{label}”",
    "error.place": "Choose a place from 1 to {places} for “{option}”",
    "error.place.twice": "Place {place} is given to both “{first}” and “{second}”. Give each its own place",
    # dates
    "error.date.lacks": "“{label}” must include {parts}",
    "error.date.day": "a day",
    "error.date.month": "a month",
    "error.date.year": "a year",
    "error.date.year4": "The year of “{label}” must have 4 numbers, like 2027",
    "error.date.real": "“{label}” must be a real date",
    "error.date.earliest": "“{label}” must be {earliest} or later",
    "error.date.latest": "“{label}” must be {latest} or earlier",
    "error.date.between": "“{label}” must be between {earliest} and {latest}",
    # files
    "error.file.large": "“{name}” must be {mb} MB or smaller",
    "error.file.empty": "“{name}” is empty. Choose another file",
    "error.file.type": "“{name}” must be one of these types: {types}",
    "error.file.number.one": "You can add one file. “{name}” was not added",
    "error.file.number.other": "You can add up to {number} files. “{name}” was not added",
    "error.file.total": "All files together must be {mb} MB or smaller. “{name}” was not added",
}
