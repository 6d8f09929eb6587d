"""What the bridge says to staff about mailings, in French."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # the question
    "mailing_place": "Écrivez « !mail » dans le salon, hors des fils.",
    "mailing_usage": "Rien n'a été gardé. Écrivez « !mail », puis des références séparées par des espaces, "
    "ou « open » (dossiers ouverts ou répondus), ou « all » (tous) ; le texte se trouve aux lignes "
    "suivantes. Par exemple :\n"
    "!mail PARK-7F3K-9Q PARK-2M8T-4C\n"
    "La réunion a lieu mardi à sept heures.",
    "mailing_empty": "Rien n'a été gardé : il n'y a pas de texte. Il se trouve aux lignes sous « !mail ».",
    "mailing_disagree": "Rien n'a été gardé : le texte simple et le texte mis en forme du message ne disent "
    "pas la même chose. Écrivez-le de nouveau.",
    "mailing_unknown": "Rien n'a été gardé. Ce dossier n'existe pas dans cette consultation : {references}",
    "mailing_no_link": "Rien n'a été gardé. Un courriel à plusieurs personnes doit porter un lien pour ne "
    "plus en recevoir, et il y faut des pages servies en https. Dites-le aux opérateurs (web.public_url).",
    "mailing_nobody": "Rien n'a été gardé : il n'y a personne à qui l'envoyer.",
    "mailing_ask": "Ceci irait à {count}, à chaque personne seule :",
    "mailing_by_mail": "– par courriel : {count}",
    "mailing_by_page": "– sur leur page seulement : {count}",
    "mailing_left": "– pas : {count}, parce que {why} ({references})",
    "left_locked": "l'expéditeur n'est pas vérifié",
    "left_discarded": "le dossier a été écarté",
    "left_joined": "les mots ont été mis dans un autre dossier",
    "left_unsubscribed": "la personne ne veut pas de messages à plusieurs",
    "left_bounced": "des courriels à cette adresse sont revenus",
    "left_unreached": "il n'y a aucun moyen de joindre la personne",
    "left_same": "la même adresse le reçoit dans un autre dossier",
    "mailing_begins": "Début du texte : « {excerpt} »",
    "mailing_how": "Rien n'est encore parti. Pour l'envoyer, écrivez : !mail {code} yes\n"
    "Pour l'abandonner : !mail {code} no\n"
    "Le code vaut un jour, et une fois.",
    # the answer
    "mailing_code": "Rien n'a été fait : il n'y a pas de message avec le code {code} dans ce salon, ou il a "
    "plus d'un jour.",
    "mailing_waits": "Rien n'a été fait : le message {code} n'est pas parti. « !mail {code} no » "
    "l'abandonne.",
    "mailing_was_sent": "Rien n'a été fait : le message {code} est déjà parti.",
    "mailing_was_dropped": "Rien n'a été fait : le message {code} a été abandonné.",
    "mailing_dropped": "Abandonné. Rien n'a été envoyé.",
    "mailing_sent": "Il part dans {seconds} secondes, nombre de destinataires : {count}. « !mail {code} "
    "stop » arrête ce qui n'est pas parti d'ici là.",
    "mailing_stopped": "Arrêtés : {count}. Déjà en route : {begun}.",
    "mailing_changed": "Le message {code} a été modifié ou supprimé, il a donc été abandonné. Rien n'a été "
    "envoyé. Pour l'envoyer, écrivez-le de nouveau.",
    "mailing_changed_late": "Le message {code} est parti tel qu'il était avant. « !mail {code} stop » arrête "
    "ce qui n'est pas encore parti.",
    # in the threads
    "mailing_thread": "{user} a envoyé ceci à {count} personnes, à chacune seule, et aussi à la "
    "personne de ce dossier. L'état du dossier reste le même.",
    "mailing_thread_one": "{user} a envoyé ceci à la personne de ce dossier, hors du fil. L'état du dossier "
    "reste le même.",
    "mailing_thread_stopped": "Ceci a été arrêté à temps : la personne ne l'a pas reçu.",
    "mailing_failed": "Le message à plusieurs personnes n'a pas pu être remis : {reason}",
    "mailing_unsubscribed": "La personne ne veut plus de messages à plusieurs. Ce que vous écrivez dans ce "
    "fil lui parvient toujours.",
}
