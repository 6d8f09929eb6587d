"""What the bridge says to staff about forms and citizens' pages, in French."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # a form that came
    "form_personal": "personnel",
    "form_notice": "Notice de confidentialité {version}, montrée en {shown}.",
    "form_language": "Le formulaire a été montré en {shown}.",
    "form_receipt": "Reçu : {digest}…",
    "form_mail": "Adresse e-mail : {address}, confirmée. Ce que vous écrivez dans ce fil y est envoyé et "
    "figure sur la page de la personne.",
    "form_mail_unchecked": "Adresse e-mail : {address}. Ce formulaire ne la fait confirmer par personne. Ce "
    "que vous écrivez dans ce fil y est envoyé et figure sur la page de la personne.",
    "form_unconfirmed": "Adresse e-mail : {address}. Personne n'a encore montré que c'est la sienne : ce que "
    "vous écrivez dans ce fil figure seulement sur la page de la personne, jusqu'à ce qu'elle la confirme.",
    "form_page": "Aucune adresse e-mail n'a été donnée : ce que vous écrivez dans ce fil figure seulement "
    "sur la page de la personne.",
    "form_none": "Aucune adresse e-mail n'a été donnée : rien ne peut être envoyé à cette personne.",
    "form_suspect": "Quelqu'un a laissé passer ceci, qui avait été retenu :",
    "spam_trap": "Un champ que l'on ne voit pas a été rempli.",
    "spam_links": "Il contient énormément de liens.",
    "spam_repeated": "Il répète toujours la même chose.",
    "spam_fast": "Il a été envoyé plus vite que l'on ne peut lire le formulaire.",
    "spam_network": "Énormément de formulaires sont venus du même réseau.",
    "spam_other": "Quelque chose y est inhabituel.",
    "language_en": "anglais",
    "language_de": "allemand",
    "language_fr": "français",
    "language_ar": "arabe",
    # forms that are held back
    "held_spam_form": "ressemble à du courrier indésirable",
    "held_unconfirmed": "l'adresse e-mail n'est pas encore confirmée",
    "held_page": "écrit sur la page d'un formulaire écarté",
    "held_unconfirmed_notice": "Un formulaire attend que son expéditeur confirme son adresse e-mail ; il "
    "arrive alors de lui-même comme dossier. « !held » montre ce qui attend, « !release CODE » le laisse "
    "passer sans cela. Ceci est dit une fois par jour.",
    # what citizens do on their page
    "page_changed": "Réponses modifiées :",
    "page_before": "Avant : {answer}",
    "page_after": "Maintenant : {answer}",
    "page_no_answer": "(sans réponse)",
    "page_unchanged": "Les réponses ont été envoyées une fois de plus, sans changement.",
    "page_confirmed": "L'adresse {address} a été confirmée : ce que vous écrivez dans ce fil y est envoyé "
    "désormais, et figure sur la page de la personne.",
    "page_by_mail": "La personne veut désormais les réponses par e-mail, à {address}, et sur sa page.",
    "page_by_page": "La personne veut les réponses sur sa page seulement. Plus aucun e-mail ne lui est "
    "envoyé.",
    "page_language": "La langue de la personne est désormais : {shown}.",
    "page_withdrawn": "La personne a retiré ceci : plus personne n'a besoin d'y travailler.",
    "page_erase": "La personne demande que tout ce qui la concerne soit effacé. Veuillez décider et répondre "
    "dans ce fil : la réponse figure sur sa page, jusqu'à l'effacement. Le personnel de l'hôte efface avec "
    "« !forget {reference} ».",
    "page_only": "La personne lit tout de même le message sur sa page.",
    # forgetting
    "forget_ask": "Ceci détruit pour toujours ce qui est conservé sur la personne de {reference} : nom, "
    "adresse, messages, réponses, fichiers et sa page. Cela disparaît aussi des salons. Ce que des membres "
    "ont enregistré ailleurs leur reste. Pour le faire, écrivez : !forget {reference} yes",
    "forget_done": "Ce qui était conservé sur la personne de {reference} est détruit. Ses messages "
    "disparaissent des salons dans un instant.",
    "forget_unknown": "Rien n'a été fait : ce dossier n'existe pas. Écrivez « !forget » et une référence, "
    "par exemple : {usage}",
    "forget_host": "Rien n'a été fait : seul le personnel de l'hôte peut faire oublier quelqu'un.",
    "forget_other": "Rien n'a été fait : {reference} est un autre dossier. Écrivez-le dans le fil de ce "
    "dossier, ou hors des fils.",
    "usage_forget": "!forget PARK-7F3K-9Q",
}
