"""What the bridge says, in German."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # the citizen's words
    "unknown_name": "Absender unbekannt",
    "no_text": "(kein Text)",
    "whole_name": "ganze-nachricht.txt",
    "long_text": "Die Nachricht ist sehr lang: Vollständig steht sie in der Datei {name}.",
    # mail that came
    "locked_token": "Absender ungeprüft. Diese E-Mail kam an die Antwortadresse von {reference}, aber nicht "
    "von der Adresse, zu der dieser Fall gehört.",
    "locked_revoked": "Absender ungeprüft. Diese E-Mail kam an eine Antwortadresse von {reference}, die "
    "nicht mehr gilt.",
    "locked_references": "Absender ungeprüft. Diese E-Mail antwortet auf eine unserer E-Mails in "
    "{reference}, kam aber nicht an die Antwortadresse dieses Falls.",
    "locked_sender": "Als Absender steht dort die Adresse {address}.",
    "locked_how": "Aus diesem Fall geht nichts hinaus, bis Sie entscheiden: Schreiben Sie „!join "
    "{reference}“, wenn die Nachricht zu jenem Fall gehört, oder „!apart“, um daraus einen eigenen Fall zu "
    "machen.",
    "automatic_new": "Diese E-Mail wurde automatisch verschickt, deshalb ging keine Eingangsbestätigung "
    "hinaus.",
    "topic_new": "Der Betreff dieser E-Mail lautet: „{subject}“",
    "automatic_joined": "Diese E-Mail wurde automatisch verschickt (zum Beispiel eine Abwesenheitsnotiz). "
    "Der Stand des Falls bleibt, wie er war.",
    "no_address_mail": "Die E-Mail hat keine verlässliche Absenderadresse: Dieser Person kann nichts "
    "geschickt werden.",
    "ack_limit": "Es ging keine Eingangsbestätigung hinaus: Diese Adresse hat heute schon genug bekommen.",
    "warnings": "Nicht alles ließ sich so lesen, wie es abgeschickt wurde:",
    "warning_sender": "Die Absenderadresse fehlt, steht mehrfach da oder ist nicht eindeutig.",
    "warning_mime": "Der Aufbau der E-Mail ist beschädigt. Teile können fehlen.",
    "warning_charset": "Der Zeichensatz ist unbekannt oder falsch. Einzelne Buchstaben können falsch sein.",
    "warning_cut": "Etwas war zu lang oder zu viel. Siehe die angehängten Dateien.",
    "warning_unreadable": "Die E-Mail ließ sich nicht zerlegen. Das Original wird einige Tage aufbewahrt.",
    "warning_other": "Etwas an der E-Mail ist ungewöhnlich.",
    # staff's messages
    "not_sent_stranger": "Nicht gesendet: {user} steht nicht in der Personenliste dieser Beteiligung.",
    "not_sent_device": "Nicht gesendet: Geschrieben auf einem Gerät, das sein Besitzer nicht verifiziert "
    "hat. Bitte verifizieren Sie das Gerät in seinen Einstellungen und schreiben Sie die Nachricht dann noch "
    "einmal.",
    "not_sent_may_not": "Nicht gesendet: {user} darf in dieser Beteiligung nicht antworten. Die Nachricht "
    "bleibt intern.",
    "not_sent_plain": "Nicht gesendet: Die Nachricht war nicht verschlüsselt. Unverschlüsseltes geht nie "
    "hinaus. Bitte prüfen Sie die Einstellungen Ihres Programms und schreiben Sie sie noch einmal.",
    "not_sent_locked": "Nicht gesendet: Der Absender dieses Falls ist ungeprüft. Schreiben Sie zuerst "
    "„!apart“, um daraus einen eigenen Fall zu machen, oder „!join“ und das Zeichen des Falls, zu dem er "
    "gehört.",
    "not_sent_joined": "Nicht gesendet: Diese Nachricht gehört jetzt zu {reference}. Bitte antworten Sie "
    "dort.",
    "not_sent_no_address": "Nicht gesendet: Diese Person hat keine E-Mail-Adresse hinterlassen und hat "
    "keine Seite.",
    "not_sent_file": "Nicht gesendet: Die Datei ließ sich nicht lesen. Bitte schicken Sie sie noch einmal.",
    "unreadable": "Eine Nachricht von {user} lässt sich noch nicht entschlüsseln, weil ihr Schlüssel nicht "
    "angekommen ist. Sie wird bearbeitet, sobald er kommt. Wenn es eilt, schreiben Sie sie bitte noch "
    "einmal.",
    # doubts
    "ask_root": "Ist das für die Bürgerin oder den Bürger? Die Antwort steht außerhalb des Fadens dieses "
    "Falls.",
    "ask_file": "Ist das für die Bürgerin oder den Bürger? Die Datei kam ohne Worte.",
    "ask_near": "Ist das für die Bürgerin oder den Bürger? Die Datei kam außerhalb des Fadens, gleich nach "
    "einer Nachricht darin.",
    "ask_disagree": "Soll das so hinausgehen? Der einfache und der formatierte Text der Nachricht sagen "
    "Verschiedenes, vielleicht wegen eines Zitats.",
    "ask_mention": "Ist das für die Bürgerin oder den Bürger? Die Nachricht beginnt mit der Erwähnung einer "
    "Person.",
    "ask_how": "Sie wartet und ist nicht gesendet. Schreiben Sie „!send“ in den Faden, um sie zu senden, "
    "oder löschen Sie die Nachricht.",
    # edits and deletions
    "edit_note": "Die Änderung bewirkt nichts: Was intern blieb, wird nie zu einer Antwort. Um hinaus zu "
    "schreiben, senden Sie eine neue Nachricht.",
    "edit_late": "Draußen ist der frühere Text angekommen: Die E-Mail war schon gesendet. Bitte schreiben "
    "Sie noch einmal, wenn etwas zu berichtigen ist.",
    "edit_inside_late": "Zu spät, um das intern zu halten: Die E-Mail mit dem früheren Text war schon "
    "gesendet und lässt sich nicht zurückholen.",
    "edit_over": "Die Änderung bewirkt nichts: Diese Nachricht wartet nicht mehr. Um hinaus zu schreiben, "
    "senden Sie eine neue Nachricht.",
    "edit_stopped": "Auch der frühere Text wurde angehalten.",
    "deleted_waiting": "Die Nachricht wurde rechtzeitig gelöscht: Es ging keine E-Mail hinaus.",
    "deleted_doubt": "Die Nachricht wurde gelöscht, während sie auf Antwort wartete: Es ging keine E-Mail "
    "hinaus.",
    "deleted_late": "Die Nachricht wurde gelöscht, aber die E-Mail war schon gesendet und lässt sich nicht "
    "zurückholen.",
    # commands
    "help": "Was Sie in diesem Faden schreiben, geht hinaus. Was mit „!“ beginnt, bleibt intern.\n"
    "! Text – eine Notiz für Kolleginnen und Kollegen\n"
    "!send – die Nachricht senden, die auf Antwort wartet (oder antworten Sie ihr mit !send)\n"
    "!close – dieser Fall ist erledigt; neue Worte der Bürgerin oder des Bürgers öffnen ihn wieder\n"
    "!join – ein ungeprüfter Fall gehört zu dem, den er nennt; !join ZEICHEN: zu jenem\n"
    "!apart – ein ungeprüfter Fall ist ein eigener Fall\n"
    "!discard – aus einem ungeprüften Fall soll nichts werden\n"
    "!original – die E-Mail, wie sie kam, als Datei; als Antwort: die E-Mail jener Nachricht\n"
    "!forget – vernichten, was über diese Person gespeichert ist (Beschäftigte des Betreibers); fragt nach\n"
    "Im Raum, außerhalb der Fäden: !held – zurückgehaltene E-Mails und Formulare; !mail – eine Nachricht "
    "an mehrere, an jede Person allein\n"
    "!help – diese Liste",
    "unknown_command": "Den Befehl „!{word}“ gibt es nicht. Die Nachricht bleibt intern. Notizen beginnen "
    "mit „!“ und einem Leerzeichen; „!help“ zeigt die Befehle.",
    "command_usage": "„!{word}“ wurde nicht verstanden, es ist nichts geschehen. Ein Befehl steht allein in "
    "seiner Nachricht: {usage}",
    "usage_send": "!send",
    "usage_join": "!join PARK-7F3K-9Q",
    "usage_apart": "!apart",
    "usage_help": "!help",
    "usage_trust": "!trust @name:server.example",
    "command_place": "Bitte schreiben Sie diesen Befehl in den Faden des Falls, für den er gedacht ist.",
    "command_may_not": "Es ist nichts geschehen: {user} darf in dieser Beteiligung nicht antworten.",
    "command_device": "Es ist nichts geschehen: Der Befehl kam von einem Gerät, das sein Besitzer nicht "
    "verifiziert hat.",
    "send_nothing": "In diesem Fall wartet keine Nachricht auf „!send“.",
    "not_locked": "Es ist nichts geschehen: Der Absender dieses Falls steht nicht in Zweifel.",
    "apart_done": "Das ist jetzt ein eigener Fall. Antworten in diesem Faden gehen an seinen Absender.",
    "join_unknown": "Es ist nichts geschehen: Einen solchen Fall gibt es in dieser Beteiligung nicht. "
    "Schreiben Sie „!join“ und das Zeichen eines offenen Falls, zum Beispiel: !join {reference}",
    "join_locked": "Es ist nichts geschehen: Der Absender von {reference} ist selbst ungeprüft.",
    "join_done": "Die Nachrichten dieses Falls stehen jetzt in {reference}. Bitte antworten Sie dort.",
    "join_into": "Die Nachrichten von {reference} wurden von {user} hier eingefügt.",
    # the control room
    "control_help": "!trust @name:server.example – die neuen Schlüssel dieser Person anerkennen\n"
    "!forget PARK-7F3K-9Q – vernichten, was über die Person dieses Falls gespeichert ist; fragt nach\n"
    "!help – diese Liste",
    "control_unknown": "Den Befehl „!{word}“ gibt es hier nicht. „!help“ zeigt die Befehle.",
    "control_operators": "Befehle geben hier nur die Betreiber.",
    "control_plain": "Eine Nachricht von {user} war nicht verschlüsselt. Unverschlüsseltes wird nicht "
    "befolgt.",
    "trust_done": "Die jetzigen Schlüssel von {user} sind anerkannt.",
    "tell_stranger": "{user} hat im Fall {reference} geschrieben, steht aber in keiner Personenliste von "
    "{slug}. Es wurde nichts gesendet.",
    "tell_foreign": "{user} ist beigetreten ({room} von {slug}), steht dort aber in keiner Personenliste.",
    "tell_foreign_control": "{user} ist dem Kontrollraum beigetreten, gehört aber nicht zu den Betreibern.",
    "tell_identity": "Die Identität von {user} hat sich geändert: Jemand hat die Schlüssel ersetzt. Bis Sie "
    "das bestätigen, bekommt diese Person keine Schlüssel, und es wird ihr nicht gefolgt. Fragen Sie am "
    "Telefon nach und schreiben Sie dann: !trust {user}",
    "tell_postmaster": "Für den Postmaster ist Post gekommen. Sie eröffnet keinen Fall; die Originale "
    "bleiben einige Tage versiegelt aufbewahrt. Das wird einmal am Tag gesagt.",
    "tell_strangers": "Noch in den Räumen von {slug}, aber nicht auf dessen Personenliste: {users}. Sie "
    "bekommen keine Schlüssel, aber die Brücke entfernt niemanden: Bitten Sie sie zu gehen.",
    "tell_declined": "Auf der Personenliste von {slug}, aber gegangen, nicht gekommen oder verbannt: "
    "{users}. Die Brücke lädt sie nicht wieder ein; jemand in der Lobby kann es, oder nehmen Sie sie von "
    "der Liste.",
    "tell_broken": "Abgelegt, weil es sich nicht von selbst bessert: {what}: {reason}",
    "tell_broken_case": "Abgelegt, weil es sich nicht von selbst bessert: {what} im Fall {reference}: "
    "{reason}",
    "room_space": "Space",
    "room_lobby": "Lobby",
    "room_desk": "Arbeitsraum",
    # one staff member
    "direct_device": "Ihr Gerät {device} ist nicht verifiziert. Es kann deshalb die verschlüsselten Räume "
    "nicht lesen, und was Sie darauf schreiben, wird nicht gesendet. In Element: Einstellungen → Sitzungen "
    "(oder Sicherheit) → Dieses Gerät verifizieren, mit einem anderen Ihrer Geräte oder mit Ihrem "
    "Wiederherstellungsschlüssel. Wenn Sie nie einen hatten: Einstellungen → Verschlüsselung → "
    "Wiederherstellung einrichten. Die fehlenden Schlüssel bekommen Sie danach von selbst.",
    # what became of a mail
    "mail_failed": "Die E-Mail konnte nicht zugestellt werden: {reason}",
    "mail_late": "Die E-Mail ist noch nicht hinausgegangen: {reason}. Es wird von selbst weiter versucht, "
    "längstens bis {until}.",
    "ack_failed": "Die Eingangsbestätigung konnte nicht zugestellt werden: {reason}. Prüfen Sie die Adresse, "
    "bevor Sie antworten.",
    # the operator's command
    "refuse_mailbox": "das Postfach {mailbox} gehört schon zur Beteiligung {slug}: Geben Sie dieser ein "
    "anderes",
    "refuse_form": "das Formular {form} gehört schon zur Beteiligung {slug}: Geben Sie diesem eine andere id",
    "locked_disowned": "Diese E-Mail kam an die Antwortadresse von {reference} und nennt als Absender die "
    "Adresse dieses Falls, aber deren Domain sagt, dass sie nicht von dort kommt.",
    "locked_suspicious": "Aus diesem Fall geht nichts hinaus, bis Sie entscheiden: Schreiben Sie „!apart“, "
    "um daraus einen gewöhnlichen Fall zu machen, „!join“ und ein Zeichen, wenn die Nachricht zu jenem Fall "
    "gehört, oder „!discard“, wenn nichts daraus werden soll.",
    "trust_suspicious": "Vorsicht: Diese E-Mail kommt vielleicht nicht von der Person, die sie nennt.",
    "trust_weaker": "Der Absender dieser Nachricht ließ sich nicht bestätigen, anders als bei der ersten in "
    "diesem Fall.",
    "held_spam": "sieht nach Spam aus",
    "held_address": "sehr viel von dieser Adresse",
    "held_network": "sehr viel aus diesem Netz",
    "held_consultation": "sehr viel auf einmal",
    "held_notice": "E-Mails oder Formulare werden zurückgehalten, weil sie nach Spam aussehen oder weil es "
    "zu viele auf einmal sind. Niemand bekam dafür eine Eingangsbestätigung. Schreiben Sie hier „!held“, um "
    "sie zu sehen. Dies wird einmal am Tag gesagt.",
    "held_list": "Zurückgehalten: {count}",
    "held_how": "„!release CODE“ lässt eines durch, „!discard CODE“ verwirft es; mehrere Codes mit "
    "Leerzeichen dazwischen, oder „all“ für alles in dieser Liste.",
    "held_none": "Nichts wird zurückgehalten.",
    "held_usage": "Nichts wurde getan. „!held“ zeigt die Liste, dann „!release CODE“ oder „!discard CODE“; "
    "„all“ meint alles in der Liste.",
    "held_released": "Durchgelassen: {count}. Sie erscheinen gleich als Fälle.",
    "held_discarded": "Verworfen: {count}. Die Originale bleiben einige Tage versiegelt aufbewahrt.",
    "kind_smime_signed": "Die E-Mail ist mit S/MIME signiert; die Signatur wurde nicht geprüft.",
    "kind_smime_encrypted": "Die E-Mail ist mit S/MIME verschlüsselt und hier nicht lesbar. Bitten Sie den "
    "Absender, unverschlüsselt zu schreiben.",
    "kind_pgp_signed": "Die E-Mail ist mit PGP signiert; die Signatur wurde nicht geprüft.",
    "kind_pgp_encrypted": "Die E-Mail ist mit PGP verschlüsselt und hier nicht lesbar. Bitten Sie den "
    "Absender, unverschlüsselt zu schreiben.",
    "kind_pgp_key": "Der PGP-Schlüssel des Absenders hängt an.",
    "kind_tnef": "Die Anhänge stecken in Outlooks eigenem Format (winmail.dat). Lässt es sich nicht öffnen, "
    "bitten Sie den Absender um gewöhnliche Dateien.",
    "kind_virus": "Der Virenscanner hat etwas gefunden ({virus}). Die Dateien, die dabei waren, wurden nicht "
    "weitergegeben; bitte fragen Sie den Absender.",
    "kind_unscanned": "Es ist zu groß für den Virenscanner. Die Dateien wurden nicht geprüft: Seien Sie "
    "vorsichtig.",
    "bounce_failed": "Die E-Mail ist nicht angekommen: {reason}.",
    "bounce_later": "Die E-Mail ist noch nicht angekommen: {reason}. Die Mailserver versuchen es weiter; "
    "jetzt ist nichts zu tun.",
    "bounce_marked": "Zwei E-Mails an diese Adresse kamen zurück. Bevor noch eine hinausgeht, fragt die "
    "Brücke nach.",
    "complaint": "Der Anbieter des Empfängers meldet, dass diese E-Mail als Spam gekennzeichnet wurde.",
    "bounce_no_such_address": "die Adresse gibt es nicht",
    "bounce_mailbox_full": "das Postfach ist voll",
    "bounce_too_large": "die E-Mail ist der Gegenseite zu groß",
    "bounce_spam": "die Gegenseite hält sie für Spam",
    "bounce_refused": "die Gegenseite nimmt von hier keine E-Mails an",
    "bounce_unreachable": "der andere Mailserver ist nicht erreichbar",
    "bounce_moved": "die Person hat eine andere Adresse",
    "bounce_expired": "der andere Mailserver nahm sie tagelang nicht an",
    "bounce_unknown": "die Gegenseite nennt keinen verständlichen Grund",
    "not_sent_discarded": "Nicht gesendet: Dieser Fall wurde verworfen.",
    "ask_bounced": "Die letzten E-Mails an diese Adresse kamen zurück. Soll diese trotzdem hinaus?",
    "edit_corrects": "Der frühere Text ist schon verschickt. Diese Änderung geht als Berichtigung hinaus, "
    "wenn Sie die Nachricht nicht vorher löschen.",
    "deleted_correction": "Die Berichtigung wurde rechtzeitig gestoppt; der erste Text ist schon verschickt "
    "und lässt sich nicht zurückholen.",
    "usage_close": "!close",
    "close_done": "Geschlossen. Neue Worte der Bürgerin oder des Bürgers öffnen den Fall wieder.",
    "close_not": "Es ist nichts geschehen: Dieser Fall ist nicht offen.",
    "usage_discard": "!discard",
    "usage_original": "!original (als Antwort auf die Nachricht, deren E-Mail Sie sehen wollen)",
    "discard_done": "Verworfen. Aus diesem Fall geht nichts hinaus.",
    "original_gone": "Das Original dieser Nachricht wird nicht mehr aufbewahrt, oder sie kam nicht per "
    "E-Mail.",
    "held_report": "meldet eine unzustellbare E-Mail, die keine von uns ist",
    "trust_from_several": "Sie nennt mehr als einen Absender.",
    "trust_from_ambiguous": "Ihr Absender ist so geschrieben, dass Mailprogramme ihn verschieden lesen.",
    "trust_from_display_address": "Der Name des Absenders gibt sich als eine andere Mailadresse aus.",
    "trust_reply_to_other": "Antworten sollen an eine andere Adresse gehen. Antworten von hier gehen nur an "
    "die Adresse des Absenders.",
    "trust_fields_repeated": "Sie enthält Teile doppelt, die nur einmal dastehen dürfen, sodass Programme "
    "Verschiedenes zeigen.",
    "trust_spf_pass": "Sie kam von einem Mailserver der Domain des Absenders.",
    "trust_spf_fail": "Sie kam von einem Mailserver, den die Domain des Absenders nicht erlaubt.",
    "trust_spf_unknown": "Es war nicht zu sehen, von welchem Mailserver sie kam.",
    "trust_dkim_pass": "Die Domain des Absenders hat sie signiert.",
    "trust_dkim_fail": "Die Signatur der Absenderdomain passt nicht: Die E-Mail wurde unterwegs verändert, "
    "oder die Signatur ist gefälscht.",
    "trust_dkim_weak": "Die Signatur der Absenderdomain deckt nicht die ganze E-Mail ab und beweist deshalb "
    "nichts.",
    "trust_dkim_old": "Die Signatur der Absenderdomain ist alt: Vielleicht schickt jemand eine alte E-Mail "
    "noch einmal.",
    "trust_dmarc_pass": "Die Domain des Absenders bestätigt sie.",
    "trust_dmarc_fail": "Die Domain des Absenders bestätigt sie nicht.",
    "trust_dmarc_none": "Die Domain des Absenders sagt nicht, woran man ihre E-Mails erkennt.",
    "trust_hop_pass": "Unser Mailserver hat den Absender bestätigt.",
    "trust_arc_pass": "Ein Weiterleiter, dem wir trauen, hat den Absender bestätigt.",
    "trust_temporary": "Die Nameserver antworteten nicht, deshalb ließ sich der Absender nicht prüfen.",
    "trust_unchecked": "Der Absender wurde nicht geprüft.",
    "tell_scanner_down": "Der Virenscanner antwortet nicht. E-Mails warten, bis er es tut; nichts geht "
    "verloren. Dies wird einmal am Tag gesagt.",
    "tell_imap_unreachable": "Das Postfach {folder} bei {host} ist nicht erreichbar. Es wird von selbst "
    "wieder versucht.",
    "tell_imap_untrusted": "Dem Zertifikat von {host} ist nicht zu trauen, deshalb wird das Postfach "
    "{folder} nicht gelesen.",
    "tell_imap_login_refused": "{host} lehnt die Anmeldung am Postfach {folder} ab. Bitte prüfen Sie "
    "email.imap in folkmoot.yaml.",
    "tell_imap_folder_refused": "{host} lässt den Ordner {folder} nicht öffnen. Bitte prüfen Sie email.imap "
    "in folkmoot.yaml.",
    "tell_imap_unmarked": "{host} behält die Kennzeichen an E-Mails in {folder} nicht: Abgeholte sind von "
    "neuen nicht zu unterscheiden. Nennen Sie einen Ordner als email.imap.done.",
    "tell_imap_stuck": "Eine E-Mail in {folder} bei {host} lässt sich nicht ablegen. Es wird wieder "
    "versucht; bitte sehen Sie nach der Platte und dem Protokoll.",
    "tell_imap_no_keywords": "{host} behält in {folder} keine eigenen Kennzeichen. Nennen Sie Ordner als "
    "email.imap.done und email.imap.aside.",
    "tell_imap_not_ours": "E-Mails für keines unserer Postfächer: {count}. Sie liegen in {folder} bei "
    "{host}.",
    "tell_imap_too_big": "E-Mails, die zu groß sind: {count}. Sie liegen in {folder} bei {host}.",
    "tell_imap_too_old": "E-Mails, die zu alt sind, um neu zu sein: {count}. Sie liegen in {folder} bei "
    "{host}.",
    "tell_imap_unreadable": "E-Mails, die der Server nicht herausgeben kann: {count}. Sie liegen in "
    "{folder} bei {host}.",
    "tell_imap_well": "Das Postfach {folder} bei {host} wird wieder gelesen.",
}
