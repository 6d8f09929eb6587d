"""What phones, programs and lawyers write below a mail, in many languages.

Data only, in lower case, as patterns that `closing` compiles.  Rows follow the languages of `phrases`.
"""

from __future__ import annotations

_SENT = (
    "sent|send|gesendet|versendet|envoyée?|envoyee?|enviad[oa]|enviat|inviat[oa]|verzonden|verstuurd|wysłan[oey]"
    "|skickat|skickades|sendt|lähetetty|saadetud|odesláno|odoslané|отправлено|надіслано|изпратено"
    "|elküldve|küldve|trimis|στάλθηκε|išsiųsta|nosūtīts|poslano"
)
_BY = (
    "from|via|by|with|on|using|von|vom|mit|aus|über|depuis|de|à partir de|avec|desde|con|da|dal|dallo|van|met"
    "|vanaf|do|a partir de|z|ze|från|med|fra|frå|pomocí|с|из|з|із|от|din|de pe|από|iš|no|s|iz|az?"
)
_DEVICE = (
    r"i-?phon\w*|i-?pad\w*|i-?pod|i-?mac|mac|android\w*|blackberry|galaxy|samsung|pixel|huawei|xiaomi|nokia|htc"
    r"|lg|oneplus|windows|mobil\w*|phone|smartphone|tablet\w*|handy|tele?fon\w*|téléphone|teléfono|puhelim\w*"
    r"|telemóvel|telemovel|celular|móvil|cellulare|cell|device|ti-\d+|alcatel|sony|xperia|fairphone"
    r"|айфон\w*|телефон\w*|смартфон\w*|устройств\w*|пристр\w*|κινητό"
)
_PROGRAM = (
    r"\[?mail\]?|outlook|gmail|yahoo|thunderbird|k-9|airmail|mailbox|spark|proton|protonmail|aol|gmx|web\.de"
    r"|fairemail|tutanota|tuta|aqua mail|bluemail|nine|boxer|posteo|hey|fastmail|canary|edison|courrier"
    r"|correo|posta|почт\w*|mail\.ru|яндекс\w*"
)

FEET = (
    rf"(?:{_SENT}) (?:[\w'’.-]+ ){{0,3}}?(?:{_BY}) (?:[\w'’.-]+ ){{0,5}}?(?:{_DEVICE})(?!\w).{{0,80}}",
    rf"(?:{_SENT}) (?:{_BY}) (?:[\w'’]+ ){{0,3}}?(?:{_PROGRAM})(?!\w).{{0,120}}",
    r"(?:von|mit|aus) (?:meine[mr]|der|dem|unterwegs)\b.{0,60}\b(?:gesendet|versendet|verschickt)",
    r"diese (?:nachricht|e-?mail|mail) wurde (?:von|mit)\b.{0,80}\b(?:gesendet|verschickt|versendet)",
    r"(?:get|téléchargez|obtenez|obtén|obtener|descarga|scarica|ottieni|download|hent|hämta|skaffa|pobierz|hanki"
    r"|obter|obtenha|holen sie sich|laden sie|stáhněte) \[?outlook\b.{0,120}",
    r"(?:von|mit) (?:outlook|gmail|mail) (?:für|auf)\b.{0,60}",
    r"(?:[\w'’.]+ ){0,2}from (?:my )?(?:mobile|iphone|ipad|android|phone|smartphone)(?: ?\d+)?",
    r"lähetetty \S{0,40}(?:sta|stä|lta|ltä)(?: \S{1,20})?",
    r"\S{0,40}(?:iphone|ipad|android|telefon)\S{0,10} gönderildi",
    r".{0,30}(?:iphone|ipad|android|スマートフォン|スマホ|携帯).{0,20}から送信",
    r"[从從來来][自]?我的.{1,40}(?:发送|傳送|寄出)|[发發]自我的.{1,40}|[来來]自我的.{1,40}",
    r"(?:나의 )?.{1,30}에서 보냄",
    r"\S{0,8}رسلت? من .{1,40}",
    r"נשלח מ.{1,40}",
    r"virus-?free\.? ?www\..{1,60}|.{0,40}\bavast\b.{0,80}|this email has been checked for viruses\b.{0,80}",
)
"""Whole lines."""

CONFIDENTIAL = (
    "confidential|privileged|vertraulich|confidenti[eë]l|confidencia[il]|riservat|vertrouwelijk|poufn|konfidenti"
    "|fortrolig|luottamuksel|důvěrn|dôvern|конфиденц|конфіденц|поверит|bizalmas|confidențial|gizli|εμπιστευτ"
    "|機密|机密|기밀"
)
ADDRESSEE = (
    "intended (?:recipient|only|solely|for the)|addressee|in error|solely for|empfänger|adressat|irrtümlich"
    "|destinata[iri]|par erreur|destinatario|por error|per errore|geadresseerde|bestemd|ten onrechte"
    "|destinatário|por engano|por erro|odbiorc|adresat|omyłk|mottagare|av misstag|modtager|mottaker"
    "|ved en fei?j?l|vastaanottaj|erehdy|příjemc|omylem|príjemc|получател|адресат|по ошибке|одержувач"
    "|помилк|címzett|tévedés|din greșeală|alıcı|yanlışlıkla|παραλήπτ|誤|误|收件人|수신인"
)
"""A disclaimer has one of each: what it says is secret, and for whom it is or is not."""

ENVIRONMENT = (
    r"(?:consider|think of|denken sie an|pensez à|piense en|pensa a[l ]).{0,30}(?:environment|umwelt"
    r"|environnement|medio ambiente|ambiente).{0,60}(?:print|drucken|ausdruck|imprimer|imprimir|stampare)"
)
