"""What the bridge says to staff about forms and citizens' pages, in German."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # a form that came
    "form_personal": "persönlich",
    "form_notice": "Datenschutzhinweis {version}, gezeigt auf {shown}.",
    "form_language": "Das Formular wurde auf {shown} gezeigt.",
    "form_receipt": "Quittung: {digest}…",
    "form_mail": "E-Mail-Adresse: {address}, bestätigt. Was Sie in diesem Faden schreiben, geht dorthin und "
    "steht auf der Seite der Person.",
    "form_mail_unchecked": "E-Mail-Adresse: {address}. Dieses Formular lässt sie nicht bestätigen. Was Sie "
    "in diesem Faden schreiben, geht dorthin und steht auf der Seite der Person.",
    "form_unconfirmed": "E-Mail-Adresse: {address}. Noch hat niemand gezeigt, dass es die eigene ist: Was "
    "Sie in diesem Faden schreiben, steht nur auf der Seite der Person, bis sie die Adresse bestätigt.",
    "form_page": "Es wurde keine E-Mail-Adresse angegeben: Was Sie in diesem Faden schreiben, steht nur auf "
    "der Seite der Person.",
    "form_none": "Es wurde keine E-Mail-Adresse angegeben: Dieser Person kann nichts geschickt werden.",
    "form_suspect": "Jemand hat dies durchgelassen. Es war zurückgehalten worden:",
    "spam_trap": "In ein Feld, das Menschen nicht sehen, wurde etwas geschrieben.",
    "spam_links": "Es enthält sehr viele Links.",
    "spam_repeated": "Es sagt immer wieder dasselbe.",
    "spam_fast": "Es wurde schneller abgeschickt, als jemand das Formular lesen kann.",
    "spam_network": "Sehr viele Formulare kamen aus demselben Netz.",
    "spam_other": "Etwas daran ist ungewöhnlich.",
    "language_en": "Englisch",
    "language_de": "Deutsch",
    "language_fr": "Französisch",
    "language_ar": "Arabisch",
    # forms that are held back
    "held_spam_form": "sieht nach Spam aus",
    "held_unconfirmed": "die E-Mail-Adresse ist noch nicht bestätigt",
    "held_page": "auf der Seite eines verworfenen Formulars geschrieben",
    "held_unconfirmed_notice": "Ein Formular wartet, bis sein Absender die E-Mail-Adresse bestätigt; dann "
    "kommt es von selbst als Fall. „!held“ zeigt, was wartet, „!release CODE“ lässt es auch so durch. Dies "
    "wird einmal am Tag gesagt.",
    # what citizens do on their page
    "page_changed": "Geänderte Antworten:",
    "page_before": "Vorher: {answer}",
    "page_after": "Jetzt: {answer}",
    "page_no_answer": "(keine Antwort)",
    "page_unchanged": "Die Antworten wurden noch einmal abgeschickt und keine davon geändert.",
    "page_confirmed": "Die Adresse {address} wurde bestätigt: Was Sie in diesem Faden schreiben, geht ab "
    "jetzt dorthin und steht auf der Seite der Person.",
    "page_by_mail": "Die Person möchte Antworten ab jetzt per E-Mail, an {address}, und auf ihrer Seite.",
    "page_by_page": "Die Person möchte Antworten nur auf ihrer Seite. Ab jetzt geht keine E-Mail mehr an "
    "sie.",
    "page_language": "Die Sprache der Person ist ab jetzt: {shown}.",
    "page_withdrawn": "Die Person hat dies zurückgezogen: Niemand muss mehr daran arbeiten.",
    "page_erase": "Die Person verlangt, dass alles über sie gelöscht wird. Bitte entscheiden Sie und "
    "antworten Sie in diesem Faden: Die Antwort steht auf ihrer Seite, bis gelöscht ist. Beschäftigte des "
    "Betreibers löschen mit „!forget {reference}“.",
    "page_only": "Die Person liest die Nachricht trotzdem auf ihrer Seite.",
    # forgetting
    "forget_ask": "Das vernichtet für immer, was über die Person von {reference} gespeichert ist: Name, "
    "Adresse, Nachrichten, Antworten, Dateien und ihre Seite. Auch aus den Räumen verschwindet es. Was "
    "Mitglieder anderswo gesichert haben, bleibt bei ihnen. Dazu schreiben Sie: !forget {reference} yes",
    "forget_done": "Was über die Person von {reference} gespeichert war, ist vernichtet. Ihre Nachrichten "
    "verschwinden gleich aus den Räumen.",
    "forget_unknown": "Es ist nichts geschehen: Einen solchen Fall gibt es nicht. Schreiben Sie „!forget“ "
    "und ein Zeichen, zum Beispiel: {usage}",
    "forget_host": "Es ist nichts geschehen: Vergessen lassen nur Beschäftigte des Betreibers.",
    "forget_other": "Es ist nichts geschehen: {reference} ist ein anderer Fall. Schreiben Sie es in den "
    "Faden jenes Falls oder außerhalb der Fäden.",
    "usage_forget": "!forget PARK-7F3K-9Q",
}
