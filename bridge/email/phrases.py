"""The words mail programs put around quoted mails, in the languages of the people who write.

Data only; `attribution`, `blocks` and `quotes` know what to do with it.  One row is one language or
a group of close ones, in this order where nothing else is said: en, de, fr, es/ca/gl, it, nl, pt, pl,
sv/da/no, fi/et, cs/sk, ru/uk/bg, hu, ro, tr, el, lt/lv, hr/sl, ja, zh, ko, he/ar/fa.
"""

from __future__ import annotations

MARKERS = {
    "en": "=== Please write your answer above this line ===",
    "de": "=== Bitte antworten Sie oberhalb dieser Zeile ===",
    "fr": "=== Merci de répondre au-dessus de cette ligne ===",
    "ar": "=== يرجى كتابة ردكم فوق هذا السطر ===",
}
"""The line that begins each of our mails, by language."""

WROTE = (
    "wrote|writes",
    "schrieb|schreibt|geschrieben",
    "a [ée]crit|écrivait",
    "escribi[óo]|ha escrito|va escriure|ha escrit|escribiu",
    "ha scritto|scrisse|scrive",
    "schreef|schrijft|geschreven",
    "escreveu",
    r"napisał(?:\(a\)|a)?|pisze",
    "skrev|skriver|skreiv|skrifaði",
    "kirjoitti|kirjutas",
    r"napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?",
    r"написал(?:\(а\)|а|и)?|пишет|пише|написав|написала|написа",
    "írta|írt",
    "a scris",
    "yazdı|yazmış",
    "έγραψε|έγραψες",
    "rašė|parašė|rakstīja",
    r"napisao|napisala|je napisal(?:a)?",
    "đã viết|menulis",
    "כתבה?|כתב/ה",
    "كتب(?:تم?)?|نوشت",
)
"""Verbs of an attribution ("On … wrote:"), as patterns that stand between word boundaries."""

WROTE_CJK = (
    "書きました|のメール|のメッセージ|さんからの|のコメント",
    "写道|寫道|写了|写信|來信|来信|編寫",
    "작성|쓴 글|썼습니다|님이 씀|님의 메시지",
)
"""The same, in scripts without spaces between words."""

LABELS = {
    "from": (
        "from|von|de|da|van|od|från|fra|lähettäjä|saatja|отправитель|от|от кого|від|від кого|feladó"
        "|de la|expéditeur|remitente|mittente|absender|afzender|avsändare|afsender|avsender|kimden|gönderen"
        "|από|nuo|no|šalje|expeditor|差出人|送信者|发件人|發件人|寄件者|寄件人|发送人"
        "|보낸 사람|보낸사람|발신|מאת|من"
    ),
    "date": (
        "sent|date|sent at|gesendet|datum|gesendet am|envoyé|envoyé le|enviado|enviado el|fecha|data"
        "|enviat|inviato|inviata|verzonden|enviada em|enviado em|enviada|wysłano|wysłane|wysłany"
        "|skickat|skickad|sendt|dato|sendt dato|lähetetty|päiväys|päivämäärä|pvm|saadetud|kuupäev"
        "|odesláno|odoslané|poslané|дата|отправлено|надіслано|відправлено|изпратено|küldve|elküldve|dátum|trimis|tarih"
        "|gönderildi|gönderme tarihi|gönderilen|στάλθηκε|ημερομηνία|εστάλη|išsiųsta|nosūtīts|poslano"
        "|送信日時|日時|日付|送信日|发送时间|發送時間|日期|时间|時間|发送日期|寄件日期|传送日期"
        "|보낸 날짜|날짜|보낸시간|일시|보낸 시간|נשלח|תאריך|تاريخ|التاريخ|أرسلت|تم الإرسال"
    ),
    "to": (
        "to|an|à|a|para|aan|til|till|do|vastaanottaja|kellele|komu|pro|кому|до|címzett|către|catre|kime|alıcı"
        "|προς|kam|za|prima|destinataire|destinatario|destinatário|per a|宛先|送信先|收件人|收件者"
        "|받는 사람|받는사람|수신|אל|إلى"
    ),
    "cc": (
        "cc|bcc|copie|copie à|kopie|kopia|kopi|kopio|dw|копия|копія|másolat|másolatot kap|bilgi|κοιν|κοιν."
        "|抄送|副本|참조|עותק|نسخة"
    ),
    "subject": (
        "subject|betreff|objet|sujet|asunto|assumpte|oggetto|onderwerp|assunto|temat|ämne|emne|aihe|teema"
        "|předmět|predmet|věc|тема|относно|tárgy|subiect|konu|θέμα|tema|件名|题目|主题|主題|主旨|제목|נושא"
        "|موضوع|الموضوع"
    ),
    "reply": (
        "reply-to|reply to|antwort an|répondre à|responder a|rispondi a|risposta|antwoorden aan"
        "|responder para|odpowiedz do|svar till|svar til|importance|priority|wichtigkeit|attachments|anlagen"
        "|pièces jointes|bijlagen"
    ),
}
"""Names of the lines of a header block ("From: … Sent: …"), by kind, in lower case."""

ORIGINAL = (
    "original message|original appointment|original e-mail|original email|reply message|previous message"
    "|ursprüngliche nachricht|originalnachricht|original-nachricht|ursprünglicher termin|urspr. nachricht"
    "|message d'origine|message d’origine|message original|message initial|mensaje original"
    "|correo original|missatge original|messaggio originale|oorspronkelijk bericht|origineel bericht"
    "|mensagem original|oryginalna wiadomość|wiadomość oryginalna|wiadomość pierwotna|originalmeddelande"
    "|ursprungligt meddelande|ursprungsmeddelande|oprindelig meddelelse|opprinnelig melding"
    "|original melding|alkuperäinen viesti|původní zpráva|původní e-mail|pôvodná správa"
    "|исходное сообщение|оригинальное сообщение|пересланное сообщение|оригінальне повідомлення"
    "|початкове повідомлення|eredeti üzenet|mesaj original|mesajul original|orijinal mesaj|özgün ileti"
    "|αρχικό μήνυμα|originalus laiškas|izvorna poruka|izvirno sporočilo"
    "|元のメッセージ|元のメール|原始邮件|原始郵件|原邮件|原郵件"
    "|원본 메시지|원본 메일|הודעה מקורית|الرسالة الأصلية"
)
"""What stands between the dashes of "-----Original Message-----", in lower case."""

FORWARDED = (
    "forwarded message|begin forwarded message|forwarded by|weitergeleitete nachricht"
    "|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail|message transféré"
    "|début du message transféré|début du message réexpédié|mensaje reenviado|inicio del mensaje reenviado"
    "|messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht|begin doorgestuurd bericht"
    "|mensagem encaminhada|mensagem reencaminhada|início da mensagem reencaminhada"
    "|wiadomość przekazana dalej|przekazana wiadomość|początek przekazywanej wiadomości"
    "|vidarebefordrat meddelande|vidarebefordrat mejl|videresendt meddelelse|videresendt besked"
    "|videresendt melding|edelleenlähetetty viesti|välitetty viesti|přeposlaná zpráva|preposlaná správa"
    "|пересылаемое сообщение|начало переадресованного сообщения|переслане повідомлення"
    "|пересилаемое сообщение|továbbított üzenet|mesaj redirecționat|yönlendirilmiş mesaj|iletilmiş mesaj"
    "|προωθημένο μήνυμα|転送メッセージ|転送されたメッセージ|转发的邮件|轉寄郵件|转发邮件|已转发邮件"
    "|전달된 메시지|전달된 메일|הודעה שהועברה|رسالة معاد توجيهها"
)
"""The same, of a mail that was passed on."""

BELOW = (
    r"(?:see|answer|comment|repl|respon|note)\w*\b.{0,40}\b(?:below|in-?line|in (?:red|blue|green|bold))",
    r"(?:siehe|antwort|kommentar|anmerkung)\w*\b.{0,40}\b(?:unten|im text|rot|roter|blau|grün)",
    r"(?:voir|réponse|commentaire|réponds|répondu)\w*\b.{0,40}\b(?:ci-dessous|dans le texte|rouge|bleu|vert)",
    r"(?:ver|vea|respuesta|comentario|respond)\w*\b.{0,40}\b(?:abajo|a continuación|rojo|azul)",
    r"(?:vedi|rispost|comment|rispond)\w*\b.{0,40}\b(?:sotto|di seguito|nel testo|rosso|blu)",
    r"(?:zie|antwoord|opmerking|reactie)\w*\b.{0,40}\b(?:onder|hieronder|in de tekst|rood|blauw)",
    r"(?:ver|veja|vide|resposta|comentário|respond)\w*\b.{0,40}\b(?:abaixo|vermelho|azul)",
    r"(?:odpowied|komentarz|zob|patrz|uwag)\w*\b.{0,40}\b(?:poniżej|niżej|w tekście|czerwon\w*|niebiesk\w*)",
    r"(?:se|svar|kommentar)\w*\b.{0,40}\b(?:nedan|nedenfor|i texten|i teksten|rött|rødt|blått)",
    r"(?:vasta|komment|katso|ks)\w*\b.{0,40}\b(?:alla|alempana|punaisella)",
    r"(?:odpov|komentář|viz)\w*\b.{0,40}\b(?:níže|nižšie|v textu|červen\w*)",
    r"(?:ответ|отвеч|комментар|смотр|см)\w*\b.{0,40}\b(?:ниже|в тексте|красн\w*)",
    r"(?:відпов|комент|див)\w*\b.{0,40}\b(?:нижче|у тексті|червон\w*)",
    r"(?:lásd|válasz|megjegyz)\w*\b.{0,40}\b(?:lent|alább|lejjebb|piros\w*)",
    r"(?:vezi|răspuns|comentari)\w*\b.{0,40}\b(?:mai jos|roșu)",
    r"(?:bkz|cevap|yanıt|yorum)\w*\b.{0,40}\b(?:aşağı\w*|kırmızı\w*)",
    r"(?:δείτε|απαντ|απάντ|σχόλι)\w*\b.{0,40}\b(?:παρακάτω|κόκκιν\w*)",
)
BELOW_CJK = "赤字|下記に回答|文中に|インライン|红字|紅字|见下文|見下文|文中回复|빨간|아래에 답"
"""How an author says that the answers stand further down, inside the old mail; in lower case."""
