"""The words of a submission's own page, of its confirmation and of its downloads, in English."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    # the confirmation
    "case.sent.title": "Your answers have been sent",
    "case.sent.reference": "Your reference",
    "case.sent.next": "What happens next",
    "case.sent.next.text": "The people who work on this will read your answers. You can see their reply "
    "and everything else that happens on the page of your submission.",
    "case.sent.page": "The page of your submission",
    "case.sent.page.text": "There you can see what becomes of it, write to us again and get your "
    "data. You need no account: the address of the page is the key. Keep it, and do not share it.",
    "case.sent.page.open": "Open the page of your submission",
    "case.sent.page.code": "The address as a code for a phone’s camera",
    "case.sent.more": "Other open forms",
    "case.copy.title": "Your copy",
    "case.copy.pdf": "Download a copy of your answers (PDF)",
    "case.copy.receipt": "Download the receipt (JSON)",
    "case.copy.digest": "SHA-256 of the receipt",
    "case.copy.digest.why": "Whoever holds the receipt can use this number to prove what was sent, and "
    "that nothing has been changed since.",
    # the e-mail address
    "case.mail.title": "Confirm your e-mail address",
    "case.mail.sent": "We have sent an e-mail to {address}. Open it, follow its link and choose “{button}”.",
    "case.mail.sent.none": "Nothing there? Look in your junk folder, or have the e-mail sent once more.",
    "case.mail.soon": "We are sending an e-mail to {address}. Open it, follow its link and choose "
    "“{button}”.",
    "case.mail.waiting": "We have already sent an e-mail to {address} today. The next one goes out on "
    "{moment}: open it, follow its link and choose “{button}”.",
    "case.mail.failed": "Our e-mail to {address} could not be delivered. You will find replies on the "
    "page of your submission.",
    "case.mail.before": "Nobody reads your submission before that.",
    "case.mail.after": "Until then we send nothing of it by e-mail. You will find replies on the page "
    "of your submission.",
    "case.mail.remind": "Send the e-mail once more",
    # the confirmation of an address
    "case.confirm.title": "Confirm your e-mail address",
    "case.confirm.what": "The form “{title}” was sent on {moment}. The address {address} was given in it.",
    "case.confirm.yours": "Was it you? Then confirm it. Replies then go to this address.",
    "case.confirm.button": "Confirm",
    "case.confirm.not_you": "Was it somebody else? Then do nothing and close this page.",
    "case.confirm.done.title": "This address is already confirmed",
    "case.confirm.done.text": "There is nothing more to do. You do not need the link in the e-mail again.",
    "case.confirm.gone.title": "This link no longer confirms anything",
    "case.confirm.gone.text": "It is too old or incomplete. Copy the whole link from the e-mail, or open "
    "the page of your submission and have the e-mail sent once more.",
    # the page
    "case.title": "Your submission {reference}",
    "case.state": "Status",
    "case.sent_on": "Sent on {moment}",
    "case.gone.title": "There is no submission here",
    "case.gone.text": "The address is incomplete, or the page has a new address, or what it showed has "
    "been erased. You find its address in the e-mails about your submission.",
    "case.state.unconfirmed": "Waiting for you",
    "case.state.unconfirmed.text": "Confirm your e-mail address first. Nobody reads your submission before "
    "that.",
    "case.state.held": "Being looked at first",
    "case.state.held.text": "A member of our staff looks at your submission before it goes to the people "
    "who work on this. You do not need to do anything.",
    "case.state.received": "Received",
    "case.state.received.text": "Your submission is with us and on its way to the people who work on this.",
    "case.state.refused": "Not taken up",
    "case.state.refused.text": "Our staff decided not to take this submission further.",
    "case.state.open": "Being worked on",
    "case.state.open.text": "The people who work on this have your submission. You find their reply here.",
    "case.state.answered": "Answered",
    "case.state.answered.text": "You find the reply below. You can write again.",
    "case.state.closed": "Closed",
    "case.state.closed.text": "Our staff have closed this. You can still write to us here.",
    "case.state.withdrawn": "Withdrawn by you",
    "case.state.withdrawn.text": "You have withdrawn your submission. Nobody works on it any more.",
    "case.state.forgotten": "Erased",
    "case.state.forgotten.text": "What you sent us has been erased.",
    # what happened
    "case.log.title": "What has happened so far",
    "case.log.you": "You",
    "case.log.staff": "Staff",
    "case.log.of": "{who}, {organisation}",
    "case.log.changed": "You changed an answer",
    "case.log.waiting": "on its way",
    "case.log.files": "Files",
    "case.log.file": "{name} ({size})",
    "case.log.download": "Download {name} ({size})",
    "case.log.none": "Not provided",
    # what happened of itself or by a button
    "step_received": "Your submission arrived",
    "step_confirmed": "You confirmed your e-mail address",
    "step_by_mail": "You chose to get replies by e-mail too",
    "step_by_page": "You chose to get replies on this page only",
    "step_withdrawn": "You withdrew your submission",
    "step_erase": "You asked for everything to be erased",
    "step_reopened": "Your submission is being worked on again",
    # writing
    "case.write.title": "Write to us",
    "case.write.label": "Your message",
    "case.write.hint": "You can write up to {max} characters.",
    "case.write.files": "Files",
    "case.write.files.hint": "Up to {number} files of up to {mb} MB each: {types}.",
    "case.write.send": "Send the message",
    "case.write.missing": "Write a message, or choose a file",
    "case.write.long": "The message must be {max} characters or less. You wrote {number}.",
    # choices
    "case.choice.title": "Change something",
    "case.choice.answers": "Your answers",
    "case.choice.answers.text": "You can change them while the form is open. Staff see what you changed.",
    "case.choice.answers.show": "Show your answers",
    "case.choice.answers.button": "Change your answers",
    "case.choice.answers.closed": "The form is closed. Write to us if an answer has to change.",
    "case.choice.reach": "How replies reach you",
    "case.choice.reach.mail": "By e-mail to {address}, and on this page.",
    "case.choice.reach.page": "On this page only.",
    "case.choice.reach.unconfirmed": "On this page, and by e-mail to {address} once you have confirmed it.",
    "case.choice.by_page": "On this page only from now on",
    "case.choice.by_mail": "By e-mail too from now on",
    "case.choice.language": "Your language",
    "case.choice.language.text": "We use this language for you on this page and in our e-mails.",
    "case.choice.language.button": "Save the language",
    "case.choice.address": "A new address for this page",
    "case.choice.address.text": "Has somebody else seen the address of this page? Give it a new one.",
    "case.choice.address.button": "Make a new address",
    "case.data.title": "Your data",
    "case.data.html": "Everything, to read (HTML)",
    "case.data.json": "Everything, for programs (JSON)",
    "case.data.withdraw": "Withdraw the submission",
    "case.data.erase": "Have everything erased",
    # pages in between
    "case.ask.withdraw": "Withdraw your submission?",
    "case.ask.withdraw.text": "Nobody will work on it any more. Staff see that you withdrew it; they can "
    "still read what they have read already. You keep this page.",
    "case.ask.withdraw.button": "Withdraw the submission",
    "case.ask.erase": "Have everything erased?",
    "case.ask.erase.goes": "What goes",
    "case.ask.erase.goes.text": "Your name, your address, your answers, your messages and files, our "
    "answers to you, and this page. Your words are removed from the rooms in which staff read them.",
    "case.ask.erase.stays": "What stays",
    "case.ask.erase.stays.text": "Organisations that work on this together have read your words on their "
    "own devices. We cannot get back what was copied or noted there. The reference remains as a number, so "
    "that it is not given out twice.",
    "case.ask.erase.how": "What happens next",
    "case.ask.erase.how.text": "Staff consider your request and decide. You can read on this page what they "
    "decided and why, within a month at the latest. Once everything is erased, this page is gone: download "
    "your data first if you want to keep it.",
    "case.ask.erase.how.now": "Nobody has worked on your submission yet. Everything is erased at once, "
    "and this page with it: download your data first if you want to keep it.",
    "case.ask.erase.button": "Ask for everything to be erased",
    "case.ask.erase.button.now": "Erase everything now",
    "case.ask.address": "Give this page a new address?",
    "case.ask.address.text": "The old address will no longer open anything, for you or anybody else, and "
    "links in earlier e-mails will no longer lead here. You see the new address at once: keep it.",
    "case.ask.address.button": "Make a new address",
    # what was done
    "case.done.title": "Done",
    "case.done.write": "Your message has been sent. You find it below.",
    "case.done.change": "Your changes have been sent.",
    "case.done.language": "Your language has been saved.",
    "case.done.by_mail": "Replies now reach you by e-mail too. If your address is not confirmed yet, "
    "we first send you an e-mail for that.",
    "case.done.by_page": "Replies now appear on this page only.",
    "case.done.remind": "We will send the e-mail once more; at most one goes out a day.",
    "case.done.confirm": "Your e-mail address is confirmed. Thank you.",
    "case.done.withdraw": "Your submission has been withdrawn.",
    "case.done.erase": "You have asked for everything to be erased. Staff decide, and answer on this page.",
    "case.done.erase.now": "Your submission is being erased, and this page with it.",
    "case.done.revoke": "This page has a new address. Keep it: the old one no longer opens anything.",
    "case.done.soon": "It can take a minute until the rest of this page shows it.",
    "case.late.title": "This page was open for more than a day",
    "case.late.text": "Nothing was sent. Choose again what you want to do. What you wrote is still here.",
    "case.retry.title": "Nothing was sent yet",
    "case.retry.text": "We could not store it at this moment. Wait a minute, then choose the same again. It "
    "cannot arrive twice.",
    # the download to read
    "case.whole.title": "Everything about your submission {reference}",
    "case.whole.made": "As of {moment}",
}
