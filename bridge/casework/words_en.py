"""What the bridge says, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # the citizen's words
    "unknown_name": "Unknown sender",
    "no_text": "(no text)",
    "whole_name": "whole-message.txt",
    "long_text": "The message is very long: the whole of it is in the file {name}.",
    # mail that came
    "locked_token": "Unverified sender. This mail came to the reply address of {reference}, but not from "
    "the address that case belongs to.",
    "locked_revoked": "Unverified sender. This mail came to a reply address of {reference} that is no longer "
    "valid.",
    "locked_references": "Unverified sender. This mail answers one of our mails in {reference}, but it did "
    "not come to that case's reply address.",
    "locked_sender": "Its sender gives the address {address}.",
    "locked_how": "Nothing goes out of this case until you decide: write “!join {reference}” if the words "
    "belong to that case, or “!apart” to make this a case of its own.",
    "automatic_new": "This mail was sent automatically, so no acknowledgement went out.",
    "automatic_joined": "This mail was sent automatically (for example, “out of office”). The status of the "
    "case stays as it was.",
    "no_address_mail": "The mail has no sender address that can be relied on: nothing can be sent to this "
    "person.",
    "no_address_form": "No e-mail address was given in the form: nothing can be sent to this person.",
    "ack_limit": "No acknowledgement went out: this address has had enough of them today.",
    "warnings": "Not everything could be read as it was sent:",
    "warning_sender": "The sender's address is missing, given more than once, or ambiguous.",
    "warning_mime": "The structure of the mail is damaged. Parts may be missing.",
    "warning_charset": "The character set is unknown or wrong. Some letters may be wrong.",
    "warning_cut": "Something was too long or too much. See the attached files.",
    "warning_unreadable": "The mail could not be taken apart. The original is kept for some days.",
    "warning_other": "Something in the mail is unusual.",
    # staff's messages
    "not_sent_stranger": "Not sent: {user} is not in the list of people of this consultation.",
    "not_sent_device": "Not sent: it was written on a device that its owner has not verified. Verify the "
    "device in its settings, then write the message again.",
    "not_sent_may_not": "Not sent: {user} may not answer citizens in this consultation. The message stays "
    "inside.",
    "not_sent_plain": "Not sent: the message was not encrypted. Nothing unencrypted ever goes out. Please "
    "check your client's settings and write it again.",
    "not_sent_locked": "Not sent: the sender of this case is not verified. First write “!apart” to make it a "
    "case of its own, or “!join” and the reference of the case it belongs to.",
    "not_sent_joined": "Not sent: these words belong to {reference} now. Please answer there.",
    "not_sent_no_address": "Not sent: this person left no e-mail address.",
    "not_sent_file": "Not sent: the file could not be read. Please send it again.",
    "unreadable": "A message by {user} cannot be decrypted yet, because its key has not arrived. It is "
    "looked at again as soon as the key comes. If it is urgent, please write it again.",
    # doubts
    "ask_root": "Is this for the citizen? The reply stands outside the thread of the case.",
    "ask_file": "Is this for the citizen? The file came without words.",
    "ask_near": "Is this for the citizen? The file came outside the thread, right after a message in it.",
    "ask_disagree": "Is this for the citizen as it stands? The plain and the formatted text of the message "
    "say different things, perhaps because of a quotation.",
    "ask_mention": "Is this for the citizen? The message begins with a mention of somebody.",
    "ask_how": "It waits and is not sent. Write “!send” in the thread to send it, or delete the message.",
    # edits and deletions
    "edit_note": "The edit changes nothing: what stayed inside never becomes an answer. To write to the "
    "citizen, send a new message.",
    "edit_late": "The citizen has the earlier text: the mail was already sent. Please write again if "
    "something must be put right.",
    "edit_inside_late": "Too late to keep this inside: the mail with the earlier text was already sent and "
    "cannot be recalled.",
    "edit_over": "The edit changes nothing: this message is not waiting any more. To write to the citizen, "
    "send a new message.",
    "edit_stopped": "The earlier text was stopped as well.",
    "deleted_waiting": "The message was deleted in time: no mail was sent.",
    "deleted_doubt": "The message was deleted while it waited for an answer: no mail was sent.",
    "deleted_late": "The message was deleted, but the mail was already sent and cannot be recalled.",
    # commands
    "help": "What you write in this thread goes to the citizen. What begins with “!” stays inside.\n"
    "! text – a note for colleagues\n"
    "!send – send the message that waits for an answer (or reply to it with !send)\n"
    "!join – an unverified case belongs to the case it claims; !join REFERENCE: to that one\n"
    "!apart – an unverified case is a case of its own\n"
    "!help – this list",
    "unknown_command": "There is no command “!{word}”. The message stays inside. Notes begin with “!” and a "
    "space; “!help” shows the commands.",
    "command_usage": "“!{word}” was not understood and nothing was done. A command stands alone in its "
    "message: {usage}",
    "usage_send": "!send",
    "usage_join": "!join PARK-7F3K-9Q",
    "usage_apart": "!apart",
    "usage_help": "!help",
    "usage_trust": "!trust @user:server.example",
    "command_place": "Please write this command in the thread of the case it is meant for.",
    "command_may_not": "Nothing was done: {user} may not answer citizens in this consultation.",
    "command_device": "Nothing was done: the command came from a device that its owner has not verified.",
    "send_nothing": "There is no message in this case that waits for “!send”.",
    "not_locked": "Nothing was done: the sender of this case is not in doubt.",
    "apart_done": "This is a case of its own now. Answers in this thread go to its sender.",
    "join_unknown": "Nothing was done: there is no such case in this consultation. Write “!join” and the "
    "reference of an open case, for example: !join {reference}",
    "join_locked": "Nothing was done: the sender of {reference} is itself not verified.",
    "join_done": "The words of this case are in {reference} now. Please answer there.",
    "join_into": "The words of {reference} were added here by {user}.",
    # the control room
    "control_help": "!trust @user:server.example – accept the new keys of that user\n!help – this list",
    "control_unknown": "There is no command “!{word}” here. “!help” shows the commands.",
    "control_operators": "Only operators give commands here.",
    "control_plain": "A message by {user} was not encrypted. Nothing unencrypted is obeyed.",
    "trust_done": "The present keys of {user} are accepted.",
    "tell_stranger": "{user} wrote in case {reference} but is in no list of people of {slug}. Nothing was "
    "sent.",
    "tell_foreign": "{user} joined the {room} of {slug} but is in no list of people there.",
    "tell_foreign_control": "{user} joined the control room but is no operator.",
    "tell_identity": "The identity of {user} has changed: somebody replaced their keys. Until you confirm "
    "it, this user gets no keys and is not obeyed. Ask the person by telephone, then write: !trust {user}",
    "tell_postmaster": "Mail for the postmaster has come. It opens no case; the originals are kept, sealed, "
    "for some days. This is said once a day.",
    "tell_strangers": "Still in the rooms of {slug} without being in its list of people: {users}. They get "
    "no keys, but the bridge removes nobody: please ask them to leave.",
    "tell_declined": "In the list of people of {slug}, but they left, declined or were banned: {users}. The "
    "bridge does not invite them again; a colleague in the lobby can, or take them off the list.",
    "tell_broken": "Parked, because it will not get better by itself: {what}: {reason}",
    "tell_broken_case": "Parked, because it will not get better by itself: {what} of case {reference}: "
    "{reason}",
    "room_space": "space",
    "room_lobby": "lobby",
    "room_desk": "desk",
    # one staff member
    "direct_device": "Your device {device} is not verified, so it cannot read the encrypted rooms, and what "
    "you write on it is not sent. In Element: Settings → Sessions (or Security & privacy) → Verify this "
    "device, with another device of yours or with your recovery key. If you never had one: Settings → "
    "Encryption → Set up recovery. You get the missing keys by yourself afterwards.",
    # what became of a mail
    "mail_failed": "The mail could not be delivered: {reason}",
    "ack_failed": "The acknowledgement could not be delivered: {reason}. Check the address before you "
    "answer.",
    "ack_subject": "We have received your message ({reference})",
    "ack_body": "Thank you. Your message about “{title}” has arrived. Its reference is {reference}.\n\n"
    "People of the public bodies that work on this together read and answer it. To add something, reply to "
    "this mail.\n\n"
    "Privacy: your message and your address are used for this matter only. They are stored encrypted, and "
    "you may ask us at any time what is stored about you, or to delete it.\n\n"
    "If you did not write to us, somebody used your address; you need do nothing. This mail was sent "
    "automatically.",
    # the operator's command
    "refuse_mailbox": "the mailbox {mailbox} already belongs to the consultation {slug}: give this one "
    "another mailbox",
    "refuse_form": "the form {form} already belongs to the consultation {slug}: give this one another id",
}
