"""The pages' words in German."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "language.name": "Deutsch",
    "or": "oder",
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
    "date.shown": "{day}. {month} {year}",
    "choices.hint": "Wählen Sie alles aus, was zutrifft.",
    "files.hint.one": "Eine Datei mit höchstens {mb} MB: {types}.",
    "files.hint.many": "Bis zu {number} Dateien mit je höchstens {mb} MB: {types}.",
    "files.kept": "Hinzugefügt: {name}",
    "files.remove": "{name} entfernen",
    "files.add": "Weitere Datei hinzufügen",
    "files.replace": "Andere Datei wählen, die sie ersetzt",
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
    # errors
    "missing.any": "Geben Sie eine Antwort auf „{label}“ ein",
    "missing.name": "Geben Sie Ihren Namen ein",
    "missing.email": "Geben Sie eine E-Mail-Adresse ein",
    "missing.choice": "Wählen Sie eine Antwort auf „{label}“ aus",
    "missing.choices": "Wählen Sie mindestens eine Antwort auf „{label}“ aus",
    "missing.checkbox": "Kreuzen Sie „{label}“ an, um fortzufahren",
    "missing.date": "Geben Sie ein Datum für „{label}“ ein",
    "missing.file": "Wählen Sie eine Datei für „{label}“ aus",
    "long": "„{label}“ darf höchstens {max} Zeichen haben. Es sind {number}.",
    "email.format": "Geben Sie die E-Mail-Adresse in der Form name@example.org ein",
    "option.unknown": "Wählen Sie eine der gezeigten Antworten auf „{label}“ aus",
    "date.lacks": "Bei „{label}“ fehlt {parts}",
    "date.part.day": "der Tag",
    "date.part.month": "der Monat",
    "date.part.year": "das Jahr",
    "date.and": "und",
    "date.year4": "Das Jahr bei „{label}“ muss 4 Ziffern haben",
    "date.real": "Geben Sie bei „{label}“ ein Datum ein, das es gibt",
    "file.lost": "Wählen Sie „{name}“ noch einmal aus: Die Datei ist hier nicht mehr gespeichert",
    "file.large": "„{name}“ muss kleiner als {mb} MB sein",
    "file.empty": "„{name}“ ist leer. Wählen Sie eine andere Datei",
    "file.type": "„{name}“ muss einer dieser Typen sein: {types}",
    "file.number.one": "Sie können eine Datei hinzufügen. „{name}“ wurde nicht hinzugefügt",
    "file.number.many": "Sie können bis zu {number} Dateien hinzufügen. „{name}“ wurde nicht hinzugefügt",
    "file.total": "Alle Dateien zusammen müssen kleiner als {mb} MB sein. „{name}“ wurde nicht hinzugefügt",
    "month.1": "Januar",
    "month.2": "Februar",
    "month.3": "März",
    "month.4": "April",
    "month.5": "Mai",
    "month.6": "Juni",
    "month.7": "Juli",
    "month.8": "August",
    "month.9": "September",
    "month.10": "Oktober",
    "month.11": "November",
    "month.12": "Dezember",
}
