"""The words of a submission's own page, of its confirmation and of its downloads, in English."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    # the confirmation
    "case.sent.title": "Your answers have been sent",
    "case.sent.reference": "Your reference",
    "case.sent.next": "What happens next",
    "case.sent.next.text": "The people who work on this read your answers. Their answer and everything "
    "else that happens stands on the page of your submission.",
    "case.sent.page": "The page of your submission",
    "case.sent.page.text": "There you see what becomes of it, write to us again and get your data. It "
    "needs no account: its address is the key. Keep it, and show it to nobody else.",
    "case.sent.page.open": "Open the page of your submission",
    "case.sent.page.code": "The address as a code for the camera of a phone",
    "case.sent.more": "Other open forms",
    "case.copy.title": "Your copy",
    "case.copy.pdf": "Download a copy of your answers (PDF)",
    "case.copy.receipt": "Download the receipt (JSON)",
    "case.copy.digest": "SHA-256 of the receipt",
    "case.copy.digest.why": "Who holds the receipt can show with this number what was sent, and that "
    "nothing was changed since.",
    # the e-mail address
    "case.mail.title": "Confirm your e-mail address",
    "case.mail.sent": "We have sent an e-mail to {address}. Open it, follow its link and choose “{button}”.",
    "case.mail.sent.none": "Nothing there? Look into the folder for unwanted mail, or have it sent once "
    "more.",
    "case.mail.soon": "We are sending an e-mail to {address}. Open it, follow its link and choose "
    "“{button}”.",
    "case.mail.waiting": "An e-mail from us went to {address} already today. The next one goes on "
    "{moment}: open it, follow its link and choose “{button}”.",
    "case.mail.failed": "Our e-mail to {address} could not be delivered. Answers stand on the page of your "
    "submission.",
    "case.mail.before": "Nobody reads your submission before that.",
    "case.mail.after": "Until then nothing of it is sent by e-mail. Answers stand on the page of your "
    "submission.",
    "case.mail.remind": "Send the e-mail once more",
    # the confirmation of an address
    "case.confirm.title": "Confirm your e-mail address",
    "case.confirm.what": "The form “{title}” was sent on {moment}. The address {address} was given in it.",
    "case.confirm.yours": "Was it you? Then confirm it. Answers go to this address from then on.",
    "case.confirm.button": "Confirm",
    "case.confirm.not_you": "Was it somebody else? Then do nothing and close this page.",
    "case.confirm.done.title": "This address is confirmed already",
    "case.confirm.done.text": "You need do nothing more. The link in the e-mail can stay unused.",
    "case.confirm.gone.title": "This link does not confirm anything any more",
    "case.confirm.gone.text": "It is too old, or not whole. Copy the whole link from the e-mail, or open "
    "the page of your submission and have the e-mail sent once more.",
    # the page
    "case.title": "Your submission {reference}",
    "case.state": "State",
    "case.sent_on": "Sent on {moment}",
    "case.gone.title": "There is no submission here",
    "case.gone.text": "The address is not whole, or the page has got a new address, or what it showed was "
    "erased. The e-mails about your submission hold its address.",
    "case.state.unconfirmed": "Waits for you",
    "case.state.unconfirmed.text": "Confirm your e-mail address first. Nobody reads your submission before "
    "that.",
    "case.state.held": "Is looked at first",
    "case.state.held.text": "Somebody of our staff looks at your submission before it goes to the people "
    "who work on this. You need do nothing.",
    "case.state.received": "Has arrived",
    "case.state.received.text": "Your submission is with us, and on its way to the people who work on this.",
    "case.state.refused": "Was not taken up",
    "case.state.refused.text": "Our staff decided that nothing comes of this submission.",
    "case.state.open": "Is being worked on",
    "case.state.open.text": "The people who work on this have your submission. Their answer will stand here.",
    "case.state.answered": "Was answered",
    "case.state.answered.text": "The answer stands below. You can write again.",
    "case.state.closed": "Is closed",
    "case.state.closed.text": "Our staff have closed this. You can still write to us here.",
    "case.state.withdrawn": "Was withdrawn by you",
    "case.state.withdrawn.text": "You have withdrawn your submission, and nobody works on it any more.",
    "case.state.forgotten": "Was erased",
    "case.state.forgotten.text": "What you had sent us is erased.",
    # what happened
    "case.log.title": "What has happened",
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
    "step_by_mail": "You chose to get answers by e-mail too",
    "step_by_page": "You chose to get answers on this page only",
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
    "case.choice.answers.closed": "The form is closed. Write to us when an answer has to change.",
    "case.choice.reach": "How answers reach you",
    "case.choice.reach.mail": "By e-mail to {address}, and on this page.",
    "case.choice.reach.page": "On this page only.",
    "case.choice.reach.unconfirmed": "On this page. By e-mail to {address} once you have confirmed the "
    "address.",
    "case.choice.by_page": "On this page only from now on",
    "case.choice.by_mail": "By e-mail too from now on",
    "case.choice.language": "Your language",
    "case.choice.language.text": "Our e-mails and this page speak this language to you.",
    "case.choice.language.button": "Save the language",
    "case.choice.address": "A new address for this page",
    "case.choice.address.text": "Has somebody else seen the address of this page? Give it a new one.",
    "case.choice.address.button": "Make a new address",
    "case.data.title": "Your data",
    "case.data.html": "All of it to read (HTML)",
    "case.data.json": "All of it for programs (JSON)",
    "case.data.withdraw": "Withdraw the submission",
    "case.data.erase": "Have everything erased",
    # pages in between
    "case.ask.withdraw": "Withdraw your submission?",
    "case.ask.withdraw.text": "Nobody works on it any more then. Staff see that you withdrew it; what they "
    "have read already stays readable for them. You keep this page.",
    "case.ask.withdraw.button": "Withdraw the submission",
    "case.ask.erase": "Have everything erased?",
    "case.ask.erase.goes": "What goes",
    "case.ask.erase.goes.text": "Your name, your address, your answers, your messages and files, our "
    "answers to you, and this page. Your words are taken out of the rooms in which staff read them.",
    "case.ask.erase.stays": "What stays",
    "case.ask.erase.stays.text": "Organisations that work on this together have read your words on their "
    "own devices. What was copied or noted there we cannot fetch back. The reference stays as a number, so "
    "that it is not given twice.",
    "case.ask.erase.how": "How it goes on",
    "case.ask.erase.how.text": "Staff look at what you ask for and decide. You read on this page what they "
    "decided and why, at the latest within a month. Once everything is erased this page is gone: download "
    "your data before, if you want to keep it.",
    "case.ask.erase.how.now": "Nobody has worked on your submission yet. Everything is erased at once, and "
    "this page is gone: download your data before, if you want to keep it.",
    "case.ask.erase.button": "Ask for everything to be erased",
    "case.ask.address": "Give this page a new address?",
    "case.ask.address.text": "The old address does not open anything any more then, neither for you nor "
    "for anybody else, and links in earlier e-mails do not lead here. You see the new address at once: "
    "keep it.",
    "case.ask.address.button": "Make a new address",
    # what was done
    "case.done.title": "Done",
    "case.done.write": "Your message has been sent. It stands below.",
    "case.done.change": "Your changes have been sent.",
    "case.done.language": "Your language has been saved.",
    "case.done.by_mail": "Answers reach you by e-mail too from now on. If your address is not confirmed "
    "yet, we send you an e-mail for that first.",
    "case.done.by_page": "Answers stand on this page only from now on.",
    "case.done.remind": "We send the e-mail once more, at most one a day.",
    "case.done.confirm": "Your e-mail address is confirmed. Thank you.",
    "case.done.withdraw": "Your submission is withdrawn.",
    "case.done.erase": "You have asked for everything to be erased. Staff decide and answer on this page.",
    "case.done.erase.now": "Your submission is being erased, and this page with it.",
    "case.done.revoke": "This page has a new address. Keep it: the old one does not open anything any more.",
    "case.late.title": "This page was open for more than a day",
    "case.late.text": "Nothing was sent. Choose again what you want to do: what you wrote is still here.",
    "case.retry.title": "Nothing was sent yet",
    "case.retry.text": "We could not store it at this moment. Wait a minute, then choose the same again. It "
    "cannot arrive twice.",
    # the download to read
    "case.whole.title": "Everything about your submission {reference}",
    "case.whole.made": "As of {moment}",
}
