# Rule packs side by side, units of the reserve, and how accessible the console is.
packs-compare = Comparer les jeux de règles
packs-title = Jeux de règles comparés
packs-sentence = { $count ->
    [0] Aucune règle ne diffère entre <b>{ $from }</b> et <b>{ $to }</b>.
    [one] <b>{ $count }</b> règle diffère entre <b>{ $from }</b> et <b>{ $to }</b>.
   *[other] <b>{ $count }</b> règles diffèrent entre <b>{ $from }</b> et <b>{ $to }</b>.
}
packs-same = { $count ->
    [0] Aucune ne dit la même chose dans les deux.
    [one] <b>{ $count }</b> dit la même chose dans les deux.
   *[other] <b>{ $count }</b> disent la même chose dans les deux.
}
packs-few = Il n’y a pas encore deux jeux à comparer : chaque code en a un au plus.
packs-apart = L’un des jeux est du corridor, l’autre de la destination : ils ne règlent pas les mêmes choses. Choisissez-en deux du même code.
packs-rules = Règles qui diffèrent
packs-hint = Valeur, source, ou le fait d’être supposée. Là où un jeu ne fixe pas une règle, la valeur par défaut du programme s’applique.
packs-none = Les deux jeux disent la même chose, avec les mêmes sources.
packs-from = Jeu antérieur
packs-to = Jeu postérieur
packs-since = En vigueur depuis
packs-unset = non fixée
units-link = Demander des unités de la réserve
units-title = Unités de la réserve
units-sentence = { $count ->
    [0] Aucune unité n’est gardée en réserve pour la saison { $season }.
    [one] <b>{ $count }</b> unité est gardée en réserve pour la saison { $season }.
   *[other] <b>{ $count }</b> unités sont gardées en réserve pour la saison { $season }.
}
units-quotas = Quotas de la saison
units-hint = Ce qui est gardé en réserve s’ajoute à ce qui peut être utilisé maintenant.
units-sector = Secteur
units-form = Demander des unités
units-form-hint = Deux opérateurs libèrent des unités : l’un demande, l’autre demande le même nombre dans les sept jours.
units-number = Combien d’unités
units-show = Montrer ce que cela ferait
units-wrong = Écrivez un nombre de 1 à { $most }.
units-effect = Une fois qu’un second opérateur aura demandé autant
units-ask = { $count ->
    [one] Demander { $count } unité
   *[other] Demander { $count } unités
}
units-ask-effect = Si un autre opérateur a demandé le même nombre, les unités sont utilisables aussitôt. Sinon, rien ne bouge encore.
units-others = Les opérateurs demandent des unités.
units-open-title = En attente d’un second opérateur
units-open-hint = Qui confirme le même nombre libère les unités.
units-open = { $count ->
    [one] Quelqu’un d’autre a demandé { $count } unité le { $day } : confirmer la même demande ?
   *[other] Quelqu’un d’autre a demandé { $count } unités le { $day } : confirmer la même demande ?
}
units-open-own = { $count ->
    [one] Vous avez demandé { $count } unité le { $day } : un autre opérateur doit le confirmer.
   *[other] Vous avez demandé { $count } unités le { $day } : un autre opérateur doit le confirmer.
}
units-confirm = Confirmer la même demande
units-asked = Des unités sont demandées.
units-asked-more = Rien n’a encore bougé : un autre opérateur doit demander le même nombre dans les sept jours.
units-released = Des unités sont libérées.
units-released-more = Deux opérateurs ont demandé le même nombre : les lignes peuvent s’en servir maintenant.
access-title = Accessibilité
access-lead = La console vise WCAG 2.2, niveau AA. Elle fonctionne sans script, au clavier seul, de jour comme de nuit, et jusqu’à 320 pixels de large.
access-checked = Ce qui est vérifié
access-checked-hint = À chaque changement de la console, dans Chromium.
access-axe = Chaque page, dans chaque langue, par axe-core, avec toutes les règles de WCAG 2.2 A et AA.
access-keys = Chaque commande s’atteint au clavier dans l’ordre de lecture, avec un anneau visible, et l’en-tête d’une page peut être sauté.
access-contrast = Chaque texte a un contraste d’au moins 4,5 pour 1, en clair comme en sombre, textes des figures compris.
access-size = Aucune page ne défile de côté à partir de 320 pixels, même avec des textes plus longs de 40 pour cent.
access-figures = Chaque figure est à côté d’un tableau avec les mêmes nombres.
access-open = Ce qui ne l’est pas
access-open-hint = Connu, et pas encore vérifié.
access-people = Personne qui travaille avec un lecteur d’écran ne l’a encore essayée, et aucun autre navigateur n’est vérifié par une machine.
access-right = Aucune langue lue de droite à gauche n’est encore proposée, bien que les pages se retournent pour elle.
access-tell = Quelque chose vous gêne ?
access-tell-more = Dites à l’opérateur de votre programme l’adresse de la page et ce que vous vouliez faire.

# Rules in force, in words.
pack-line-until = { $version }, en vigueur du { $from } au { $until }.
rules-orders-title = Règles des commandes : { $country }
rules-orders-hint = Le jeu de règles de la destination juge les commandes de ce corridor, d’où que viennent les personnes.
unit-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
unit-workdays = { $count ->
    [one] { $count } jour ouvré
   *[other] { $count } jours ouvrés
}
unit-months = { $count ->
    [one] { $count } mois
   *[other] { $count } mois
}
unit-years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
}
unit-hours-a-week = { $count ->
    [one] { $count } heure par semaine
   *[other] { $count } heures par semaine
}
unit-seats = { $count ->
    [one] { $count } poste
   *[other] { $count } postes
}
unit-seasons = { $count ->
    [one] { $count } saison
   *[other] { $count } saisons
}
unit-points = { $count ->
    [one] { $count } point
   *[other] { $count } points
}
unit-attempts = { $count ->
    [one] { $count } tentative
   *[other] { $count } tentatives
}
unit-channels = { $count ->
    [one] { $count } voie
   *[other] { $count } voies
}
unit-percent = { $count } %
unit-a-seat = { $times } par poste
rule-none = néant
rule-word-true = oui
rule-word-false = non
rule-word-contract = contrat
rule-word-authorisation = autorisation
rule-word-visa = visa
rule-word-fitness = aptitude au travail
rule-word-training = formation
rule-word-orientation = orientation
rule-word-travel = voyage
rule-word-union = syndicat d’employeurs
rule-word-worker = travailleur
rule-word-ministry = ministère d’origine
rule-word-displaced = personnes déplacées
rule-word-indigenous = personnes autochtones
rule-word-woman-head-of-household = femmes cheffes de famille
rule-language-en = anglais
rule-language-es = espagnol
rule-language-fr = français
rule-language-it = italien
