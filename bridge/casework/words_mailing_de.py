"""What the bridge says to staff about mailings, in German."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # the question
    "mailing_place": "Bitte schreiben Sie „!mail“ im Raum, außerhalb der Fäden.",
    "mailing_usage": "Nichts wurde behalten. Schreiben Sie „!mail“, dann Zeichen mit Leerzeichen dazwischen, "
    "oder „open“ (offene und beantwortete Fälle), oder „all“ (alle); der Text steht in den Zeilen darunter. "
    "Zum Beispiel:\n"
    "!mail PARK-7F3K-9Q PARK-2M8T-4C\n"
    "Die Versammlung ist am Dienstag um sieben.",
    "mailing_empty": "Nichts wurde behalten: Es fehlt der Text. Er steht in den Zeilen unter „!mail“.",
    "mailing_disagree": "Nichts wurde behalten: Der reine und der formatierte Text der Nachricht sagen "
    "Verschiedenes. Bitte schreiben Sie sie neu.",
    "mailing_unknown": "Nichts wurde behalten. In dieser Beteiligung gibt es keinen solchen Fall: "
    "{references}",
    "mailing_no_link": "Nichts wurde behalten. Eine E-Mail an mehrere braucht einen Link, über den sie "
    "abbestellt werden kann, und dafür Seiten mit https. Bitte sagen Sie es den Betreibern (web.public_url).",
    "mailing_nobody": "Nichts wurde behalten: Es gibt niemanden, an den es gehen könnte.",
    "mailing_ask": "Dies ginge an {count}, an jede Person allein:",
    "mailing_by_mail": "– per E-Mail: {count}",
    "mailing_by_page": "– nur auf ihrer Seite: {count}",
    "mailing_left": "– nicht: {count}, weil {why} ({references})",
    "left_locked": "der Absender ungeprüft ist",
    "left_discarded": "der Fall verworfen wurde",
    "left_joined": "die Worte in einen anderen Fall kamen",
    "left_unsubscribed": "die Person keine Nachrichten an mehrere möchte",
    "left_bounced": "E-Mails an die Adresse zurückkamen",
    "left_unreached": "es keinen Weg zu der Person gibt",
    "left_same": "dieselbe Adresse es in einem anderen Fall bekommt",
    "mailing_begins": "So beginnt es: „{excerpt}“",
    "mailing_how": "Noch ist nichts verschickt. Zum Verschicken schreiben Sie: !mail {code} yes\n"
    "Zum Verwerfen: !mail {code} no\n"
    "Der Code gilt einen Tag lang und einmal.",
    # the answer
    "mailing_code": "Nichts wurde getan: In diesem Raum gibt es keine Nachricht mit dem Code {code}, oder "
    "sie ist älter als einen Tag.",
    "mailing_waits": "Nichts wurde getan: Die Nachricht {code} ist nicht verschickt. „!mail {code} no“ "
    "verwirft sie.",
    "mailing_was_sent": "Nichts wurde getan: Die Nachricht {code} ist schon verschickt.",
    "mailing_was_dropped": "Nichts wurde getan: Die Nachricht {code} wurde verworfen.",
    "mailing_dropped": "Verworfen. Nichts wurde verschickt.",
    "mailing_sent": "Es geht an {count}, in {seconds} Sekunden. „!mail {code} stop“ hält an, was bis dahin "
    "nicht hinausgegangen ist.",
    "mailing_stopped": "Angehalten: {count}. Schon unterwegs: {begun}.",
    "mailing_changed": "Die Nachricht {code} wurde bearbeitet oder gelöscht und deshalb verworfen. Nichts "
    "wurde verschickt. Zum Verschicken schreiben Sie sie neu.",
    "mailing_changed_late": "Die Nachricht {code} wurde so verschickt, wie sie vorher war. „!mail {code} "
    "stop“ hält an, was noch nicht hinausgegangen ist.",
    # in the threads
    "mailing_thread": "{user} hat dies an {count} Personen geschickt, an jede allein, auch an die Person "
    "dieses Falls. Der Stand des Falls bleibt, wie er war.",
    "mailing_thread_one": "{user} hat dies von außerhalb des Fadens an die Person dieses Falls geschickt. "
    "Der Stand des Falls bleibt, wie er war.",
    "mailing_thread_stopped": "Dies wurde rechtzeitig angehalten: Die Person hat es nicht bekommen.",
    "mailing_failed": "Die Nachricht an mehrere konnte nicht zugestellt werden: {reason}",
    "mailing_unsubscribed": "Die Person möchte keine Nachrichten an mehrere mehr. Was Sie in diesem Faden "
    "schreiben, erreicht sie weiterhin.",
}
