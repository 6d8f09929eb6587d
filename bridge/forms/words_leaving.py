"""The words of the pages on which somebody ends the mailings to them, in every language of the pages."""

from __future__ import annotations

from collections.abc import Mapping

LEAVING: Mapping[str, Mapping[str, str]] = {
    "en": {
        "leave.title": "Stop messages to several people?",
        "leave.what": "About “{title}” we sometimes send the same message to several people. You then no "
        "longer get such messages.",
        "leave.stays.mail": "Our replies to what you wrote to us still reach you by e-mail.",
        "leave.stays.page": "Our replies to what you wrote to us still appear on the page of your "
        "submission.",
        "leave.stays.unconfirmed": "Our replies to what you wrote to us still appear on the page of your "
        "submission.",
        "leave.stays.none": "You can write to us again at any time.",
        "leave.button": "Stop these messages",
        "leave.done.title": "You get no more messages to several people",
        "leave.done.text": "This holds for “{title}”. A message that is on its way at this moment may still "
        "reach you.",
        "leave.gone.title": "This link stops no messages",
        "leave.gone.text": "It is incomplete, or nothing of you is stored here any more. Copy the whole link "
        "from the end of the e-mail.",
    },
    "de": {
        "leave.title": "Nachrichten an mehrere abbestellen?",
        "leave.what": "Zu „{title}“ schicken wir manchmal dieselbe Nachricht an mehrere Personen. Solche "
        "Nachrichten bekommen Sie dann nicht mehr.",
        "leave.stays.mail": "Unsere Antworten auf das, was Sie uns geschrieben haben, erreichen Sie "
        "weiterhin per E-Mail.",
        "leave.stays.page": "Unsere Antworten auf das, was Sie uns geschrieben haben, stehen weiterhin auf "
        "der Seite Ihrer Einsendung.",
        "leave.stays.unconfirmed": "Unsere Antworten auf das, was Sie uns geschrieben haben, stehen "
        "weiterhin auf der Seite Ihrer Einsendung.",
        "leave.stays.none": "Sie können uns jederzeit wieder schreiben.",
        "leave.button": "Diese Nachrichten abbestellen",
        "leave.done.title": "Sie bekommen keine Nachrichten an mehrere mehr",
        "leave.done.text": "Das gilt für „{title}“. Eine Nachricht, die gerade unterwegs ist, kann Sie noch "
        "erreichen.",
        "leave.gone.title": "Dieser Link bestellt nichts ab",
        "leave.gone.text": "Er ist unvollständig, oder hier ist nichts mehr über Sie gespeichert. Kopieren "
        "Sie den ganzen Link vom Ende der E-Mail.",
    },
    "fr": {
        "leave.title": "Ne plus recevoir les messages à plusieurs ?",
        "leave.what": "Au sujet de « {title} », nous envoyons parfois le même message à plusieurs personnes. "
        "Vous ne recevrez plus de tels messages.",
        "leave.stays.mail": "Nos réponses à ce que vous nous avez écrit vous parviennent toujours par "
        "e-mail.",
        "leave.stays.page": "Nos réponses à ce que vous nous avez écrit figurent toujours sur la page de "
        "votre envoi.",
        "leave.stays.unconfirmed": "Nos réponses à ce que vous nous avez écrit figurent toujours sur la page "
        "de votre envoi.",
        "leave.stays.none": "Vous pouvez nous écrire de nouveau à tout moment.",
        "leave.button": "Ne plus recevoir ces messages",
        "leave.done.title": "Vous ne recevez plus de messages à plusieurs",
        "leave.done.text": "Cela vaut pour « {title} ». Un message qui est en route en ce moment peut encore "
        "vous parvenir.",
        "leave.gone.title": "Ce lien n’arrête aucun message",
        "leave.gone.text": "Il est incomplet, ou rien n’est plus conservé ici à votre sujet. Copiez le lien "
        "entier à la fin de l’e-mail.",
    },
    "ar": {
        "leave.title": "هل تريدون إيقاف الرسائل الموجّهة إلى عدة أشخاص؟",
        "leave.what": "نرسل أحيانًا بشأن «{title}» الرسالة نفسها إلى عدة أشخاص. لن تصلكم بعد ذلك مثل هذه "
        "الرسائل.",
        "leave.stays.mail": "تصلكم إجاباتنا عمّا كتبتموه إلينا بالبريد الإلكتروني كما كانت.",
        "leave.stays.page": "تظهر إجاباتنا عمّا كتبتموه إلينا على صفحة مشاركتكم كما كانت.",
        "leave.stays.unconfirmed": "تبقى إجاباتنا عمّا كتبتموه إلينا ظاهرة على صفحة مشاركتكم.",
        "leave.stays.none": "يمكنكم أن تكتبوا إلينا من جديد في أي وقت.",
        "leave.button": "إيقاف هذه الرسائل",
        "leave.done.title": "لن تصلكم بعد الآن رسائل موجّهة إلى عدة أشخاص",
        "leave.done.text": "يسري ذلك على «{title}». وقد تصلكم رسالة هي الآن في طريقها إليكم.",
        "leave.gone.title": "لا يوقف هذا الرابط أي رسائل",
        "leave.gone.text": "الرابط ناقص، أو لم يعد محفوظًا هنا شيء عنكم. انسخوا الرابط كاملًا من آخر الرسالة.",
    },
}
