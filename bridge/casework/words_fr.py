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
    "topic_new": "L'objet de ce message est : « {subject} »",
    "automatic_joined": "Ce message a été envoyé automatiquement (une absence, par exemple). L'état du "
    "dossier ne change pas.",
    "no_address_mail": "Le message n'a pas d'adresse d'expéditeur fiable : rien ne peut être envoyé à cette "
    "personne.",
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
    "not_sent_no_address": "Non envoyé : cette personne n'a pas laissé d'adresse e-mail et n'a pas de page.",
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
    "!close – ce dossier est réglé ; de nouveaux mots du citoyen le rouvrent\n"
    "!join – un dossier non vérifié appartient à celui qu'il cite ; !join RÉFÉRENCE : à celui-là\n"
    "!apart – un dossier non vérifié est un dossier à part\n"
    "!discard – rien ne doit advenir d'un dossier non vérifié\n"
    "!original – le courriel tel qu'il est arrivé, en fichier ; en réponse : celui de ce message\n"
    "!forget – détruire ce qui est conservé sur cette personne (personnel de l'hôte) ; demande d'abord\n"
    "Dans le salon, hors des fils : !held – les courriels et formulaires retenus ; !mail – un message à "
    "plusieurs citoyens, à chacun seul\n"
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
    "!forget PARK-7F3K-9Q – détruire ce qui est conservé sur la personne de ce dossier ; demande d'abord\n"
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
    "mail_late": "Le courriel n'est pas encore parti : {reason}. De nouveaux essais ont lieu d'eux-mêmes, "
    "au plus tard jusqu'au {until}.",
    "ack_failed": "L'accusé de réception n'a pas pu être remis : {reason}. Vérifiez l'adresse avant de "
    "répondre.",
    # the operator's command
    "refuse_mailbox": "la boîte {mailbox} appartient déjà à la consultation {slug} : donnez-en une autre à "
    "celle-ci",
    "refuse_form": "le formulaire {form} appartient déjà à la consultation {slug} : donnez un autre id à "
    "celui-ci",
    "locked_disowned": "Ce courriel est arrivé à l'adresse de réponse de {reference} et donne pour "
    "expéditeur l'adresse de ce dossier, mais le domaine de cette adresse dit ne pas l'avoir envoyé.",
    "locked_suspicious": "Rien ne sort de ce dossier avant votre décision : écrivez « !apart » pour en "
    "faire un dossier comme les autres, « !join » et une référence si les mots appartiennent à ce "
    "dossier-là, ou « !discard » s'il ne doit rien en advenir.",
    "trust_suspicious": "Prudence : ce courriel ne vient peut-être pas de la personne qu'il nomme.",
    "trust_weaker": "L'expéditeur de ce message n'a pas pu être confirmé, contrairement à celui du premier "
    "de ce dossier.",
    "held_spam": "ressemble à du courrier indésirable",
    "held_address": "énormément de messages de cette adresse",
    "held_network": "énormément de messages de ce réseau",
    "held_consultation": "énormément de messages à la fois",
    "held_notice": "Des courriels ou des formulaires sont retenus, parce qu'ils ressemblent à du courrier "
    "indésirable ou parce qu'il y en a trop à la fois. Personne n'a reçu d'accusé de réception pour eux. "
    "Écrivez « !held » ici pour les voir. Ceci est dit une fois par jour.",
    "held_list": "Retenus : {count}",
    "held_how": "« !release CODE » en laisse passer un, « !discard CODE » l'écarte ; plusieurs codes "
    "séparés par des espaces, ou « all » pour toute cette liste.",
    "held_none": "Rien n'est retenu.",
    "held_usage": "Rien n'a été fait. « !held » montre la liste, puis « !release CODE » ou « !discard CODE "
    "» ; « all » désigne toute la liste.",
    "held_released": "Laissés passer : {count}. Ils apparaissent comme dossiers dans un instant.",
    "held_discarded": "Écartés : {count}. Les originaux restent scellés quelques jours.",
    "kind_smime_signed": "Le courriel est signé par S/MIME ; la signature n'a pas été vérifiée.",
    "kind_smime_encrypted": "Le courriel est chiffré par S/MIME et ne peut être lu ici. Veuillez demander à "
    "l'expéditeur d'écrire sans chiffrement.",
    "kind_pgp_signed": "Le courriel est signé par PGP ; la signature n'a pas été vérifiée.",
    "kind_pgp_encrypted": "Le courriel est chiffré par PGP et ne peut être lu ici. Veuillez demander à "
    "l'expéditeur d'écrire sans chiffrement.",
    "kind_pgp_key": "La clé PGP de l'expéditeur est jointe.",
    "kind_tnef": "Les pièces jointes sont dans le format propre à Outlook (winmail.dat). Si vous ne pouvez "
    "l'ouvrir, demandez à l'expéditeur des fichiers ordinaires.",
    "kind_virus": "L'antivirus a trouvé quelque chose ({virus}). Les fichiers joints n'ont pas été transmis "
    "; veuillez interroger l'expéditeur.",
    "kind_unscanned": "C'est trop gros pour l'antivirus. Les fichiers n'ont pas été examinés : soyez "
    "prudents.",
    "bounce_failed": "Le courriel n'est pas arrivé : {reason}.",
    "bounce_later": "Le courriel n'est pas encore arrivé : {reason}. Les serveurs continuent d'essayer ; il "
    "n'y a rien à faire pour l'instant.",
    "bounce_marked": "Deux courriels à cette adresse sont revenus. Avant qu'un autre ne parte, le pont "
    "demandera.",
    "complaint": "Le fournisseur du destinataire signale que ce courriel a été marqué comme indésirable.",
    "bounce_no_such_address": "l'adresse n'existe pas",
    "bounce_mailbox_full": "la boîte est pleine",
    "bounce_too_large": "le courriel est trop gros pour l'autre côté",
    "bounce_spam": "l'autre côté le prend pour du courrier indésirable",
    "bounce_refused": "l'autre côté refuse le courrier d'ici",
    "bounce_unreachable": "l'autre serveur de courrier est injoignable",
    "bounce_moved": "la personne a changé d'adresse",
    "bounce_expired": "l'autre serveur de courrier ne l'a pas pris pendant des jours",
    "bounce_unknown": "l'autre côté ne donne pas de raison compréhensible",
    "not_sent_discarded": "Non envoyé : ce dossier a été écarté.",
    "ask_bounced": "Les derniers courriels à cette adresse sont revenus. Faut-il envoyer celui-ci quand "
    "même ?",
    "edit_corrects": "Le texte précédent est déjà parti. Cette modification part comme correction, à moins "
    "que vous ne supprimiez d'abord le message.",
    "deleted_correction": "La correction a été arrêtée à temps ; le premier texte est déjà parti et ne peut "
    "être rappelé.",
    "usage_close": "!close",
    "close_done": "Clos. De nouveaux mots du citoyen rouvrent le dossier.",
    "close_not": "Rien n'a été fait : ce dossier n'est pas ouvert.",
    "usage_discard": "!discard",
    "usage_original": "!original (en réponse au message dont vous voulez voir le courriel)",
    "discard_done": "Écarté. Rien ne sort de ce dossier.",
    "original_gone": "L'original de ce message n'est plus conservé, ou il n'est pas venu par courriel.",
    "held_report": "signale un courriel non distribué qui n'est pas des nôtres",
    "trust_from_several": "Il nomme plus d'un expéditeur.",
    "trust_from_ambiguous": "Son expéditeur est écrit de telle sorte que les logiciels le lisent "
    "différemment.",
    "trust_from_display_address": "Le nom de l'expéditeur se fait passer pour une autre adresse.",
    "trust_reply_to_other": "Il veut que les réponses aillent à une autre adresse. Les réponses d'ici ne "
    "vont qu'à l'adresse de l'expéditeur.",
    "trust_fields_repeated": "Il contient en double des parties qui ne doivent s'y trouver qu'une fois, si "
    "bien que les logiciels montrent des choses différentes.",
    "trust_spf_pass": "Il est venu d'un serveur du domaine de l'expéditeur.",
    "trust_spf_fail": "Il est venu d'un serveur que le domaine de l'expéditeur n'autorise pas.",
    "trust_spf_unknown": "On n'a pas pu voir de quel serveur il est venu.",
    "trust_dkim_pass": "Le domaine de l'expéditeur l'a signé.",
    "trust_dkim_fail": "La signature du domaine de l'expéditeur ne convient pas : le courriel a été modifié "
    "en route, ou la signature est fausse.",
    "trust_dkim_weak": "La signature du domaine de l'expéditeur ne couvre pas tout le courriel et ne prouve "
    "donc rien.",
    "trust_dkim_old": "La signature du domaine de l'expéditeur est ancienne : quelqu'un renvoie peut-être "
    "un vieux courriel.",
    "trust_dmarc_pass": "Le domaine de l'expéditeur le confirme.",
    "trust_dmarc_fail": "Le domaine de l'expéditeur ne le confirme pas.",
    "trust_dmarc_none": "Le domaine de l'expéditeur ne dit pas à quoi l'on reconnaît ses courriels.",
    "trust_hop_pass": "Notre serveur de courrier a confirmé l'expéditeur.",
    "trust_arc_pass": "Un réexpéditeur de confiance a confirmé l'expéditeur.",
    "trust_temporary": "Les serveurs de noms n'ont pas répondu ; l'expéditeur n'a pas pu être vérifié.",
    "trust_unchecked": "L'expéditeur n'a pas été vérifié.",
    "tell_scanner_down": "L'antivirus ne répond pas. Les courriels attendent ; rien n'est perdu. Ceci est "
    "dit une fois par jour.",
    "tell_imap_unreachable": "La boîte {folder} chez {host} est injoignable. Un nouvel essai a lieu de "
    "lui-même.",
    "tell_imap_untrusted": "Le certificat de {host} n'est pas digne de confiance ; la boîte {folder} n'est "
    "donc pas lue.",
    "tell_imap_login_refused": "{host} refuse la connexion à la boîte {folder}. Veuillez vérifier "
    "email.imap dans folkmoot.yaml.",
    "tell_imap_folder_refused": "{host} ne laisse pas ouvrir le dossier {folder}. Veuillez vérifier "
    "email.imap dans folkmoot.yaml.",
    "tell_imap_unmarked": "{host} ne garde pas les marques des courriels dans {folder} : ceux qui ont été "
    "pris ne se distinguent pas des nouveaux. Nommez un dossier email.imap.done.",
    "tell_imap_stuck": "Un courriel de {folder} chez {host} ne peut être enregistré. Il sera réessayé ; "
    "veuillez regarder le disque et le journal.",
    "tell_imap_no_keywords": "{host} ne garde pas de marques propres dans {folder}. Nommez des dossiers "
    "email.imap.done et email.imap.aside.",
    "tell_imap_not_ours": "Courriels pour aucune de nos boîtes : {count}. Ils sont dans {folder} chez "
    "{host}.",
    "tell_imap_too_big": "Courriels trop gros pour être pris : {count}. Ils sont dans {folder} chez {host}.",
    "tell_imap_too_old": "Courriels trop anciens pour être nouveaux : {count}. Ils sont dans {folder} chez "
    "{host}.",
    "tell_imap_unreadable": "Courriels que le serveur ne peut livrer : {count}. Ils sont dans {folder} chez "
    "{host}.",
    "tell_imap_well": "La boîte {folder} chez {host} est de nouveau lue.",
}
