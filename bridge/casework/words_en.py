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
    "topic_new": "The subject of this mail is: “{subject}”",
    "automatic_joined": "This mail was sent automatically (for example, “out of office”). The status of the "
    "case stays as it was.",
    "no_address_mail": "The mail has no sender address that can be relied on: nothing can be sent to this "
    "person.",
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
    "not_sent_no_address": "Not sent: this person left no e-mail address, and has no page.",
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
    "!close – this case is done; new words of the citizen open it again\n"
    "!join – an unverified case belongs to the case it claims; !join REFERENCE: to that one\n"
    "!apart – an unverified case is a case of its own\n"
    "!discard – nothing shall come of an unverified case\n"
    "!original – the mail as it came, as a file; as a reply: the mail of that message\n"
    "!forget – destroy what is stored of this citizen (staff of the host); it asks first\n"
    "In the room, outside the threads: !held – mails and forms that are held back; !mail – a message to "
    "several citizens, to each alone\n"
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
    "control_help": "!trust @user:server.example – accept the new keys of that user\n"
    "!forget PARK-7F3K-9Q – destroy what is stored of that case's citizen; it asks first\n"
    "!help – this list",
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
    "mail_late": "The mail has not gone out yet: {reason}. It is tried again by itself, until {until} at "
    "the latest.",
    "ack_failed": "The acknowledgement could not be delivered: {reason}. Check the address before you "
    "answer.",
    # the operator's command
    "refuse_mailbox": "the mailbox {mailbox} already belongs to the consultation {slug}: give this one "
    "another mailbox",
    "refuse_form": "the form {form} already belongs to the consultation {slug}: give this one another id",
    "locked_disowned": "This mail came to the reply address of {reference} and names the address of that "
    "case as its sender, but the domain of that address says that it did not send it.",
    "locked_suspicious": "Nothing goes out of this case until you decide: write “!apart” to make it a case "
    "like any other, “!join” and a reference if the words belong to that case, or “!discard” if nothing "
    "shall come of it.",
    "trust_suspicious": "Be careful: this mail may not come from the person it names.",
    "trust_weaker": "The sender of this message could not be confirmed, unlike that of the first one in "
    "this case.",
    "held_spam": "looks like spam",
    "held_address": "very much from this address",
    "held_network": "very much from this network",
    "held_consultation": "very much at once",
    "held_notice": "Mails or forms are held back, because they look like spam or because there are too many "
    "of them at once. Nobody got an acknowledgement for them. Write “!held” here to see them. This is said "
    "once a day.",
    "held_list": "Held back: {count}",
    "held_how": "“!release CODE” lets one through, “!discard CODE” drops it; several codes with blanks "
    "between, or “all” for everything in this list.",
    "held_none": "Nothing is held back.",
    "held_usage": "Nothing was done. Write “!held” for the list, then “!release CODE” or “!discard CODE”; "
    "“all” means everything in the list.",
    "held_released": "Let through: {count}. They appear as cases in a moment.",
    "held_discarded": "Dropped: {count}. The originals are kept, sealed, for some days.",
    "kind_smime_signed": "The mail is signed with S/MIME; the signature was not checked.",
    "kind_smime_encrypted": "The mail is encrypted with S/MIME and cannot be read here. Please ask the "
    "sender to write without encryption.",
    "kind_pgp_signed": "The mail is signed with PGP; the signature was not checked.",
    "kind_pgp_encrypted": "The mail is encrypted with PGP and cannot be read here. Please ask the sender to "
    "write without encryption.",
    "kind_pgp_key": "The sender's PGP key is attached.",
    "kind_tnef": "The attachments are packed in Outlook's own format (winmail.dat). Please ask the sender "
    "to send them again as ordinary files if you cannot open it.",
    "kind_virus": "The virus scanner found something ({virus}). The files that came with it were not passed "
    "on; please ask the sender.",
    "kind_unscanned": "It is too large for the virus scanner. The files were not looked at: be careful.",
    "bounce_failed": "The mail did not arrive: {reason}.",
    "bounce_later": "The mail has not arrived yet: {reason}. The mail servers go on trying; nothing need be "
    "done now.",
    "bounce_marked": "Two mails to this address came back. Before another one goes out, the bridge will ask.",
    "complaint": "The recipient's mail provider reports that this mail was marked as spam.",
    "bounce_no_such_address": "the address does not exist",
    "bounce_mailbox_full": "the mailbox is full",
    "bounce_too_large": "the mail is too large for the other side",
    "bounce_spam": "the other side takes it for spam",
    "bounce_refused": "the other side refuses mail from here",
    "bounce_unreachable": "the other mail server cannot be reached",
    "bounce_moved": "the person has moved to another address",
    "bounce_expired": "the other mail server did not take it for days",
    "bounce_unknown": "the other side gives no reason that can be understood",
    "not_sent_discarded": "Not sent: this case was discarded.",
    "ask_bounced": "The last mails to this address came back. Shall this one be sent all the same?",
    "edit_corrects": "The citizen has the earlier text already. This edit goes out as a correction of it, "
    "unless you delete the message first.",
    "deleted_correction": "The correction was stopped in time; the first text was sent already and cannot "
    "be recalled.",
    "usage_close": "!close",
    "close_done": "Closed. New words of the citizen open it again.",
    "close_not": "Nothing was done: this case is not open.",
    "usage_discard": "!discard",
    "usage_original": "!original (as a reply to the message whose mail you want to see)",
    "discard_done": "Discarded. Nothing goes out of this case.",
    "original_gone": "The original of this message is not kept any more, or it did not come by mail.",
    "held_report": "reports an undelivered mail that is none of ours",
    "trust_from_several": "It names more than one sender.",
    "trust_from_ambiguous": "Its sender is written in a way that mail programs read differently.",
    "trust_from_display_address": "The sender's name pretends to be another mail address.",
    "trust_reply_to_other": "It wants answers to go to another address. Answers from here go to the "
    "sender's address only.",
    "trust_fields_repeated": "It holds parts twice that may stand there once only, so that different "
    "programs show different things.",
    "trust_spf_pass": "It came from a mail server of the sender's domain.",
    "trust_spf_fail": "It came from a mail server that the sender's domain does not allow.",
    "trust_spf_unknown": "It could not be seen which mail server it came from.",
    "trust_dkim_pass": "The sender's domain has signed it.",
    "trust_dkim_fail": "The signature of the sender's domain does not fit: the mail was changed on its way, "
    "or the signature is forged.",
    "trust_dkim_weak": "The signature of the sender's domain does not cover the whole mail, so it proves "
    "nothing.",
    "trust_dkim_old": "The signature of the sender's domain is old: somebody may be sending an old mail "
    "again.",
    "trust_dmarc_pass": "The sender's domain confirms it.",
    "trust_dmarc_fail": "The sender's domain does not confirm it.",
    "trust_dmarc_none": "The sender's domain does not say how its mails can be recognised.",
    "trust_hop_pass": "Our mail server has confirmed the sender.",
    "trust_arc_pass": "A forwarder that we trust has confirmed the sender.",
    "trust_temporary": "The name servers did not answer, so the sender could not be checked.",
    "trust_unchecked": "The sender was not checked.",
    "tell_scanner_down": "The virus scanner does not answer. Mails wait until it does; nothing is lost. "
    "This is said once a day.",
    "tell_imap_unreachable": "The mailbox {folder} at {host} cannot be reached. It is tried again by itself.",
    "tell_imap_untrusted": "The certificate of {host} cannot be trusted, so the mailbox {folder} is not "
    "read.",
    "tell_imap_login_refused": "{host} refuses the login to the mailbox {folder}. Please check email.imap "
    "in folkmoot.yaml.",
    "tell_imap_folder_refused": "{host} does not let the folder {folder} be opened. Please check email.imap "
    "in folkmoot.yaml.",
    "tell_imap_unmarked": "{host} does not keep the marks on mails in {folder}: mails that were taken "
    "cannot be told from new ones. Name a folder as email.imap.done.",
    "tell_imap_stuck": "A mail in {folder} at {host} cannot be stored. It is tried again; please look at "
    "the disk and the log.",
    "tell_imap_no_keywords": "{host} keeps no marks of its own in {folder}. Name folders as email.imap.done "
    "and email.imap.aside.",
    "tell_imap_not_ours": "Mails for none of our mailboxes: {count}. They lie in {folder} at {host}.",
    "tell_imap_too_big": "Mails that are too big to be taken: {count}. They lie in {folder} at {host}.",
    "tell_imap_too_old": "Mails that are too old to be news: {count}. They lie in {folder} at {host}.",
    "tell_imap_unreadable": "Mails that the server cannot hand over: {count}. They lie in {folder} at "
    "{host}.",
    "tell_imap_well": "The mailbox {folder} at {host} is read again.",
}
