"""The pages' words in German."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    # frame
    "skip": "Zum Hauptinhalt springen",
    "languages": "Sprachen",
    "back": "Zurück",
    "footer": "Diesen Dienst betreibt {organisation}.",
    "help.title": "Fragen zu diesem Formular?",
    "optional": "(freiwillig)",
    "error.prefix": "Fehler: ",
    "error.hidden": "Fehler:",
    "summary.title": "Es gibt ein Problem",
    # list and start page
    "list.title": "Reden Sie mit",
    "list.none": "Zurzeit ist kein Formular geöffnet.",
    "list.intro": "Diese Formulare sind jetzt geöffnet. Sie brauchen kein Benutzerkonto.",
    "start.minutes.one": "Das dauert etwa eine Minute.",
    "start.minutes.other": "Das dauert etwa {number} Minuten.",
    "start.until": "Geöffnet bis {date}",
    "start.account": "Sie brauchen kein Benutzerkonto.",
    "start.save": "Sie können Ihre Antworten speichern und innerhalb von {days} Tagen weitermachen.",
    "start.needed": "Halten Sie das bereit, wenn Sie können",
    "start.anonymous.required": "Sie antworten, ohne zu sagen, wer Sie sind.",
    "start.anonymous.allowed": "Sie müssen nicht sagen, wer Sie sind.",
    "start.button": "Jetzt beginnen",
    "start.return": "Ein gespeichertes Formular fortsetzen",
    "start.expired.title": "Diese Seite war länger als einen Tag geöffnet",
    "start.expired.text": "Es ist nichts verloren. Wählen Sie noch einmal „{button}“.",
    "notice.title": "Wie wir Ihre Angaben verwenden",
    # forms that take no answers
    "shut.early.title": "Dieses Formular ist noch nicht geöffnet",
    "shut.early.text": "Es öffnet am {date}.",
    "shut.closed.title": "Dieses Formular ist geschlossen",
    "shut.closed.text": "Antworten waren bis {date} möglich.",
    "shut.full.title": "Dieses Formular nimmt keine Antworten mehr an",
    "shut.full.text": "Es haben so viele Menschen geantwortet, wie Platz war.",
    "shut.nothing": "Falls Sie schon begonnen hatten: Davon wurde nichts gesendet.",
    # questions
    "continue": "Weiter",
    "text.limit": "Sie können bis zu {number} Zeichen schreiben.",
    "date.day": "Tag",
    "date.month": "Monat",
    "date.year": "Jahr",
    "date.hint": "Zum Beispiel 27 3 2027",
    "address.street": "Straße und Hausnummer",
    "address.extra": "Zusatz, zum Beispiel Wohnung oder c/o (freiwillig)",
    "address.postcode": "Postleitzahl",
    "address.town": "Ort",
    "choices.hint": "Wählen Sie alles aus, was zutrifft.",
    "choices.most.one": "Wählen Sie eine Antwort aus.",
    "choices.most.other": "Wählen Sie bis zu {number} Antworten aus.",
    "choices.or": "oder",
    "select.none": "Antwort auswählen",
    "ranking.hint": "Geben Sie jedem einen Platz, von 1 (zuerst) bis {number} (zuletzt). Jeden Platz gibt "
    "es einmal.",
    "ranking.none": "Noch kein Platz",
    "agreement.box": "Ja, ich stimme zu",
    "files.hint.one": "Eine Datei mit höchstens {mb} MB: {types}.",
    "files.hint.other": "Bis zu {number} Dateien mit je höchstens {mb} MB: {types}.",
    "files.remove.short": "Entfernen",
    "files.remove": "{name} entfernen",
    "files.kept": "Hinzugefügt: {name}",
    "size.kilobytes": "{number}\u00a0kB",
    "size.megabytes": "{number}\u00a0MB",
    "files.add": "Hinzufügen und weitere wählen",
    "files.replace": "Eine neue Datei ersetzt diese.",
    # check
    "check.title": "Prüfen Sie Ihre Antworten",
    "check.lead": "Es wurde noch nichts gesendet.",
    "check.lead.change": "Es wurde noch nichts geändert. Ändern Sie, was Sie möchten, und senden Sie dann "
    "die Änderungen.",
    "check.change": "Ändern",
    "check.none": "Keine Angabe",
    "check.yes": "Ja",
    "check.send": "Antworten senden",
    "check.send.change": "Änderungen senden",
    "check.mail.before": "Wir senden eine E-Mail an {address}. Öffnen Sie sie und bestätigen Sie Ihre "
    "Adresse: Vorher liest niemand Ihre Antworten.",
    "check.mail.after": "Wir senden eine E-Mail an {address}, mit der Sie Ihre Adresse bestätigen. Dann "
    "kommt unsere Antwort dorthin.",
    "check.mail.none": "Unsere Antwort kommt an {address}.",
    "check.no_mail": "Sie haben keine E-Mail-Adresse angegeben. Unsere Antwort steht auf einer Seite, deren "
    "Adresse Sie gleich bekommen.",
    "trap": "Lassen Sie das leer",
    "unchanged.title": "Sie haben nichts geändert",
    "unchanged.text": "Es wurde nichts gesendet. Ändern Sie eine Antwort und wählen Sie dann „{button}“.",
    "retry.prefix": "Noch nicht gesendet: ",
    "retry.title": "Ihre Antworten wurden noch nicht gesendet",
    "retry.text": "Wir konnten sie in diesem Moment nicht speichern. Sie bleiben erhalten: Warten Sie eine "
    "Minute und wählen Sie dann noch einmal „{button}“. Sie können nicht doppelt ankommen.",
    # save and come back
    "save.button": "Speichern und später weitermachen",
    "save.title": "Speichern und später weitermachen",
    "save.lead": "Wir bewahren Ihre Antworten {days} Tage auf.",
    "save.how": "Sie bekommen einen Code. Mit ihm machen Sie weiter, auf diesem Gerät oder einem anderen. "
    "Sie brauchen weder Namen noch Passwort.",
    "save.make": "Code bekommen",
    "saved.title": "Ihre Antworten sind gespeichert",
    "saved.code": "Ihr Code",
    "saved.keep": "Schreiben Sie den Code auf oder drucken Sie diese Seite. Er gilt bis {date}. Wer ihn "
    "hat, kann Ihre Antworten lesen: Zeigen Sie ihn niemandem.",
    "saved.how": "So machen Sie weiter",
    "saved.address": "Öffnen Sie diese Adresse und geben Sie den Code ein:",
    "saved.qr": "Oder richten Sie die Kamera eines Telefons auf dieses Bild.",
    "saved.qr.alt": "QR-Code der Adresse, die Ihre Antworten öffnet",
    "saved.once": "Der Code öffnet Ihre Antworten einmal. Wenn Sie wieder unterbrechen, speichern Sie "
    "erneut und bekommen einen neuen.",
    "saved.mail": "Den Link per E-Mail bekommen",
    "saved.mail.label": "Ihre E-Mail-Adresse",
    "saved.mail.hint": "Wir verwenden sie nur für diese eine E-Mail.",
    "saved.mail.button": "Link senden",
    "saved.mailed.title": "Wir senden den Link",
    "saved.mailed.text": "Er kommt in wenigen Minuten oder morgen: An eine Adresse geht höchstens eine "
    "E-Mail am Tag. Bewahren Sie auch den Code auf.",
    "saved.onwards": "Jetzt weiter antworten",
    "return.title": "Formular fortsetzen",
    "return.label": "Wie lautet der Code Ihres gespeicherten Formulars?",
    "return.hint": "Er hat {number} Buchstaben und Ziffern. Großbuchstaben, Leerzeichen und Striche spielen "
    "keine Rolle.",
    "return.missing": "Geben Sie den Code Ihres gespeicherten Formulars ein",
    "return.wrong": "Prüfen Sie den Code: Er öffnet kein gespeichertes Formular. Vielleicht wurde er schon "
    "benutzt oder ist älter als {days} Tage",
    "return.lead": "Ihre Antworten sind hier gespeichert. Wählen Sie die Schaltfläche, um sie zu sehen und "
    "weiterzumachen.",
    "return.once": "Der Link öffnet sie einmal. Wenn Sie wieder unterbrechen, speichern Sie erneut und "
    "bekommen einen neuen.",
    "return.button": "Weitermachen",
    "return.new": "Formular neu beginnen",
    # faults
    "expired.title": "Diese Antworten sind nicht mehr hier",
    "expired.text": "Von dieser Seite wurde nichts davon gesendet. Antworten, die einen Tag lang niemand "
    "anrührt, werden gelöscht. Wenn Sie sie gespeichert haben, machen Sie mit dem neuesten Code oder Link "
    "weiter, sonst beginnen Sie das Formular neu.",
    "gone.title": "Seite nicht gefunden",
    "gone.text": "Unter dieser Adresse gibt es nichts. Prüfen Sie, ob sie vollständig ist, oder sehen Sie "
    "bei den offenen Formularen nach.",
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
    "often.title": "Aus Ihrem Netz kamen zu viele Anfragen",
    "often.text": "Es wurde nichts gesendet. Warten Sie zehn Minuten und versuchen Sie es noch einmal.",
    "busy.title": "Der Dienst ist gerade ausgelastet",
    "busy.text": "Es wurde nichts gesendet. Was Sie auf früheren Seiten geantwortet haben, bleibt erhalten. "
    "Warten Sie eine Minute, gehen Sie zurück und versuchen Sie es noch einmal.",
    "fault.title": "Dieser Dienst ist gestört",
    "fault.text": "Es wurde nichts weiter gesendet. Warten Sie einige Minuten, gehen Sie zurück und "
    "versuchen Sie es noch einmal.",
}
