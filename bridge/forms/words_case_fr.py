"""The words of a submission's own page, of its confirmation and of its downloads, in French."""

from __future__ import annotations

from collections.abc import Mapping

FRENCH: Mapping[str, str] = {
    # the confirmation
    "case.sent.title": "Vos réponses ont été envoyées",
    "case.sent.reference": "Votre référence",
    "case.sent.next": "La suite",
    "case.sent.next.text": "Les personnes chargées du sujet lisent vos réponses. Leur réponse, et tout ce "
    "qui se passe ensuite, se trouve sur la page de votre envoi.",
    "case.sent.page": "La page de votre envoi",
    "case.sent.page.text": "Vous y voyez ce que devient votre envoi, vous pouvez nous écrire de nouveau et "
    "obtenir vos données. Aucun compte n’est nécessaire : l’adresse de la page est la clé. Gardez-la et ne "
    "la montrez à personne d’autre.",
    "case.sent.page.open": "Ouvrir la page de votre envoi",
    "case.sent.page.code": "L’adresse sous forme de code pour l’appareil photo d’un téléphone",
    "case.sent.more": "Autres formulaires ouverts",
    "case.copy.title": "Votre copie",
    "case.copy.pdf": "Télécharger une copie de vos réponses (PDF)",
    "case.copy.receipt": "Télécharger le récépissé (JSON)",
    "case.copy.digest": "SHA-256 du récépissé",
    "case.copy.digest.why": "Avec ce nombre, la personne qui détient le récépissé peut montrer ce qui a "
    "été envoyé et que rien n’a changé depuis.",
    # the e-mail address
    "case.mail.title": "Confirmez votre adresse électronique",
    "case.mail.sent": "Nous avons envoyé un courriel à {address}. Ouvrez-le, suivez son lien et choisissez "
    "« {button} ».",
    "case.mail.sent.none": "Rien reçu ? Regardez dans le dossier des courriels indésirables, ou faites "
    "envoyer le courriel encore une fois.",
    "case.mail.soon": "Nous envoyons un courriel à {address}. Ouvrez-le, suivez son lien et choisissez « "
    "{button} ».",
    "case.mail.waiting": "Un courriel de notre part est déjà parti aujourd’hui à {address}. Le prochain "
    "partira le {moment} : ouvrez-le, suivez son lien et choisissez « {button} ».",
    "case.mail.failed": "Notre courriel à {address} n’a pas pu être remis. Les réponses se trouvent sur la "
    "page de votre envoi.",
    "case.mail.before": "Personne ne lit votre envoi avant cela.",
    "case.mail.after": "D’ici là, rien n’en est envoyé par courriel. Les réponses se trouvent sur la page "
    "de votre envoi.",
    "case.mail.remind": "Envoyer le courriel encore une fois",
    # the confirmation of an address
    "case.confirm.title": "Confirmez votre adresse électronique",
    "case.confirm.what": "Le formulaire « {title} » a été envoyé le {moment}. L’adresse {address} y est "
    "indiquée.",
    "case.confirm.yours": "Était-ce vous ? Alors confirmez-le. Les réponses iront désormais à cette adresse.",
    "case.confirm.button": "Confirmer",
    "case.confirm.not_you": "Était-ce quelqu’un d’autre ? Alors ne faites rien et fermez cette page.",
    "case.confirm.done.title": "Cette adresse est déjà confirmée",
    "case.confirm.done.text": "Vous n’avez plus rien à faire. Le lien du courriel n’est plus nécessaire.",
    "case.confirm.gone.title": "Ce lien ne confirme plus rien",
    "case.confirm.gone.text": "Il est trop ancien ou incomplet. Copiez le lien entier du courriel, ou "
    "ouvrez la page de votre envoi et faites envoyer le courriel encore une fois.",
    # the page
    "case.title": "Votre envoi {reference}",
    "case.state": "État",
    "case.sent_on": "Envoyé le {moment}",
    "case.gone.title": "Il n’y a pas d’envoi ici",
    "case.gone.text": "L’adresse est incomplète, ou la page a reçu une nouvelle adresse, ou ce qu’elle "
    "montrait a été effacé. Les courriels au sujet de votre envoi contiennent son adresse.",
    "case.state.unconfirmed": "En attente de vous",
    "case.state.unconfirmed.text": "Confirmez d’abord votre adresse électronique. Personne ne lit votre "
    "envoi avant cela.",
    "case.state.held": "Examiné d’abord",
    "case.state.held.text": "Une personne de notre équipe regarde votre envoi avant qu’il parvienne aux "
    "personnes chargées du sujet. Vous n’avez rien à faire.",
    "case.state.received": "Reçu",
    "case.state.received.text": "Votre envoi est chez nous, en route vers les personnes chargées du sujet.",
    "case.state.refused": "Non retenu",
    "case.state.refused.text": "Notre équipe a décidé de ne pas donner suite à cet envoi.",
    "case.state.open": "En cours de traitement",
    "case.state.open.text": "Les personnes chargées du sujet ont votre envoi. Leur réponse se trouvera ici.",
    "case.state.answered": "Réponse envoyée",
    "case.state.answered.text": "La réponse se trouve ci-dessous. Vous pouvez écrire de nouveau.",
    "case.state.closed": "Clos",
    "case.state.closed.text": "Notre équipe a clos ce dossier. Vous pouvez toujours nous écrire ici.",
    "case.state.withdrawn": "Retiré par vous",
    "case.state.withdrawn.text": "Vous avez retiré votre envoi : plus personne n’y travaille.",
    "case.state.forgotten": "Effacé",
    "case.state.forgotten.text": "Ce que vous nous aviez envoyé est effacé.",
    # what happened
    "case.log.title": "Ce qui s’est passé",
    "case.log.you": "Vous",
    "case.log.staff": "Équipe",
    "case.log.of": "{who}, {organisation}",
    "case.log.changed": "Vous avez modifié une réponse",
    "case.log.waiting": "en route",
    "case.log.files": "Fichiers",
    "case.log.file": "{name} ({size})",
    "case.log.download": "Télécharger {name} ({size})",
    "case.log.none": "Non renseigné",
    # what happened of itself or by a button
    "step_received": "Votre envoi est arrivé",
    "step_confirmed": "Vous avez confirmé votre adresse électronique",
    "step_by_mail": "Vous avez choisi de recevoir les réponses aussi par courriel",
    "step_by_page": "Vous avez choisi de recevoir les réponses sur cette page uniquement",
    "step_withdrawn": "Vous avez retiré votre envoi",
    "step_erase": "Vous avez demandé que tout soit effacé",
    "step_reopened": "Votre envoi est de nouveau en cours de traitement",
    # writing
    "case.write.title": "Écrivez-nous",
    "case.write.label": "Votre message",
    "case.write.hint": "Vous pouvez écrire jusqu’à {max} caractères.",
    "case.write.files": "Fichiers",
    "case.write.files.hint": "Jusqu’à {number} fichiers de {mb} Mo au plus chacun : {types}.",
    "case.write.send": "Envoyer le message",
    "case.write.missing": "Écrivez un message ou choisissez un fichier",
    "case.write.long": "Le message doit compter {max} caractères au plus. Vous en avez écrit {number}.",
    # choices
    "case.choice.title": "Modifier quelque chose",
    "case.choice.answers": "Vos réponses",
    "case.choice.answers.text": "Vous pouvez les modifier tant que le formulaire est ouvert. L’équipe voit "
    "ce que vous avez modifié.",
    "case.choice.answers.show": "Afficher vos réponses",
    "case.choice.answers.button": "Modifier vos réponses",
    "case.choice.answers.closed": "Le formulaire est fermé. Écrivez-nous si une réponse doit changer.",
    "case.choice.reach": "Comment les réponses vous parviennent",
    "case.choice.reach.mail": "Par courriel à {address}, et sur cette page.",
    "case.choice.reach.page": "Sur cette page uniquement.",
    "case.choice.reach.unconfirmed": "Sur cette page. Par courriel à {address} dès que vous aurez confirmé "
    "l’adresse.",
    "case.choice.by_page": "Désormais sur cette page uniquement",
    "case.choice.by_mail": "Désormais aussi par courriel",
    "case.choice.language": "Votre langue",
    "case.choice.language.text": "Nos courriels et cette page s’adressent à vous dans cette langue.",
    "case.choice.language.button": "Enregistrer la langue",
    "case.choice.address": "Une nouvelle adresse pour cette page",
    "case.choice.address.text": "Quelqu’un d’autre a vu l’adresse de cette page ? Donnez-lui-en une "
    "nouvelle.",
    "case.choice.address.button": "Créer une nouvelle adresse",
    "case.data.title": "Vos données",
    "case.data.html": "Tout, à lire (HTML)",
    "case.data.json": "Tout, pour les programmes (JSON)",
    "case.data.withdraw": "Retirer l’envoi",
    "case.data.erase": "Faire tout effacer",
    # pages in between
    "case.ask.withdraw": "Voulez-vous retirer votre envoi ?",
    "case.ask.withdraw.text": "Plus personne n’y travaillera alors. L’équipe voit que vous l’avez retiré ; "
    "ce qu’elle a déjà lu reste lisible pour elle. Vous gardez cette page.",
    "case.ask.withdraw.button": "Retirer l’envoi",
    "case.ask.erase": "Voulez-vous faire tout effacer ?",
    "case.ask.erase.goes": "Ce qui disparaît",
    "case.ask.erase.goes.text": "Votre nom, votre adresse, vos réponses, vos messages et vos fichiers, nos "
    "réponses et cette page. Vos mots sont retirés des salons où l’équipe les a lus.",
    "case.ask.erase.stays": "Ce qui reste",
    "case.ask.erase.stays.text": "Les organismes qui travaillent ensemble sur ce sujet ont lu vos mots sur "
    "leurs propres appareils. Nous ne pouvons pas reprendre ce qui y a été copié ou noté. La référence "
    "reste comme numéro, afin de ne pas être attribuée deux fois.",
    "case.ask.erase.how": "La suite",
    "case.ask.erase.how.text": "Notre équipe examine votre demande et décide. Vous lirez sur cette page ce "
    "qui a été décidé et pourquoi, au plus tard dans un mois. Une fois tout effacé, cette page n’existe "
    "plus : téléchargez vos données avant, si vous voulez les garder.",
    "case.ask.erase.how.now": "Personne n’a encore travaillé sur votre envoi. Tout est effacé aussitôt, et "
    "cette page n’existe plus : téléchargez vos données avant, si vous voulez les garder.",
    "case.ask.erase.button": "Demander que tout soit effacé",
    "case.ask.erase.button.now": "Tout effacer maintenant",
    "case.ask.address": "Voulez-vous donner une nouvelle adresse à cette page ?",
    "case.ask.address.text": "L’ancienne adresse n’ouvrira plus rien, ni pour vous ni pour personne, et "
    "les liens des courriels précédents ne mèneront plus ici. Vous verrez aussitôt la nouvelle adresse : "
    "gardez-la.",
    "case.ask.address.button": "Créer une nouvelle adresse",
    # what was done
    "case.done.title": "C’est fait",
    "case.done.write": "Votre message a été envoyé. Il se trouve ci-dessous.",
    "case.done.change": "Vos modifications ont été envoyées.",
    "case.done.language": "Votre langue a été enregistrée.",
    "case.done.by_mail": "Les réponses vous parviennent désormais aussi par courriel. Si votre adresse "
    "n’est pas encore confirmée, nous vous envoyons d’abord un courriel pour cela.",
    "case.done.by_page": "Les réponses se trouvent désormais sur cette page uniquement.",
    "case.done.remind": "Nous envoyons le courriel encore une fois, un par jour au plus.",
    "case.done.confirm": "Votre adresse électronique est confirmée. Merci.",
    "case.done.withdraw": "Votre envoi est retiré.",
    "case.done.erase": "Vous avez demandé que tout soit effacé. L’équipe décide et répond sur cette page.",
    "case.done.erase.now": "Votre envoi est en cours d’effacement, et cette page avec lui.",
    "case.done.revoke": "Cette page a une nouvelle adresse. Gardez-la : l’ancienne n’ouvre plus rien.",
    "case.done.soon": "Il faut parfois une minute pour que le reste de cette page l’affiche.",
    "case.late.title": "Cette page était ouverte depuis plus d’un jour",
    "case.late.text": "Rien n’a été envoyé. Choisissez de nouveau ce que vous voulez faire : ce que vous "
    "avez écrit est toujours là.",
    "case.retry.title": "Rien n’a encore été envoyé",
    "case.retry.text": "Nous n’avons pas pu l’enregistrer à cet instant. Attendez une minute, puis "
    "choisissez de nouveau la même chose. Rien ne peut arriver deux fois.",
    # the download to read
    "case.whole.title": "Tout sur votre envoi {reference}",
    "case.whole.made": "Au {moment}",
}
