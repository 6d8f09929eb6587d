"""The pages' words in German."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    # frame
    "skip": "Zum Hauptinhalt springen",
    "languages": "Sprachen",
    "footer": "Diesen Dienst betreibt {organisation}.",
    "optional": "(freiwillig)",
    "error.prefix": "Fehler: ",
    "error.hidden": "Fehler:",
    "summary.title": "Es gibt ein Problem",
    # list
    "list.title": "Reden Sie mit",
    "list.none": "Zurzeit ist kein Formular geöffnet.",
    "list.intro": "Diese Formulare sind jetzt geöffnet. Sie brauchen kein Benutzerkonto.",
    # questions
    "continue": "Weiter",
    "notice.title": "Wie wir Ihre Angaben verwenden",
    "text.limit": "Sie können bis zu {number} Zeichen schreiben.",
    "date.day": "Tag",
    "date.month": "Monat",
    "date.year": "Jahr",
    "date.hint": "Zum Beispiel 27 3 2027",
    "choices.hint": "Wählen Sie alles aus, was zutrifft.",
    "files.hint.one": "Eine Datei mit höchstens {mb} MB: {types}.",
    "files.hint.other": "Bis zu {number} Dateien mit je höchstens {mb} MB: {types}.",
    "files.kept": "Hinzugefügt: {name}",
    "files.remove": "{name} entfernen",
    "files.add": "Weitere Datei hinzufügen",
    "files.replace": "Andere Datei wählen, die sie ersetzt",
    "size.kilobytes": "{number}\u00a0kB",
    "size.megabytes": "{number}\u00a0MB",
    "show.in": "Diese Seite in einer anderen Sprache zeigen. Ihre Antworten bleiben erhalten.",
    # check
    "check.title": "Prüfen Sie Ihre Antworten",
    "check.lead": "Es wurde noch nichts gesendet.",
    "check.change": "Ändern",
    "check.change.of": "Ändern: {label}",
    "check.none": "Keine Angabe",
    "check.yes": "Ja",
    "check.send": "Antworten senden",
    "check.mail": "Wir bestätigen den Eingang per E-Mail und antworten an {address}.",
    "check.no_mail": "Sie haben keine E-Mail-Adresse angegeben. Wir können Ihnen deshalb nicht antworten.",
    # sent
    "sent.title": "Ihre Antworten wurden gesendet",
    "sent.reference": "Ihr Aktenzeichen",
    "sent.keep": "Notieren Sie das Aktenzeichen oder merken Sie sich die Adresse dieser Seite. Sie zeigt "
    "nichts von dem, was Sie geschrieben haben.",
    "sent.next": "Wie es weitergeht",
    "sent.mail": "Wir senden Ihnen eine E-Mail, die den Eingang bestätigt. Sie können darauf antworten, zum "
    "Beispiel um etwas zu ergänzen.",
    "sent.no_mail": "Sie haben keine E-Mail-Adresse angegeben. Wir können Ihnen deshalb nicht antworten. "
    "Ihre Antworten erreichen die zuständigen Menschen.",
    "sent.contact": "Kontakt",
    "sent.more": "Weitere offene Formulare",
    # states and faults
    "retry.prefix": "Noch nicht gesendet: ",
    "retry.title": "Ihre Antworten wurden noch nicht gesendet",
    "retry.text": "Wir konnten sie in diesem Moment nicht speichern. Sie stehen noch auf dieser Seite: "
    "Warten Sie eine Minute und wählen Sie dann noch einmal „{button}“. Ihre Antworten können nicht "
    "doppelt ankommen.",
    "expired.title": "Diese Seite war länger als einen Tag geöffnet",
    "expired.text": "Es wurde nichts gesendet. Ihre Antworten stehen noch unten: Prüfen Sie sie und wählen "
    "Sie „{button}“. Dateien müssen Sie noch einmal auswählen.",
    "gone.title": "Seite nicht gefunden",
    "gone.text": "Hier gibt es kein Formular, oder es ist nicht mehr geöffnet.",
    "gone.home": "Offene Formulare ansehen",
    "foreign.title": "Diese Seite wurde von einer anderen Website gesendet",
    "foreign.text": "Es wurde nichts gesendet. Öffnen Sie das Formular hier und füllen Sie es noch einmal "
    "aus.",
    "large.title": "Das ist zu viel auf einmal",
    "large.text": "Es wurde nichts gesendet. Alle Dateien zusammen dürfen höchstens {mb} MB groß sein. "
    "Gehen Sie zurück und wählen Sie kleinere oder weniger Dateien.",
    "slow.title": "Die Verbindung war zu langsam",
    "slow.text": "Es wurde nichts gesendet. Gehen Sie zurück und versuchen Sie es noch einmal, vielleicht "
    "mit kleineren Dateien.",
    "strange.title": "Das konnten wir nicht lesen",
    "strange.text": "Es wurde nichts gesendet. Gehen Sie zurück und versuchen Sie es noch einmal.",
    "busy.title": "Gerade senden zu viele Menschen Dateien",
    "busy.text": "Es wurde nichts gesendet. Warten Sie eine Minute, gehen Sie zurück und versuchen Sie es "
    "noch einmal.",
    "fault.title": "Dieser Dienst ist gestört",
    "fault.text": "Es wurde nichts weiter gesendet. Warten Sie einige Minuten, gehen Sie zurück und "
    "versuchen Sie es noch einmal.",
}
