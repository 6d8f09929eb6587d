"""The pages' words in French."""

from __future__ import annotations

from collections.abc import Mapping

FRENCH: Mapping[str, str] = {
    # frame
    "skip": "Aller au contenu principal",
    "languages": "Langues",
    "footer": "Ce service est géré par {organisation}.",
    "optional": "(facultatif)",
    "error.prefix": "Erreur : ",
    "error.hidden": "Erreur :",
    "summary.title": "Il y a un problème",
    # list
    "list.title": "Donnez votre avis",
    "list.none": "Aucun formulaire n’est ouvert en ce moment.",
    "list.intro": "Ces formulaires sont ouverts. Vous n’avez pas besoin de compte.",
    # questions
    "continue": "Continuer",
    "notice.title": "Ce que nous faisons de vos réponses",
    "text.limit": "Vous pouvez écrire jusqu’à {number} caractères.",
    "date.day": "Jour",
    "date.month": "Mois",
    "date.year": "Année",
    "date.hint": "Par exemple, 27 3 2027",
    "choices.hint": "Cochez tout ce qui convient.",
    "files.hint.one": "Un fichier de {mb} Mo au plus : {types}.",
    "files.hint.other": "Jusqu’à {number} fichiers de {mb} Mo au plus chacun : {types}.",
    "files.kept": "Ajouté : {name}",
    "files.remove": "Retirer {name}",
    "files.add": "Ajouter un autre fichier",
    "files.replace": "Choisir un fichier qui le remplace",
    "size.kilobytes": "{number}\u00a0ko",
    "size.megabytes": "{number}\u00a0Mo",
    "show.in": "Afficher cette page dans une autre langue. Vos réponses sont conservées.",
    # check
    "check.title": "Vérifiez vos réponses",
    "check.lead": "Rien n’a encore été envoyé.",
    "check.change": "Modifier",
    "check.change.of": "Modifier : {label}",
    "check.none": "Non renseigné",
    "check.yes": "Oui",
    "check.send": "Envoyer vos réponses",
    "check.mail": "Nous confirmerons par courriel et répondrons à {address}.",
    "check.no_mail": "Vous n’avez pas indiqué d’adresse électronique : nous ne pourrons pas vous répondre.",
    # sent
    "sent.title": "Vos réponses ont été envoyées",
    "sent.reference": "Votre référence",
    "sent.keep": "Notez la référence ou gardez l’adresse de cette page. Elle ne montre rien de ce que vous "
    "avez écrit.",
    "sent.next": "La suite",
    "sent.mail": "Nous vous envoyons un courriel de confirmation. Vous pouvez y répondre, par exemple pour "
    "ajouter quelque chose.",
    "sent.no_mail": "Vous n’avez pas indiqué d’adresse électronique : nous ne pourrons pas vous répondre. "
    "Vos réponses parviennent aux personnes chargées du sujet.",
    "sent.contact": "Contact",
    "sent.more": "Autres formulaires ouverts",
    # states and faults
    "retry.prefix": "Pas encore envoyé : ",
    "retry.title": "Vos réponses n’ont pas encore été envoyées",
    "retry.text": "Nous n’avons pas pu les enregistrer pour le moment. Elles sont encore sur cette page : "
    "attendez une minute, puis choisissez à nouveau « {button} ». Elles ne peuvent pas arriver deux fois.",
    "expired.title": "Cette page est restée ouverte plus d’un jour",
    "expired.text": "Rien n’a été envoyé. Vos réponses sont encore ci-dessous : vérifiez-les et choisissez "
    "« {button} ». Les fichiers sont à choisir à nouveau.",
    "gone.title": "Page introuvable",
    "gone.text": "Il n’y a pas de formulaire ici, ou il n’est plus ouvert.",
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
    "busy.title": "Trop de personnes envoient des fichiers en ce moment",
    "busy.text": "Rien n’a été envoyé. Attendez une minute, puis revenez en arrière et réessayez.",
    "fault.title": "Ce service a un problème",
    "fault.text": "Rien de plus n’a été envoyé. Attendez quelques minutes, puis revenez en arrière et "
    "réessayez.",
}
