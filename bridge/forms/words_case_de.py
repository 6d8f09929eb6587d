"""The words of a submission's own page, of its confirmation and of its downloads, in German."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    # the confirmation
    "case.sent.title": "Ihre Antworten wurden gesendet",
    "case.sent.reference": "Ihr Aktenzeichen",
    "case.sent.next": "Wie es weitergeht",
    "case.sent.next.text": "Die zuständigen Menschen lesen Ihre Antworten. Was sie antworten und was sonst "
    "geschieht, steht auf der Seite Ihrer Einsendung.",
    "case.sent.page": "Die Seite Ihrer Einsendung",
    "case.sent.page.text": "Dort sehen Sie, was daraus wird, schreiben uns wieder und erhalten Ihre Daten. "
    "Sie brauchen kein Benutzerkonto: Die Adresse der Seite ist der Schlüssel. Bewahren Sie sie auf und "
    "zeigen Sie sie niemandem.",
    "case.sent.page.open": "Die Seite Ihrer Einsendung öffnen",
    "case.sent.page.code": "Die Adresse als Code für die Kamera eines Telefons",
    "case.sent.more": "Weitere offene Formulare",
    "case.copy.title": "Ihre Kopie",
    "case.copy.pdf": "Kopie Ihrer Antworten herunterladen (PDF)",
    "case.copy.receipt": "Quittung herunterladen (JSON)",
    "case.copy.digest": "SHA-256 der Quittung",
    "case.copy.digest.why": "Wer die Quittung hat, kann mit dieser Zahl zeigen, was gesendet wurde und "
    "dass seither nichts daran geändert wurde.",
    # the e-mail address
    "case.mail.title": "Bestätigen Sie Ihre E-Mail-Adresse",
    "case.mail.sent": "Wir haben eine E-Mail an {address} gesendet. Öffnen Sie sie, folgen Sie dem Link "
    "und wählen Sie „{button}“.",
    "case.mail.sent.none": "Nichts angekommen? Sehen Sie im Ordner für unerwünschte E-Mails nach, oder "
    "lassen Sie die E-Mail noch einmal senden.",
    "case.mail.soon": "Wir senden eine E-Mail an {address}. Öffnen Sie sie, folgen Sie dem Link und wählen "
    "Sie „{button}“.",
    "case.mail.waiting": "An {address} ging heute schon eine E-Mail von uns. Die nächste folgt am "
    "{moment}: Öffnen Sie sie, folgen Sie dem Link und wählen Sie „{button}“.",
    "case.mail.failed": "Unsere E-Mail an {address} konnte nicht zugestellt werden. Antworten stehen auf "
    "der Seite Ihrer Einsendung.",
    "case.mail.before": "Vorher liest niemand Ihre Einsendung.",
    "case.mail.after": "Bis dahin wird nichts davon per E-Mail gesendet. Antworten stehen auf der Seite "
    "Ihrer Einsendung.",
    "case.mail.remind": "E-Mail noch einmal senden",
    # the confirmation of an address
    "case.confirm.title": "Bestätigen Sie Ihre E-Mail-Adresse",
    "case.confirm.what": "Das Formular „{title}“ wurde am {moment} gesendet. Darin steht die Adresse "
    "{address}.",
    "case.confirm.yours": "Waren Sie das? Dann bestätigen Sie es. Antworten gehen von da an an diese "
    "Adresse.",
    "case.confirm.button": "Bestätigen",
    "case.confirm.not_you": "War es jemand anders? Dann tun Sie nichts und schließen Sie diese Seite.",
    "case.confirm.done.title": "Diese Adresse ist schon bestätigt",
    "case.confirm.done.text": "Sie müssen nichts mehr tun. Den Link in der E-Mail brauchen Sie nicht mehr.",
    "case.confirm.gone.title": "Dieser Link bestätigt nichts mehr",
    "case.confirm.gone.text": "Er ist zu alt oder nicht vollständig. Kopieren Sie den ganzen Link aus der "
    "E-Mail, oder öffnen Sie die Seite Ihrer Einsendung und lassen Sie die E-Mail noch einmal senden.",
    # the page
    "case.title": "Ihre Einsendung {reference}",
    "case.state": "Stand",
    "case.sent_on": "Gesendet am {moment}",
    "case.gone.title": "Hier gibt es keine Einsendung",
    "case.gone.text": "Die Adresse ist nicht vollständig, oder die Seite hat eine neue Adresse bekommen, "
    "oder was sie zeigte, wurde gelöscht. In den E-Mails zu Ihrer Einsendung steht ihre Adresse.",
    "case.state.unconfirmed": "Wartet auf Sie",
    "case.state.unconfirmed.text": "Bestätigen Sie zuerst Ihre E-Mail-Adresse. Vorher liest niemand Ihre "
    "Einsendung.",
    "case.state.held": "Wird zuerst angesehen",
    "case.state.held.text": "Jemand aus unserem Haus sieht Ihre Einsendung an, bevor sie die zuständigen "
    "Menschen erreicht. Sie müssen nichts tun.",
    "case.state.received": "Angekommen",
    "case.state.received.text": "Ihre Einsendung ist bei uns und auf dem Weg zu den zuständigen Menschen.",
    "case.state.refused": "Nicht angenommen",
    "case.state.refused.text": "Unser Haus hat entschieden, dass aus dieser Einsendung nichts wird.",
    "case.state.open": "In Arbeit",
    "case.state.open.text": "Die zuständigen Menschen haben Ihre Einsendung. Ihre Antwort wird hier stehen.",
    "case.state.answered": "Beantwortet",
    "case.state.answered.text": "Die Antwort steht unten. Sie können wieder schreiben.",
    "case.state.closed": "Abgeschlossen",
    "case.state.closed.text": "Unser Haus hat dies abgeschlossen. Sie können uns hier weiterhin schreiben.",
    "case.state.withdrawn": "Von Ihnen zurückgezogen",
    "case.state.withdrawn.text": "Sie haben Ihre Einsendung zurückgezogen. Niemand arbeitet mehr daran.",
    "case.state.forgotten": "Gelöscht",
    "case.state.forgotten.text": "Was Sie uns gesendet hatten, ist gelöscht.",
    # what happened
    "case.log.title": "Was geschehen ist",
    "case.log.you": "Sie",
    "case.log.staff": "Bearbeitung",
    "case.log.of": "{who}, {organisation}",
    "case.log.changed": "Sie haben eine Antwort geändert",
    "case.log.waiting": "unterwegs",
    "case.log.files": "Dateien",
    "case.log.file": "{name} ({size})",
    "case.log.download": "{name} herunterladen ({size})",
    "case.log.none": "Keine Angabe",
    # what happened of itself or by a button
    "step_received": "Ihre Einsendung ist angekommen",
    "step_confirmed": "Sie haben Ihre E-Mail-Adresse bestätigt",
    "step_by_mail": "Sie möchten Antworten auch per E-Mail",
    "step_by_page": "Sie möchten Antworten nur auf dieser Seite",
    "step_withdrawn": "Sie haben Ihre Einsendung zurückgezogen",
    "step_erase": "Sie haben um Löschung von allem gebeten",
    "step_reopened": "An Ihrer Einsendung wird wieder gearbeitet",
    # writing
    "case.write.title": "Schreiben Sie uns",
    "case.write.label": "Ihre Nachricht",
    "case.write.hint": "Sie können bis zu {max} Zeichen schreiben.",
    "case.write.files": "Dateien",
    "case.write.files.hint": "Bis zu {number} Dateien mit je höchstens {mb} MB: {types}.",
    "case.write.send": "Nachricht senden",
    "case.write.missing": "Schreiben Sie eine Nachricht oder wählen Sie eine Datei",
    "case.write.long": "Die Nachricht darf höchstens {max} Zeichen lang sein. Sie haben {number} "
    "geschrieben.",
    # choices
    "case.choice.title": "Etwas ändern",
    "case.choice.answers": "Ihre Antworten",
    "case.choice.answers.text": "Sie können sie ändern, solange das Formular geöffnet ist. In der "
    "Bearbeitung ist zu sehen, was Sie geändert haben.",
    "case.choice.answers.show": "Ihre Antworten zeigen",
    "case.choice.answers.button": "Ihre Antworten ändern",
    "case.choice.answers.closed": "Das Formular ist geschlossen. Schreiben Sie uns, wenn sich eine Antwort "
    "ändern soll.",
    "case.choice.reach": "Wie Antworten Sie erreichen",
    "case.choice.reach.mail": "Per E-Mail an {address} und auf dieser Seite.",
    "case.choice.reach.page": "Nur auf dieser Seite.",
    "case.choice.reach.unconfirmed": "Auf dieser Seite. Per E-Mail an {address}, sobald Sie die Adresse "
    "bestätigt haben.",
    "case.choice.by_page": "Ab jetzt nur auf dieser Seite",
    "case.choice.by_mail": "Ab jetzt auch per E-Mail",
    "case.choice.language": "Ihre Sprache",
    "case.choice.language.text": "Unsere E-Mails und diese Seite sprechen diese Sprache mit Ihnen.",
    "case.choice.language.button": "Sprache speichern",
    "case.choice.address": "Eine neue Adresse für diese Seite",
    "case.choice.address.text": "Hat jemand anders die Adresse dieser Seite gesehen? Geben Sie ihr eine "
    "neue.",
    "case.choice.address.button": "Neue Adresse vergeben",
    "case.data.title": "Ihre Daten",
    "case.data.html": "Alles zum Lesen (HTML)",
    "case.data.json": "Alles für Programme (JSON)",
    "case.data.withdraw": "Die Einsendung zurückziehen",
    "case.data.erase": "Alles löschen lassen",
    # pages in between
    "case.ask.withdraw": "Möchten Sie Ihre Einsendung zurückziehen?",
    "case.ask.withdraw.text": "Dann arbeitet niemand mehr daran. In der Bearbeitung ist zu sehen, dass Sie "
    "sie zurückgezogen haben; was dort schon gelesen wurde, bleibt dort lesbar. Diese Seite behalten Sie.",
    "case.ask.withdraw.button": "Einsendung zurückziehen",
    "case.ask.erase": "Möchten Sie alles löschen lassen?",
    "case.ask.erase.goes": "Was verschwindet",
    "case.ask.erase.goes.text": "Ihr Name, Ihre Adresse, Ihre Antworten, Ihre Nachrichten und Dateien, "
    "unsere Antworten an Sie und diese Seite. Ihre Worte werden aus den Räumen genommen, in denen sie "
    "gelesen wurden.",
    "case.ask.erase.stays": "Was bleibt",
    "case.ask.erase.stays.text": "Die Stellen, die gemeinsam daran arbeiten, haben Ihre Worte auf eigenen "
    "Geräten gelesen. Was dort kopiert oder notiert wurde, können wir nicht zurückholen. Das Aktenzeichen "
    "bleibt als Nummer, damit es nicht noch einmal vergeben wird.",
    "case.ask.erase.how": "Wie es weitergeht",
    "case.ask.erase.how.text": "Unser Haus prüft Ihren Wunsch und entscheidet. Sie lesen auf dieser Seite, "
    "was entschieden wurde und warum, spätestens nach einem Monat. Ist alles gelöscht, gibt es diese Seite "
    "nicht mehr: Laden Sie Ihre Daten vorher herunter, wenn Sie sie behalten möchten.",
    "case.ask.erase.how.now": "An Ihrer Einsendung hat noch niemand gearbeitet. Alles wird sofort gelöscht, "
    "und diese Seite gibt es dann nicht mehr: Laden Sie Ihre Daten vorher herunter, wenn Sie sie behalten "
    "möchten.",
    "case.ask.erase.button": "Um Löschung von allem bitten",
    "case.ask.erase.button.now": "Jetzt alles löschen",
    "case.ask.address": "Möchten Sie dieser Seite eine neue Adresse geben?",
    "case.ask.address.text": "Die alte Adresse öffnet dann nichts mehr, weder für Sie noch für andere, und "
    "Links aus früheren E-Mails führen nicht mehr hierher. Sie sehen die neue Adresse sofort: Bewahren Sie "
    "sie auf.",
    "case.ask.address.button": "Neue Adresse vergeben",
    # what was done
    "case.done.title": "Erledigt",
    "case.done.write": "Ihre Nachricht wurde gesendet. Sie steht unten.",
    "case.done.change": "Ihre Änderungen wurden gesendet.",
    "case.done.language": "Ihre Sprache wurde gespeichert.",
    "case.done.by_mail": "Antworten erreichen Sie ab jetzt auch per E-Mail. Ist Ihre Adresse noch nicht "
    "bestätigt, senden wir Ihnen zuerst eine E-Mail dazu.",
    "case.done.by_page": "Antworten stehen ab jetzt nur auf dieser Seite.",
    "case.done.remind": "Wir senden die E-Mail noch einmal, höchstens eine am Tag.",
    "case.done.confirm": "Ihre E-Mail-Adresse ist bestätigt. Vielen Dank.",
    "case.done.withdraw": "Ihre Einsendung ist zurückgezogen.",
    "case.done.erase": "Sie haben um Löschung von allem gebeten. Die Entscheidung und die Antwort stehen "
    "dann auf dieser Seite.",
    "case.done.erase.now": "Ihre Einsendung wird gelöscht, und mit ihr diese Seite.",
    "case.done.revoke": "Diese Seite hat eine neue Adresse. Bewahren Sie sie auf: Die alte öffnet nichts "
    "mehr.",
    "case.done.soon": "Es kann eine Minute dauern, bis auch der Rest dieser Seite es zeigt.",
    "case.late.title": "Diese Seite war länger als einen Tag geöffnet",
    "case.late.text": "Es wurde nichts gesendet. Wählen Sie noch einmal, was Sie tun möchten: Was Sie "
    "geschrieben haben, steht noch hier.",
    "case.retry.title": "Es wurde noch nichts gesendet",
    "case.retry.text": "Wir konnten es in diesem Moment nicht speichern. Warten Sie eine Minute und wählen "
    "Sie dann noch einmal dasselbe. Es kann nicht doppelt ankommen.",
    # the download to read
    "case.whole.title": "Alles zu Ihrer Einsendung {reference}",
    "case.whole.made": "Stand: {moment}",
}
