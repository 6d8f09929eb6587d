"""What is wrong with an answer and how to mend it, in French."""

from __future__ import annotations

from collections.abc import Mapping

FRENCH: Mapping[str, str] = {
    # nothing was answered
    "missing.any": "Répondez à « {label} »",
    "missing.name": "Indiquez votre nom",
    "missing.number": "Indiquez un nombre pour « {label} »",
    "missing.date": "Indiquez une date pour « {label} »",
    "missing.email": "Indiquez une adresse électronique",
    "missing.phone": "Indiquez un numéro de téléphone",
    "missing.address": "Indiquez une adresse pour « {label} »",
    "missing.radios": "Choisissez une réponse à « {label} »",
    "missing.select": "Choisissez une réponse à « {label} »",
    "missing.checkboxes": "Choisissez au moins une réponse à « {label} »",
    "missing.ranking": "Choisissez une place pour chaque réponse à « {label} »",
    "missing.agreement": "Cochez la case « {label} » pour continuer",
    "missing.file": "Choisissez un fichier pour « {label} »",
    # text
    "error.long": "« {label} » doit faire {max} caractères au plus. Il y en a {number}.",
    "error.email": "Indiquez l’adresse électronique sous la forme nom@example.org",
    "error.phone": "Indiquez un numéro de téléphone, par exemple 01 23 45 67 89 ou +33 1 23 45 67 89",
    "error.address.lacks": "Indiquez aussi {parts} dans « {label} »",
    "error.address.street": "le numéro et la rue",
    "error.address.postcode": "le code postal",
    "error.address.town": "la ville",
    # numbers
    "error.number": "Indiquez pour « {label} » un nombre, par exemple {sample}",
    "error.number.whole": "Indiquez pour « {label} » un nombre entier",
    "error.number.decimals": "Nombre maximal de décimales dans « {label} » : {decimals}",
    "error.number.least": "Indiquez pour « {label} » {least} ou plus",
    "error.number.most": "Indiquez pour « {label} » {most} ou moins",
    "error.number.between": "Indiquez pour « {label} » un nombre entre {least} et {most}",
    # choices
    "error.option": "Choisissez une des réponses proposées à « {label} »",
    "error.alone": "Dans « {label} », choisissez soit « {alone} », soit d’autres réponses, pas les deux",
    "error.most.one": "Choisissez une seule réponse à « {label} »",
    "error.most.other": "Choisissez {number} réponses au plus à « {label} »",
    "error.place": "Choisissez une place de 1 à {places} pour « {option} »",
    "error.place.twice": "« {first} » et « {second} » ont la même place : {place}. Donnez à chaque réponse "
    "sa propre place",
    # dates
    "error.date.lacks": "Indiquez aussi {parts} dans « {label} »",
    "error.date.day": "le jour",
    "error.date.month": "le mois",
    "error.date.year": "l’année",
    "error.date.year4": "L’année de « {label} » doit avoir 4 chiffres, par exemple 2027",
    "error.date.real": "Indiquez pour « {label} » une date qui existe",
    "error.date.earliest": "Indiquez pour « {label} » le {earliest} ou un jour suivant",
    "error.date.latest": "Indiquez pour « {label} » le {latest} ou un jour précédent",
    "error.date.between": "Indiquez pour « {label} » un jour entre le {earliest} et le {latest}",
    # files
    "error.file.large": "« {name} » doit faire {mb} Mo au plus",
    "error.file.empty": "« {name} » est vide. Choisissez un autre fichier",
    "error.file.type": "« {name} » doit être de l’un de ces types : {types}",
    "error.file.number.one": "Vous pouvez ajouter un fichier. « {name} » n’a pas été ajouté",
    "error.file.number.other": "Vous pouvez ajouter jusqu’à {number} fichiers. « {name} » n’a pas été ajouté",
    "error.file.total": "Tous les fichiers ensemble doivent faire {mb} Mo au plus. « {name} » n’a pas été "
    "ajouté",
}
