"""The pages' words in English."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    # frame
    "skip": "Skip to main content",
    "languages": "Languages",
    "footer": "This service is run by {organisation}.",
    "optional": "(optional)",
    "error.prefix": "Error: ",
    "error.hidden": "Error:",
    "summary.title": "There is a problem",
    # list
    "list.title": "Have your say",
    "list.none": "No form is open at the moment.",
    "list.intro": "These forms are open now. You do not need an account.",
    # questions
    "continue": "Continue",
    "notice.title": "How we use what you write",
    "text.limit": "You can write up to {number} characters.",
    "date.day": "Day",
    "date.month": "Month",
    "date.year": "Year",
    "date.hint": "For example, 27 3 2027",
    "choices.hint": "Select all that apply.",
    "files.hint.one": "One file of up to {mb} MB: {types}.",
    "files.hint.other": "Up to {number} files of up to {mb} MB each: {types}.",
    "files.kept": "Added: {name}",
    "files.remove": "Remove {name}",
    "files.add": "Add another file",
    "files.replace": "Choose a file to replace it",
    "size.kilobytes": "{number}\u00a0kB",
    "size.megabytes": "{number}\u00a0MB",
    "show.in": "Show this page in another language. Your answers are kept.",
    # check
    "check.title": "Check your answers",
    "check.lead": "Nothing has been sent yet.",
    "check.change": "Change",
    "check.change.of": "Change: {label}",
    "check.none": "Not provided",
    "check.yes": "Yes",
    "check.send": "Send your answers",
    "check.mail": "We will confirm by e-mail and answer to {address}.",
    "check.no_mail": "You have not given an e-mail address, so we cannot answer you.",
    # sent
    "sent.title": "Your answers have been sent",
    "sent.reference": "Your reference",
    "sent.keep": "Write the reference down or keep the address of this page. It shows nothing of what you "
    "wrote.",
    "sent.next": "What happens next",
    "sent.mail": "We are sending you an e-mail that confirms this. You can reply to it, for example to add "
    "something.",
    "sent.no_mail": "You gave no e-mail address, so we cannot answer you. Your answers reach the people who "
    "work on this.",
    "sent.contact": "Contact",
    "sent.more": "Other open forms",
    # states and faults
    "retry.prefix": "Not sent yet: ",
    "retry.title": "Your answers were not sent yet",
    "retry.text": "We could not store them at this moment. They are still on this page: wait a minute, then "
    "choose “{button}” again. Your answers cannot arrive twice.",
    "expired.title": "This page was open for more than a day",
    "expired.text": "Nothing has been sent. Your answers are still below: check them and choose “{button}”. "
    "Files have to be chosen again.",
    "gone.title": "Page not found",
    "gone.text": "There is no form here, or it is no longer open.",
    "gone.home": "See the open forms",
    "foreign.title": "This page was sent from another site",
    "foreign.text": "Nothing has been sent. Open the form here and fill it in again.",
    "large.title": "That is too much to send at once",
    "large.text": "Nothing has been sent. All files together can be up to {mb} MB. Go back and choose "
    "smaller or fewer files.",
    "slow.title": "The connection was too slow",
    "slow.text": "Nothing has been sent. Go back and try again, perhaps with smaller files.",
    "strange.title": "We could not read that",
    "strange.text": "Nothing has been sent. Go back and try again.",
    "busy.title": "Too many people are sending files now",
    "busy.text": "Nothing has been sent. Wait a minute, then go back and try again.",
    "fault.title": "There is a problem with this service",
    "fault.text": "Nothing more has been sent. Wait a few minutes, then go back and try again.",
}
