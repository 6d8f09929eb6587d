"""What the bridge says, in French."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # the citizen's words
    "unknown_name": "Expéditeur inconnu",
    "no_text": "(sans texte)",
    "whole_name": "message-entier.txt",
    "long_text": "Le message est très long : il se trouve en entier dans le fichier {name}.",
    # mail that came
    "locked_token": "Expéditeur non vérifié. Ce message est arrivé à l'adresse de réponse de {reference}, "
    "mais pas depuis l'adresse à laquelle ce dossier appartient.",
    "locked_revoked": "Expéditeur non vérifié. Ce message est arrivé à une adresse de réponse de {reference} "
    "qui n'est plus valable.",
    "locked_references": "Expéditeur non vérifié. Ce message répond à l'un de nos messages dans {reference}, "
    "mais il n'est pas arrivé à l'adresse de réponse de ce dossier.",
    "locked_sender": "L'expéditeur indique l'adresse {address}.",
    "locked_how": "Rien ne sort de ce dossier avant votre décision : écrivez « !join {reference} » si ce "
    "message appartient à cet autre dossier, ou « !apart » pour en faire un dossier à part.",
    "automatic_new": "Ce message a été envoyé automatiquement : aucun accusé de réception n'est parti.",
    "automatic_joined": "Ce message a été envoyé automatiquement (une absence, par exemple). L'état du "
    "dossier ne change pas.",
    "no_address_mail": "Le message n'a pas d'adresse d'expéditeur fiable : rien ne peut être envoyé à cette "
    "personne.",
    "no_address_form": "Aucune adresse e-mail n'a été donnée dans le formulaire : rien ne peut être envoyé à "
    "cette personne.",
    "ack_limit": "Aucun accusé de réception n'est parti : cette adresse en a reçu assez aujourd'hui.",
    "warnings": "Tout n'a pas pu être lu tel que c'était envoyé :",
    "warning_sender": "L'adresse de l'expéditeur manque, figure plusieurs fois ou est ambiguë.",
    "warning_mime": "La structure du message est abîmée. Des parties peuvent manquer.",
    "warning_charset": "Le jeu de caractères est inconnu ou faux. Certaines lettres peuvent être fausses.",
    "warning_cut": "Quelque chose était trop long ou trop nombreux. Voir les fichiers joints.",
    "warning_unreadable": "Le message n'a pas pu être décomposé. L'original est gardé quelques jours.",
    "warning_other": "Quelque chose d'inhabituel dans le message.",
    # staff's messages
    "not_sent_stranger": "Non envoyé : {user} ne figure pas dans la liste des personnes de cette "
    "consultation.",
    "not_sent_device": "Non envoyé : écrit sur un appareil que son propriétaire n'a pas vérifié. Vérifiez "
    "l'appareil dans ses paramètres, puis écrivez de nouveau le message.",
    "not_sent_may_not": "Non envoyé : {user} ne peut pas répondre aux citoyens dans cette consultation. Le "
    "message reste interne.",
    "not_sent_plain": "Non envoyé : le message n'était pas chiffré. Rien de non chiffré ne sort jamais. "
    "Vérifiez les paramètres de votre logiciel et écrivez-le de nouveau.",
    "not_sent_locked": "Non envoyé : l'expéditeur de ce dossier n'est pas vérifié. Écrivez d'abord "
    "« !apart » pour en faire un dossier à part, ou « !join » et la référence du dossier auquel il "
    "appartient.",
    "not_sent_joined": "Non envoyé : ce message appartient maintenant à {reference}. Répondez là-bas.",
    "not_sent_no_address": "Non envoyé : cette personne n'a pas laissé d'adresse e-mail.",
    "not_sent_file": "Non envoyé : le fichier n'a pas pu être lu. Envoyez-le de nouveau.",
    "unreadable": "Un message de {user} ne peut pas encore être déchiffré, car sa clé n'est pas arrivée. Il "
    "sera traité dès qu'elle arrivera. Si c'est urgent, écrivez-le de nouveau.",
    # doubts
    "ask_root": "Est-ce pour le citoyen ? La réponse se trouve hors du fil du dossier.",
    "ask_file": "Est-ce pour le citoyen ? Le fichier est arrivé sans texte.",
    "ask_near": "Est-ce pour le citoyen ? Le fichier est arrivé hors du fil, juste après un message du fil.",
    "ask_disagree": "Faut-il l'envoyer ainsi ? Le texte simple et le texte mis en forme du message disent "
    "des choses différentes, peut-être à cause d'une citation.",
    "ask_mention": "Est-ce pour le citoyen ? Le message commence par la mention de quelqu'un.",
    "ask_how": "Il attend et n'est pas envoyé. Écrivez « !send » dans le fil pour l'envoyer, ou supprimez le "
    "message.",
    # edits and deletions
    "edit_note": "La modification ne change rien : ce qui est resté interne ne devient jamais une réponse. "
    "Pour écrire au citoyen, envoyez un nouveau message.",
    "edit_late": "Le citoyen a le texte précédent : l'e-mail était déjà parti. Écrivez de nouveau s'il faut "
    "corriger quelque chose.",
    "edit_inside_late": "Trop tard pour le garder interne : l'e-mail avec le texte précédent était déjà "
    "parti et ne peut pas être rappelé.",
    "edit_over": "La modification ne change rien : ce message n'attend plus. Pour écrire au citoyen, envoyez "
    "un nouveau message.",
    "edit_stopped": "Le texte précédent a été arrêté aussi.",
    "deleted_waiting": "Le message a été supprimé à temps : aucun e-mail n'est parti.",
    "deleted_doubt": "Le message a été supprimé pendant qu'il attendait une réponse : aucun e-mail n'est "
    "parti.",
    "deleted_late": "Le message a été supprimé, mais l'e-mail était déjà parti et ne peut pas être rappelé.",
    # commands
    "help": "Ce que vous écrivez dans ce fil va au citoyen. Ce qui commence par « ! » reste interne.\n"
    "! texte – une note pour les collègues\n"
    "!send – envoyer le message qui attend une réponse (ou répondez-lui par !send)\n"
    "!join – un dossier non vérifié appartient à celui qu'il cite ; !join RÉFÉRENCE : à celui-là\n"
    "!apart – un dossier non vérifié est un dossier à part\n"
    "!help – cette liste",
    "unknown_command": "La commande « !{word} » n'existe pas. Le message reste interne. Les notes commencent "
    "par « ! » et une espace ; « !help » montre les commandes.",
    "command_usage": "« !{word} » n'a pas été compris et rien n'a été fait. Une commande est seule dans son "
    "message : {usage}",
    "usage_send": "!send",
    "usage_join": "!join PARK-7F3K-9Q",
    "usage_apart": "!apart",
    "usage_help": "!help",
    "usage_trust": "!trust @nom:serveur.example",
    "command_place": "Écrivez cette commande dans le fil du dossier qu'elle concerne.",
    "command_may_not": "Rien n'a été fait : {user} ne peut pas répondre aux citoyens dans cette "
    "consultation.",
    "command_device": "Rien n'a été fait : la commande vient d'un appareil que son propriétaire n'a pas "
    "vérifié.",
    "send_nothing": "Dans ce dossier, aucun message n'attend « !send ».",
    "not_locked": "Rien n'a été fait : l'expéditeur de ce dossier n'est pas en doute.",
    "apart_done": "C'est maintenant un dossier à part. Les réponses dans ce fil vont à son expéditeur.",
    "join_unknown": "Rien n'a été fait : ce dossier n'existe pas dans cette consultation. Écrivez « !join » "
    "et la référence d'un dossier ouvert, par exemple : !join {reference}",
    "join_locked": "Rien n'a été fait : l'expéditeur de {reference} n'est pas vérifié non plus.",
    "join_done": "Les messages de ce dossier sont maintenant dans {reference}. Répondez là-bas.",
    "join_into": "Les messages de {reference} ont été ajoutés ici par {user}.",
    # the control room
    "control_help": "!trust @nom:serveur.example – accepter les nouvelles clés de cette personne\n"
    "!help – cette liste",
    "control_unknown": "La commande « !{word} » n'existe pas ici. « !help » montre les commandes.",
    "control_operators": "Seuls les opérateurs donnent des commandes ici.",
    "control_plain": "Un message de {user} n'était pas chiffré. Rien de non chiffré n'est suivi.",
    "trust_done": "Les clés actuelles de {user} sont acceptées.",
    "tell_stranger": "{user} a écrit dans le dossier {reference} mais ne figure dans aucune liste de {slug}. "
    "Rien n'a été envoyé.",
    "tell_foreign": "{user} a rejoint un salon ({room} de {slug}) mais n'y figure dans aucune liste.",
    "tell_foreign_control": "{user} a rejoint le salon de contrôle mais n'est pas opérateur.",
    "tell_identity": "L'identité de {user} a changé : quelqu'un a remplacé ses clés. Tant que vous ne le "
    "confirmez pas, cette personne ne reçoit aucune clé et n'est pas suivie. Appelez-la, puis écrivez : "
    "!trust {user}",
    "tell_postmaster": "Du courrier est arrivé pour le postmaster. Il n'ouvre aucun dossier ; les originaux "
    "sont gardés scellés quelques jours. Ceci est dit une fois par jour.",
    "tell_strangers": "Encore dans les salons de {slug} sans figurer dans sa liste : {users}. Ces personnes "
    "ne reçoivent aucune clé, mais la passerelle ne retire personne : demandez-leur de partir.",
    "tell_declined": "Dans la liste de {slug}, mais parties, exclues, ou ayant refusé : {users}. La "
    "passerelle ne les invite plus ; un collègue dans le salon d'accueil le peut, ou retirez-les de la "
    "liste.",
    "tell_broken": "Mis de côté, car cela ne s'arrangera pas tout seul : {what} : {reason}",
    "tell_broken_case": "Mis de côté, car cela ne s'arrangera pas tout seul : {what} du dossier {reference} "
    ": {reason}",
    "room_space": "espace",
    "room_lobby": "salon d'accueil",
    "room_desk": "salon de travail",
    # one staff member
    "direct_device": "Votre appareil {device} n'est pas vérifié : il ne peut pas lire les salons chiffrés, "
    "et ce que vous y écrivez n'est pas envoyé. Dans Element : Paramètres → Sessions (ou Sécurité) → "
    "Vérifier cet appareil, avec un autre de vos appareils ou avec votre clé de récupération. Si vous n'en "
    "avez jamais eu : Paramètres → Chiffrement → Configurer la récupération. Les clés manquantes arrivent "
    "ensuite d'elles-mêmes.",
    # what became of a mail
    "mail_failed": "L'e-mail n'a pas pu être remis : {reason}",
    "ack_failed": "L'accusé de réception n'a pas pu être remis : {reason}. Vérifiez l'adresse avant de "
    "répondre.",
    "ack_subject": "Nous avons reçu votre message ({reference})",
    "ack_body": "Merci. Votre message au sujet de « {title} » est arrivé. Sa référence est {reference}.\n\n"
    "Des agents des administrations qui y travaillent ensemble le lisent et y répondent. Pour ajouter "
    "quelque chose, répondez à cet e-mail.\n\n"
    "Vie privée : votre message et votre adresse ne servent qu'à cette affaire. Ils sont conservés chiffrés "
    "; vous pouvez à tout moment demander ce qui est conservé à votre sujet, ou sa suppression.\n\n"
    "Si vous ne nous avez pas écrit, quelqu'un a utilisé votre adresse ; vous n'avez rien à faire. Cet "
    "e-mail a été envoyé automatiquement.",
    # the operator's command
    "refuse_mailbox": "la boîte {mailbox} appartient déjà à la consultation {slug} : donnez-en une autre à "
    "celle-ci",
    "refuse_form": "le formulaire {form} appartient déjà à la consultation {slug} : donnez un autre id à "
    "celui-ci",
}
