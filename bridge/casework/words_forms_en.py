"""What the bridge says to staff about forms and citizens' pages, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # a form that came
    "form_personal": "personal",
    "form_notice": "Privacy notice {version}, shown in {shown}.",
    "form_language": "The form was shown in {shown}.",
    "form_receipt": "Receipt: {digest}…",
    "form_mail": "E-mail address: {address}, confirmed. What you write in this thread goes there and stands "
    "on the citizen's page.",
    "form_mail_unchecked": "E-mail address: {address}. This form asks nobody to confirm it. What you write "
    "in this thread goes there and stands on the citizen's page.",
    "form_unconfirmed": "E-mail address: {address}. Nobody has shown yet that it is theirs: what you write "
    "in this thread stands on the citizen's page only, until they confirm it.",
    "form_page": "No e-mail address was given: what you write in this thread stands on the citizen's page "
    "only.",
    "form_none": "No e-mail address was given: nothing can be sent to this person.",
    "form_suspect": "Somebody let this through. It had been held back:",
    "spam_trap": "Something was written into an input that people do not see.",
    "spam_links": "It holds very many links.",
    "spam_repeated": "It says the same again and again.",
    "spam_fast": "It was sent sooner than anybody can read the form.",
    "spam_network": "Very many forms came from the same network.",
    "spam_other": "Something about it is unusual.",
    "language_en": "English",
    "language_de": "German",
    "language_fr": "French",
    "language_ar": "Arabic",
    # forms that are held back
    "held_spam_form": "looks like spam",
    "held_unconfirmed": "the e-mail address is not confirmed yet",
    "held_page": "written on the page of a form that was dropped",
    "held_unconfirmed_notice": "A form waits until its sender confirms their e-mail address; then it comes "
    "as a case by itself. “!held” shows what waits, “!release CODE” lets it through without that. This is "
    "said once a day.",
    # what citizens do on their page
    "page_changed": "Changed answers:",
    "page_before": "Before: {answer}",
    "page_after": "Now: {answer}",
    "page_no_answer": "(no answer)",
    "page_unchanged": "The citizen sent the answers once more and changed none of them.",
    "page_confirmed": "The citizen has confirmed the address {address}: what you write in this thread goes "
    "there from now on, and stands on their page.",
    "page_by_mail": "The citizen wants answers by e-mail from now on, to {address}, and on their page.",
    "page_by_page": "The citizen wants answers on their page only. Nothing is mailed to them from now on.",
    "page_language": "The citizen's language from now on: {shown}.",
    "page_withdrawn": "The citizen has withdrawn this: nobody need work on it any more.",
    "page_erase": "The citizen asks to have everything about them erased. Please decide, and answer in this "
    "thread: the answer stands on their page, until it is erased. Staff of the host erase with "
    "“!forget {reference}”.",
    "page_only": "The citizen reads the message on their page all the same.",
    # forgetting
    "forget_ask": "This destroys for ever what is stored of the citizen of {reference}: name, address, "
    "words, answers, files and their page. It is taken out of the rooms too. What members have saved "
    "elsewhere stays with them. To do it, write: !forget {reference} yes",
    "forget_done": "What was stored of the citizen of {reference} is destroyed. Their messages disappear "
    "from the rooms in a moment.",
    "forget_unknown": "Nothing was done: there is no such case. Write “!forget” and a reference, for "
    "example: {usage}",
    "forget_host": "Nothing was done: only staff of the host have somebody forgotten.",
    "forget_other": "Nothing was done: {reference} is another case. Write it in the thread of that case, or "
    "outside the threads.",
    "usage_forget": "!forget PARK-7F3K-9Q",
}
