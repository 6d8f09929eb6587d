"""The mails in which the bridge itself speaks to citizens, in every language of their pages.

ack        a message or form has arrived, in words that nobody else chose
ack_copy   the same, with a copy of what was sent, to an address that is known to be theirs
confirm    asks whoever reads it to confirm the address; it may be anybody's
resume     leads back to a form that was saved; it may be anybody's
"""

from __future__ import annotations

from typing import Final

LETTERS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "ack_subject": "We have received your message ({reference})",
        "ack_body": "Thank you. Your message about “{title}” has arrived. Its reference is {reference}.\n\n"
        "People of the public bodies that work on this together read and answer it. To add something, reply "
        "to this mail.\n\n"
        "Privacy: your message and your address are used for this matter only. They are stored encrypted, "
        "and you may ask us at any time what is stored about you, or to delete it.\n\n"
        "If you did not write to us, somebody used your address; you need do nothing. This mail was sent "
        "automatically.",
        "ack_copy_subject": "We have received your answers ({reference})",
        "ack_copy_body": "Thank you. Your answers to the form “{title}” have arrived. Their reference is "
        "{reference}.\n\n"
        "This is the page of your submission. There you see what becomes of it, write to us and change what "
        "you chose. Its address is the key: keep it, and show it to nobody else.\n\n"
        "{page}\n\n"
        "To add something, you can also reply to this mail.\n\n"
        "What you sent:\n\n{copy}",
        "confirm_subject": "Confirm your e-mail address ({reference})",
        "confirm_body": "The form “{title}” was sent, and this address was given in it. Its reference is "
        "{reference}.\n\n"
        "Was it you? Then open this page and confirm the address there:\n\n"
        "{confirm}\n\n"
        "Until then nothing of what was written there is sent to this address.\n\n"
        "If it was not you, somebody used your address; you need do nothing. This mail was sent "
        "automatically.",
        "resume_subject": "Go on with a form",
        "resume_body": "You can go on with the form “{title}” here:\n\n"
        "{link}\n\n"
        "This link works once. Whoever has it can read what was filled in so far: show it to nobody else. "
        "What is not sent is deleted after {days} days.\n\n"
        "If you did not ask for this, somebody used your address; you need do nothing. This mail was sent "
        "automatically.",
    },
    "de": {
        "ack_subject": "Ihre Nachricht ist angekommen ({reference})",
        "ack_body": "Vielen Dank. Ihre Nachricht zu „{title}“ ist angekommen. Ihr Zeichen ist "
        "{reference}.\n\n"
        "Beschäftigte der Behörden, die daran gemeinsam arbeiten, lesen und beantworten sie. Wenn Sie etwas "
        "ergänzen möchten, antworten Sie auf diese E-Mail.\n\n"
        "Datenschutz: Ihre Nachricht und Ihre Adresse werden nur für diese Sache verwendet. Sie sind "
        "verschlüsselt gespeichert, und Sie können jederzeit fragen, was über Sie gespeichert ist, oder "
        "verlangen, dass es gelöscht wird.\n\n"
        "Wenn Sie uns nicht geschrieben haben, hat jemand Ihre Adresse benutzt; Sie brauchen nichts zu tun. "
        "Diese E-Mail wurde automatisch verschickt.",
        "ack_copy_subject": "Ihre Antworten sind angekommen ({reference})",
        "ack_copy_body": "Vielen Dank. Ihre Antworten im Formular „{title}“ sind angekommen. Ihr Zeichen "
        "ist {reference}.\n\n"
        "Dies ist die Seite zu Ihrer Einsendung. Dort sehen Sie, was daraus wird, schreiben uns und ändern, "
        "was Sie gewählt haben. Die Adresse der Seite ist der Schlüssel: Bewahren Sie sie auf, und zeigen "
        "Sie sie niemandem.\n\n"
        "{page}\n\n"
        "Wenn Sie etwas ergänzen möchten, können Sie auch auf diese E-Mail antworten.\n\n"
        "Das haben Sie abgeschickt:\n\n{copy}",
        "confirm_subject": "Bestätigen Sie Ihre E-Mail-Adresse ({reference})",
        "confirm_body": "Das Formular „{title}“ wurde abgeschickt, und darin wurde diese Adresse angegeben. "
        "Das Zeichen ist {reference}.\n\n"
        "Waren Sie das? Dann öffnen Sie diese Seite und bestätigen Sie die Adresse dort:\n\n"
        "{confirm}\n\n"
        "Bis dahin geht nichts von dem, was dort geschrieben wurde, an diese Adresse.\n\n"
        "Wenn Sie es nicht waren, hat jemand Ihre Adresse benutzt; Sie brauchen nichts zu tun. Diese E-Mail "
        "wurde automatisch verschickt.",
        "resume_subject": "Weiter mit einem Formular",
        "resume_body": "Hier können Sie mit dem Formular „{title}“ weitermachen:\n\n"
        "{link}\n\n"
        "Dieser Link gilt einmal. Wer ihn hat, kann lesen, was bisher ausgefüllt wurde: Zeigen Sie ihn "
        "niemandem. Was nicht abgeschickt wird, wird nach {days} Tagen gelöscht.\n\n"
        "Wenn Sie nicht darum gebeten haben, hat jemand Ihre Adresse benutzt; Sie brauchen nichts zu tun. "
        "Diese E-Mail wurde automatisch verschickt.",
    },
    "fr": {
        "ack_subject": "Nous avons reçu votre message ({reference})",
        "ack_body": "Merci. Votre message au sujet de « {title} » est arrivé. Sa référence est "
        "{reference}.\n\n"
        "Des agents des administrations qui y travaillent ensemble le lisent et y répondent. Pour ajouter "
        "quelque chose, répondez à cet e-mail.\n\n"
        "Vie privée : votre message et votre adresse ne servent qu'à cette affaire. Ils sont conservés "
        "chiffrés ; vous pouvez à tout moment demander ce qui est conservé à votre sujet, ou sa "
        "suppression.\n\n"
        "Si vous ne nous avez pas écrit, quelqu'un a utilisé votre adresse ; vous n'avez rien à faire. Cet "
        "e-mail a été envoyé automatiquement.",
        "ack_copy_subject": "Nous avons reçu vos réponses ({reference})",
        "ack_copy_body": "Merci. Vos réponses au formulaire « {title} » sont arrivées. Leur référence est "
        "{reference}.\n\n"
        "Voici la page de votre envoi. Vous y voyez ce qu'il devient, vous nous y écrivez et vous y changez "
        "vos choix. Son adresse est la clé : gardez-la, et ne la montrez à personne.\n\n"
        "{page}\n\n"
        "Pour ajouter quelque chose, vous pouvez aussi répondre à cet e-mail.\n\n"
        "Voici ce que vous avez envoyé :\n\n{copy}",
        "confirm_subject": "Confirmez votre adresse e-mail ({reference})",
        "confirm_body": "Le formulaire « {title} » a été envoyé, et cette adresse y a été donnée. Sa "
        "référence est {reference}.\n\n"
        "Était-ce vous ? Alors ouvrez cette page et confirmez-y l'adresse :\n\n"
        "{confirm}\n\n"
        "D'ici là, rien de ce qui y a été écrit n'est envoyé à cette adresse.\n\n"
        "Si ce n'était pas vous, quelqu'un a utilisé votre adresse ; vous n'avez rien à faire. Cet e-mail a "
        "été envoyé automatiquement.",
        "resume_subject": "Reprendre un formulaire",
        "resume_body": "Vous pouvez reprendre ici le formulaire « {title} » :\n\n"
        "{link}\n\n"
        "Ce lien sert une seule fois. Qui le possède peut lire ce qui a été rempli : ne le montrez à "
        "personne. Ce qui n'est pas envoyé est supprimé après {days} jours.\n\n"
        "Si vous ne l'avez pas demandé, quelqu'un a utilisé votre adresse ; vous n'avez rien à faire. Cet "
        "e-mail a été envoyé automatiquement.",
    },
    "ar": {
        "ack_subject": "وصلتنا رسالتكم ({reference})",
        "ack_body": "شكرًا لكم. وصلت رسالتكم بشأن «{title}». رقمها المرجعي هو {reference}.\n\n"
        "يقرؤها ويجيب عنها عاملون في الجهات العامة التي تعمل معًا على هذا الموضوع. إذا أردتم إضافة شيء "
        "فأجيبوا عن هذه الرسالة.\n\n"
        "الخصوصية: لا تُستخدم رسالتكم ولا عنوانكم إلا لهذا الموضوع. وهما محفوظان مشفَّرين، ويمكنكم في أي "
        "وقت أن تسألونا عمّا نحتفظ به عنكم أو أن تطلبوا محوه.\n\n"
        "إذا لم تكتبوا إلينا فقد استخدم شخص آخر عنوانكم، ولا يلزمكم فعل شيء. أُرسلت هذه الرسالة تلقائيًا.",
        "ack_copy_subject": "وصلتنا إجاباتكم ({reference})",
        "ack_copy_body": "شكرًا لكم. وصلت إجاباتكم في الاستمارة «{title}». رقمها المرجعي هو {reference}.\n\n"
        "هذه صفحة مشاركتكم. ترون فيها ما آلت إليه، ويمكنكم فيها أن تكتبوا إلينا وأن تغيّروا ما اخترتموه. "
        "عنوانها هو المفتاح: احتفظوا به ولا تُطلعوا عليه أحدًا.\n\n"
        "{page}\n\n"
        "إذا أردتم إضافة شيء فيمكنكم أيضًا أن تجيبوا عن هذه الرسالة.\n\n"
        "هذا ما أرسلتموه:\n\n{copy}",
        "confirm_subject": "أكّدوا عنوان بريدكم الإلكتروني ({reference})",
        "confirm_body": "أُرسلت الاستمارة «{title}» وذُكر فيها هذا العنوان. رقمها المرجعي هو {reference}.\n\n"
        "هل أنتم من أرسلها؟ افتحوا إذن هذه الصفحة وأكّدوا العنوان فيها:\n\n"
        "{confirm}\n\n"
        "لن يُرسل قبل ذلك إلى هذا العنوان شيء مما كُتب فيها.\n\n"
        "إذا لم تكونوا من أرسلها فقد استخدم شخص آخر عنوانكم، ولا يلزمكم فعل شيء. أُرسلت هذه الرسالة "
        "تلقائيًا.",
        "resume_subject": "متابعة استمارة",
        "resume_body": "يمكنكم أن تتابعوا هنا ملء الاستمارة «{title}»:\n\n"
        "{link}\n\n"
        "يعمل هذا الرابط مرة واحدة. ومن يملكه يستطيع أن يقرأ ما مُلئ حتى الآن، فلا تُطلعوا عليه أحدًا. عدد "
        "الأيام التي يُمحى بعدها ما لم يُرسل: {days}.\n\n"
        "إذا لم تطلبوا ذلك فقد استخدم شخص آخر عنوانكم، ولا يلزمكم فعل شيء. أُرسلت هذه الرسالة تلقائيًا.",
    },
}
