"""What the bridge says to staff about mailings, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # the question
    "mailing_place": "Please write “!mail” in the room, outside the threads.",
    "mailing_usage": "Nothing was kept. Write “!mail”, then references with blanks between, or “open” (cases "
    "that are open or answered), or “all”; the text stands on the lines below. For example:\n"
    "!mail PARK-7F3K-9Q PARK-2M8T-4C\n"
    "The meeting is on Tuesday at seven.",
    "mailing_empty": "Nothing was kept: there is no text. It stands on the lines below “!mail”.",
    "mailing_disagree": "Nothing was kept: the plain and the formatted text of the message say different "
    "things. Please write it anew.",
    "mailing_unknown": "Nothing was kept. There is no such case in this consultation: {references}",
    "mailing_no_link": "Nothing was kept. A mail to several people needs a link by which they can end such "
    "mails, and that needs pages that are served by https. Please tell the operators (web.public_url).",
    "mailing_nobody": "Nothing was kept: there is nobody whom it could be sent to.",
    "mailing_ask": "This would go to {count}, to each alone:",
    "mailing_by_mail": "– by mail: {count}",
    "mailing_by_page": "– on their page only: {count}",
    "mailing_left": "– not: {count}, because {why} ({references})",
    "left_locked": "the sender is not verified",
    "left_discarded": "the case was discarded",
    "left_joined": "the words were moved to another case",
    "left_unsubscribed": "they want no messages to several people",
    "left_bounced": "mails to the address came back",
    "left_unreached": "there is no way to reach them",
    "left_same": "the same address gets it in another case",
    "mailing_begins": "It begins: “{excerpt}”",
    "mailing_how": "Nothing has gone out. To send it, write: !mail {code} yes\n"
    "To drop it: !mail {code} no\n"
    "The code is good for a day, and once.",
    # the answer
    "mailing_code": "Nothing was done: there is no message with the code {code} in this room, or it is older "
    "than a day.",
    "mailing_waits": "Nothing was done: the message {code} has not been sent. “!mail {code} no” drops it.",
    "mailing_was_sent": "Nothing was done: the message {code} was sent already.",
    "mailing_was_dropped": "Nothing was done: the message {code} was dropped.",
    "mailing_dropped": "Dropped. Nothing was sent.",
    "mailing_sent": "It goes to {count} in {seconds} seconds. “!mail {code} stop” stops what has not gone "
    "out by then.",
    "mailing_stopped": "Stopped: {count}. On the way already: {begun}.",
    "mailing_changed": "The message {code} was edited or deleted, so it was dropped. Nothing was sent. To "
    "send it, write it anew.",
    "mailing_changed_late": "The message {code} was sent as it stood before. “!mail {code} stop” stops what "
    "has not gone out yet.",
    # in the threads
    "mailing_thread": "{user} sent this to {count} people, to each alone, and to the citizen of this case "
    "too. The status of the case stays as it was.",
    "mailing_thread_one": "{user} sent this to the citizen of this case, from outside the thread. The status "
    "of the case stays as it was.",
    "mailing_thread_stopped": "This was stopped in time: the citizen did not get it.",
    "mailing_failed": "The message to several people could not be delivered: {reason}",
    "mailing_unsubscribed": "The citizen wants no messages to several people any more. What you write in "
    "this thread still reaches them.",
}
