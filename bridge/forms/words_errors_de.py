"""What is wrong with an answer and how to mend it, in German."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    # nothing was answered
    "missing.any": "Geben Sie eine Antwort auf „{label}“ ein",
    "missing.name": "Geben Sie Ihren Namen ein",
    "missing.number": "Geben Sie eine Zahl für „{label}“ ein",
    "missing.date": "Geben Sie ein Datum für „{label}“ ein",
    "missing.email": "Geben Sie eine E-Mail-Adresse ein",
    "missing.phone": "Geben Sie eine Telefonnummer ein",
    "missing.address": "Geben Sie eine Anschrift für „{label}“ ein",
    "missing.radios": "Wählen Sie eine Antwort auf „{label}“ aus",
    "missing.select": "Wählen Sie eine Antwort auf „{label}“ aus",
    "missing.checkboxes": "Wählen Sie mindestens eine Antwort auf „{label}“ aus",
    "missing.ranking": "Wählen Sie für jede Antwort auf „{label}“ einen Platz",
    "missing.agreement": "Kreuzen Sie „{label}“ an, um fortzufahren",
    "missing.file": "Wählen Sie eine Datei für „{label}“ aus",
    # text
    "error.long": "„{label}“ darf höchstens {max} Zeichen haben. Es sind {number}.",
    "error.email": "Geben Sie die E-Mail-Adresse in der Form name@example.org ein",
    "error.phone": "Geben Sie eine Telefonnummer ein, zum Beispiel 0123 456789 oder +49 123 456789",
    "error.address.lacks": "Geben Sie bei „{label}“ auch {parts} an",
    "error.address.street": "Straße und Hausnummer",
    "error.address.postcode": "die Postleitzahl",
    "error.address.town": "den Ort",
    # numbers
    "error.number": "Geben Sie bei „{label}“ eine Zahl ein, zum Beispiel {sample}",
    "error.number.whole": "Geben Sie bei „{label}“ eine ganze Zahl ein",
    "error.number.decimals": "„{label}“ darf höchstens so viele Nachkommastellen haben: {decimals}",
    "error.number.least": "„{label}“ muss mindestens {least} sein",
    "error.number.most": "„{label}“ darf höchstens {most} sein",
    "error.number.between": "„{label}“ muss zwischen {least} und {most} liegen",
    # choices
    "error.option": "Wählen Sie eine der gezeigten Antworten auf „{label}“ aus",
    "error.alone": "Wählen Sie bei „{label}“ entweder „{alone}“ oder andere Antworten aus, nicht beides",
    "error.most.one": "Wählen Sie nur eine Antwort auf „{label}“ aus",
    "error.most.other": "Wählen Sie höchstens {number} Antworten auf „{label}“ aus",
    "error.place": "Wählen Sie für „{option}“ einen Platz von 1 bis {places}",
    "error.place.twice": "Platz {place} haben „{first}“ und „{second}“. Geben Sie jeder Antwort einen "
    "eigenen Platz",
    # dates
    "error.date.lacks": "Geben Sie bei „{label}“ auch {parts} an",
    "error.date.day": "den Tag",
    "error.date.month": "den Monat",
    "error.date.year": "das Jahr",
    "error.date.year4": "Das Jahr bei „{label}“ muss 4 Ziffern haben, zum Beispiel 2027",
    "error.date.real": "Geben Sie bei „{label}“ ein Datum ein, das es gibt",
    "error.date.earliest": "Geben Sie bei „{label}“ den {earliest} oder einen späteren Tag ein",
    "error.date.latest": "Geben Sie bei „{label}“ den {latest} oder einen früheren Tag ein",
    "error.date.between": "Geben Sie bei „{label}“ einen Tag vom {earliest} bis zum {latest} ein",
    # files
    "error.file.large": "„{name}“ darf höchstens {mb} MB groß sein",
    "error.file.empty": "„{name}“ ist leer. Wählen Sie eine andere Datei aus",
    "error.file.type": "„{name}“ muss von einem dieser Typen sein: {types}",
    "error.file.number.one": "Sie können eine Datei hinzufügen. „{name}“ wurde nicht hinzugefügt",
    "error.file.number.other": "Sie können bis zu {number} Dateien hinzufügen. „{name}“ wurde nicht "
    "hinzugefügt",
    "error.file.total": "Alle Dateien zusammen dürfen höchstens {mb} MB groß sein. „{name}“ wurde nicht "
    "hinzugefügt",
}
