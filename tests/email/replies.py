"""How mail programs introduce what they quote, in the languages of the people who write.

Each row: the attribution, a block of header lines, a divider, the footer of a phone.
"""

from __future__ import annotations

WHO = "Ada Citizen <ada@home.example>"

ATTRIBUTIONS = {
    "en": f"On Mon, 4 Jan 2027 at 10:00, {WHO} wrote:",
    "en-apple": f"On 4 Jan 2027, at 10:00, {WHO} wrote:",
    "en-us": "On 1/4/2027 10:00 AM, Ada Citizen wrote:",
    "de": f"Am Mo., 4. Jan. 2027 um 10:00 Uhr schrieb {WHO}:",
    "de-thunderbird": "Am 04.01.27 um 10:00 schrieb Ada Citizen:",
    "de-name": f"{WHO} schrieb am Mo., 4. Jan. 2027, 10:00:",
    "de-phone": f"{WHO} schrieb:",
    "fr": f"Le lun. 4 janv. 2027 à 10:00, {WHO} a écrit :",
    "es": "El lun, 4 ene 2027 a las 10:00, Ada Citizen (<ada@home.example>) escribió:",
    "ca": f"Missatge de {WHO} del dia dl., 4 de gen. 2027 a les 10:00 va escriure:",
    "it": f"Il giorno lun 4 gen 2027 alle ore 10:00 {WHO} ha scritto:",
    "nl": f"Op ma 4 jan 2027 om 10:00 schreef {WHO}:",
    "nl-apple": f"Op 4 jan. 2027 om 10:00 heeft {WHO} het volgende geschreven:",
    "pt": f"Em seg., 4 de jan. de 2027 às 10:00, {WHO} escreveu:",
    "pl": f"pon., 4 sty 2027 o 10:00 {WHO} napisał(a):",
    "pl-old": "W dniu 04.01.2027 o 10:00, Ada Citizen pisze:",
    "sv": f"Den mån 4 jan. 2027 kl 10:00 skrev {WHO}:",
    "da": f"Den man. 4. jan. 2027 kl. 10.00 skrev {WHO}:",
    "no": f"man. 4. jan. 2027 kl. 10:00 skrev {WHO}:",
    "fi": f"ma 4. tammik. 2027 klo 10.00 {WHO} kirjoitti:",
    "cs": f"po 4. 1. 2027 v 10:00 odesílatel {WHO} napsal:",
    "sk": f"po 4. 1. 2027 o 10:00 {WHO} napísal(a):",
    "ru": f"пн, 4 янв. 2027 г. в 10:00, {WHO} написал(а):",
    "ru-short": f"пн, 4 янв. 2027 г., 10:00 {WHO}:",
    "uk": f"пн, 4 січ. 2027 р. о 10:00 {WHO} пише:",
    "bg": f"На пн, 4.01.2027 г. в 10:00 {WHO} написа:",
    "hu": f"{WHO} ezt írta (időpont: 2027. jan. 4., H, 10:00):",
    "ro": f"În lun., 4 ian. 2027 la 10:00, {WHO} a scris:",
    "tr": f"{WHO}, 4 Oca 2027 Pzt, 10:00 tarihinde şunu yazdı:",
    "el": f"Στις Δευ 4 Ιαν 2027 στις 10:00 π.μ., ο χρήστης {WHO} έγραψε:",
    "ja": f"2027年1月4日(月) 10:00 {WHO}:",
    "ja-apple": f"2027/01/04 10:00、{WHO}のメール:",
    "zh": f"{WHO} 于2027年1月4日周一 10:00写道：",
    "zh-apple": f"在 2027年1月4日，上午10:00，{WHO} 写道：",
    "zh-tw": f"{WHO} 於 2027年1月4日 週一 上午10:00寫道：",
    "ko": f"2027년 1월 4일 (월) 오전 10:00, {WHO}님이 작성:",
    "he": "\u202bבתאריך יום ב׳, 4 בינו׳ 2027 "
    "ב-10:00 מאת \u202aAda Citizen\u202c\u200f <\u202aada@home.example\u202c\u200f>:\u202c",
    "ar": f"في الاثنين، ٤ يناير ٢٠٢٧ في ١٠:٠٠ ص تمت كتابة ما يلي بواسطة {WHO}:",
    "lt": f"2027-01-04, pr, 10:00 {WHO} rašė:",
    "hr": f"pon, 4. sij 2027. u 10:00 {WHO} napisao je:",
    "vi": f"Vào Th 2, 4 thg 1, 2027 vào lúc 10:00 {WHO} đã viết:",
    "gmail-old": "2027-01-04 10:00 GMT+01:00 Ada Citizen <ada@home.example>:",
    "wrapped": "On Mon, 4 Jan 2027 at 10:00, A Citizen With a Long Name via List\n<ada@home.example> wrote:",
    "wrapped-bracket": "On Mon, 4 Jan 2027 at 10:00, A Citizen With a Long Name <\nada@home.example> wrote:",
    "wrapped-verb": "On Mon, 4 Jan 2027 at 10:00, A Citizen With a Long Name\n<ada@home.example>\nwrote:",
    "wrapped-date": f"{WHO} schrieb am Mo., 4.\nJan. 2027 um 10:00 Uhr:",
    "wrapped-quoted": "On Mon, 4 Jan 2027 at 10:00, Ada Citizen <ada@home.example\n> wrote:",
    "dashes": f"---- On Mon, 04 Jan 2027 10:00:00 +0100 {WHO} wrote ----",
    "bidi": "\u200eOn Mon, 4 Jan 2027 at 10:00, \u202aAda Citizen\u202c <ada@home.example> wrote:\u200f",
    "nbsp": "Le 4 janv. 2027 à 10:00, Ada Citizen <ada@home.example> a écrit\u00a0:",
}

_TO = "Kim Doe <kim@home.example>"

HEADERS = {
    "en": ("From", "Sent", "To", "Subject"),
    "en-date": ("From", "Date", "To", "Subject"),
    "de": ("Von", "Gesendet", "An", "Betreff"),
    "fr": ("De", "Envoyé", "À", "Objet"),
    "es": ("De", "Enviado el", "Para", "Asunto"),
    "it": ("Da", "Inviato", "A", "Oggetto"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "pt": ("De", "Enviado", "Para", "Assunto"),
    "pl": ("Od", "Wysłano", "Do", "Temat"),
    "sv": ("Från", "Skickat", "Till", "Ämne"),
    "da": ("Fra", "Sendt", "Til", "Emne"),
    "fi": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    "cs": ("Od", "Odesláno", "Komu", "Předmět"),
    "ru": ("От", "Отправлено", "Кому", "Тема"),
    "uk": ("Від", "Надіслано", "Кому", "Тема"),
    "hu": ("Feladó", "Küldve", "Címzett", "Tárgy"),
    "ro": ("De la", "Trimis", "Către", "Subiect"),
    "tr": ("Kimden", "Gönderildi", "Kime", "Konu"),
    "el": ("Από", "Στάλθηκε", "Προς", "Θέμα"),
    "ja": ("差出人", "送信日時", "宛先", "件名"),
    "zh": ("发件人", "发送时间", "收件人", "主题"),
    "zh-tw": ("寄件者", "寄件日期", "收件者", "主旨"),
    "ko": ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
}

DIVIDERS = {
    "en": "-----Original Message-----",
    "de": "-----Ursprüngliche Nachricht-----",
    "fr": "-----Message d'origine-----",
    "es": "-----Mensaje original-----",
    "it": "-----Messaggio originale-----",
    "nl": "-----Oorspronkelijk bericht-----",
    "pt": "-----Mensagem original-----",
    "pl": "-----Oryginalna wiadomość-----",
    "sv": "-----Ursprungligt meddelande-----",
    "da": "-----Oprindelig meddelelse-----",
    "no": "-----Opprinnelig melding-----",
    "fi": "-----Alkuperäinen viesti-----",
    "cs": "-----Původní zpráva-----",
    "ru": "-----Исходное сообщение-----",
    "uk": "-----Оригінальне повідомлення-----",
    "hu": "-----Eredeti üzenet-----",
    "ro": "-----Mesaj original-----",
    "tr": "-----Orijinal Mesaj-----",
    "el": "-----Αρχικό μήνυμα-----",
    "ja": "-----元のメッセージ-----",
    "zh": "-----原始邮件-----",
    "ko": "-----원본 메시지-----",
    "bold": "*-------- Original Message --------*",
    "forward": "---------- Forwarded message ---------",
}

FOOTERS = {
    "en": "Sent from my iPhone",
    "en-android": "Sent from my Galaxy",
    "en-program": "Sent with Proton Mail secure email.",
    "en-outlook": "Get Outlook for iOS<https://aka.ms/example>",
    "de": "Von meinem iPhone gesendet",
    "de-k9": "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "fr": "Envoyé de mon iPhone",
    "fr-depuis": "Envoyé depuis mon téléphone Samsung",
    "es": "Enviado desde mi iPhone",
    "it": "Inviato da iPhone",
    "nl": "Verstuurd vanaf mijn iPhone",
    "pt": "Enviado do meu iPhone",
    "pl": "Wysłane z iPhone'a",
    "sv": "Skickat från min iPhone",
    "da": "Sendt fra min iPhone",
    "no": "Sendt fra min iPad",
    "fi": "Lähetetty iPhonesta",
    "cs": "Odesláno z iPhonu",
    "ru": "Отправлено с iPhone",
    "uk": "Надіслано з iPhone",
    "hu": "Elküldve az iPhone-omról",
    "ro": "Trimis de pe iPhone-ul meu",
    "tr": "iPhone'umdan gönderildi",
    "el": "Στάλθηκε από το iPhone μου",
    "ja": "iPhoneから送信",
    "zh": "发自我的 iPhone",
    "zh-tw": "從我的 iPhone 傳送",
    "ko": "나의 iPhone에서 보냄",
}


def block(labels: tuple[str, str, str, str], bold: bool = False) -> str:
    """Header lines as Outlook writes them."""
    values = (WHO, "4.1.2027 10:00", _TO, "Re: Benches")
    star = "*" if bold else ""
    return "\n".join(f"{star}{label}:{star} {value}" for label, value in zip(labels, values, strict=True))


def quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
