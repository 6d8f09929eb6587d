"""The pages' words in French."""

from __future__ import annotations

from collections.abc import Mapping

FRENCH: Mapping[str, str] = {
    # frame
    "skip": "Aller au contenu principal",
    "languages": "Langues",
    "back": "Retour",
    "footer": "Ce service est géré par {organisation}.",
    "help.title": "Des questions sur ce formulaire ?",
    "optional": "(facultatif)",
    "error.prefix": "Erreur : ",
    "error.hidden": "Erreur :",
    "summary.title": "Il y a un problème",
    # list and start page
    "list.title": "Donnez votre avis",
    "list.none": "Aucun formulaire n’est ouvert en ce moment.",
    "list.intro": "Ces formulaires sont ouverts. Vous n’avez pas besoin de compte.",
    "start.minutes.one": "Cela prend environ une minute.",
    "start.minutes.other": "Cela prend environ {number} minutes.",
    "start.until": "Ouvert jusqu’au {date}",
    "start.account": "Vous n’avez pas besoin de compte.",
    "start.save": "Vous pouvez enregistrer vos réponses et revenir dans les {days} jours.",
    "start.needed": "Ayez ceci sous la main si possible",
    "start.anonymous.required": "Vous répondez sans dire qui vous êtes.",
    "start.anonymous.allowed": "Vous n’êtes pas obligé de dire qui vous êtes.",
    "start.button": "Commencer",
    "start.return": "Reprendre un formulaire enregistré",
    "start.expired.title": "Cette page est restée ouverte plus d’un jour",
    "start.expired.text": "Rien n’est perdu. Choisissez à nouveau « {button} ».",
    "notice.title": "Ce que nous faisons de vos réponses",
    # forms that take no answers
    "shut.early.title": "Ce formulaire n’est pas encore ouvert",
    "shut.early.text": "Il ouvre le {date}.",
    "shut.closed.title": "Ce formulaire est fermé",
    "shut.closed.text": "On pouvait y répondre jusqu’au {date}.",
    "shut.full.title": "Ce formulaire n’accepte plus de réponses",
    "shut.full.text": "Le nombre de réponses prévu est atteint.",
    "shut.nothing": "Si vous aviez commencé à répondre : rien n’a été envoyé.",
    # questions
    "continue": "Continuer",
    "text.limit": "Vous pouvez écrire jusqu’à {number} caractères.",
    "date.day": "Jour",
    "date.month": "Mois",
    "date.year": "Année",
    "date.hint": "Par exemple, 27 3 2027",
    "address.street": "Numéro et rue",
    "address.extra": "Complément, par exemple appartement (facultatif)",
    "address.postcode": "Code postal",
    "address.town": "Ville",
    "choices.hint": "Cochez tout ce qui convient.",
    "choices.most.one": "Cochez une réponse.",
    "choices.most.other": "Cochez jusqu’à {number} réponses.",
    "choices.or": "ou",
    "select.none": "Choisir une réponse",
    "ranking.hint": "Donnez à chacun sa place, de 1 (en premier) à {number} (en dernier). Chaque place ne "
    "sert qu’une fois.",
    "ranking.none": "Pas encore de place",
    "agreement.box": "Oui, je suis d’accord",
    "files.hint.one": "Un fichier de {mb} Mo au plus : {types}.",
    "files.hint.other": "Jusqu’à {number} fichiers de {mb} Mo au plus chacun : {types}.",
    "files.remove.short": "Retirer",
    "files.remove": "Retirer {name}",
    "files.kept": "Ajouté : {name}",
    "size.kilobytes": "{number}\u00a0ko",
    "size.megabytes": "{number}\u00a0Mo",
    "files.add": "Ajouter et en choisir un autre",
    "files.replace": "Un nouveau fichier remplace celui-ci.",
    # check
    "check.title": "Vérifiez vos réponses",
    "check.lead": "Rien n’a encore été envoyé.",
    "check.lead.change": "Rien n’a encore été modifié. Modifiez ce que vous voulez, puis envoyez vos "
    "modifications.",
    "check.change": "Modifier",
    "check.none": "Non renseigné",
    "check.yes": "Oui",
    "check.send": "Envoyer vos réponses",
    "check.send.change": "Envoyer vos modifications",
    "check.mail.before": "Nous envoyons un courriel à {address}. Ouvrez-le et confirmez votre adresse : "
    "avant cela, personne ne lit vos réponses.",
    "check.mail.after": "Nous envoyons un courriel à {address}, avec lequel vous confirmez votre adresse. "
    "Notre réponse y arrive ensuite.",
    "check.mail.none": "Notre réponse arrive à {address}.",
    "check.no_mail": "Vous n’avez pas indiqué d’adresse électronique. Notre réponse figurera sur une page "
    "dont vous recevrez l’adresse juste après.",
    "trap": "Laissez ce champ vide",
    "unchanged.title": "Vous n’avez rien modifié",
    "unchanged.text": "Rien n’a été envoyé. Modifiez une réponse, puis choisissez « {button} ».",
    "retry.prefix": "Pas encore envoyé : ",
    "retry.title": "Vos réponses n’ont pas encore été envoyées",
    "retry.text": "Nous n’avons pas pu les enregistrer pour le moment. Elles sont conservées : attendez une "
    "minute, puis choisissez à nouveau « {button} ». Elles ne peuvent pas arriver deux fois.",
    # save and come back
    "save.button": "Enregistrer et revenir plus tard",
    "save.title": "Enregistrer et revenir plus tard",
    "save.lead": "Nous conservons vos réponses pendant {days} jours.",
    "save.how": "Vous recevez un code. Il vous permet de continuer, sur cet appareil ou sur un autre, sans "
    "nom ni mot de passe.",
    "save.make": "Obtenir un code",
    "saved.title": "Vos réponses sont enregistrées",
    "saved.code": "Votre code",
    "saved.keep": "Notez le code ou imprimez cette page. Il est valable jusqu’au {date}. Qui le possède "
    "peut lire vos réponses : ne le montrez à personne.",
    "saved.how": "Comment revenir",
    "saved.address": "Ouvrez cette adresse et saisissez le code :",
    "saved.qr": "Ou visez cette image avec l’appareil photo d’un téléphone.",
    "saved.qr.alt": "Code QR de l’adresse qui ouvre vos réponses",
    "saved.once": "Le code ouvre vos réponses une seule fois. Si vous vous arrêtez à nouveau, enregistrez "
    "encore : vous en recevrez un nouveau.",
    "saved.mail": "Recevoir le lien par courriel",
    "saved.mail.label": "Votre adresse électronique",
    "saved.mail.hint": "Nous ne l’utilisons que pour ce courriel.",
    "saved.mail.button": "Envoyer le lien",
    "saved.mailed.title": "Nous envoyons le lien",
    "saved.mailed.text": "Il arrive dans quelques minutes, ou demain : une adresse reçoit au plus un "
    "courriel par jour. Gardez aussi le code.",
    "saved.onwards": "Continuer à répondre maintenant",
    "return.title": "Reprendre votre formulaire",
    "return.label": "Quel est le code de votre formulaire enregistré ?",
    "return.hint": "Il a {number} lettres et chiffres. Majuscules, espaces et tirets n’ont pas d’importance.",
    "return.missing": "Saisissez le code de votre formulaire enregistré",
    "return.wrong": "Vérifiez le code : il n’ouvre aucun formulaire enregistré. Il a peut-être déjà servi "
    "ou a plus de {days} jours",
    "return.lead": "Vos réponses sont conservées ici. Choisissez le bouton pour les voir et continuer.",
    "return.once": "Le lien les ouvre une seule fois. Si vous vous arrêtez à nouveau, enregistrez encore : "
    "vous en recevrez un nouveau.",
    "return.button": "Reprendre",
    "return.new": "Recommencer le formulaire",
    # faults
    "expired.title": "Ces réponses ne sont plus ici",
    "expired.text": "Rien n’en a été envoyé depuis cette page. Les réponses auxquelles personne ne touche "
    "pendant un jour sont supprimées. Si vous les avez enregistrées, reprenez avec votre code ou lien le "
    "plus récent ; sinon, recommencez le formulaire.",
    "gone.title": "Page introuvable",
    "gone.text": "Il n’y a rien à cette adresse. Vérifiez qu’elle est complète, ou regardez parmi les "
    "formulaires ouverts.",
    "gone.home": "Voir les formulaires ouverts",
    "foreign.title": "Cette page a été envoyée depuis un autre site",
    "foreign.text": "Rien n’a été envoyé. Ouvrez le formulaire ici et remplissez-le à nouveau.",
    "large.title": "C’est trop pour un seul envoi",
    "large.text": "Rien n’a été envoyé. Tous les fichiers ensemble peuvent faire {mb} Mo. Revenez en "
    "arrière et choisissez des fichiers plus petits ou moins nombreux.",
    "slow.title": "La connexion était trop lente",
    "slow.text": "Rien n’a été envoyé. Revenez en arrière et réessayez, peut-être avec des fichiers plus "
    "petits.",
    "strange.title": "Nous n’avons pas pu lire cet envoi",
    "strange.text": "Rien n’a été envoyé. Revenez en arrière et réessayez.",
    "often.title": "Trop de demandes viennent de votre réseau",
    "often.text": "Rien n’a été envoyé. Attendez dix minutes, puis réessayez.",
    "busy.title": "Le service est saturé en ce moment",
    "busy.text": "Rien n’a été envoyé. Ce que vous avez répondu sur les pages précédentes est conservé. "
    "Attendez une minute, puis revenez en arrière et réessayez.",
    "fault.title": "Ce service a un problème",
    "fault.text": "Rien de plus n’a été envoyé. Attendez quelques minutes, puis revenez en arrière et "
    "réessayez.",
}
