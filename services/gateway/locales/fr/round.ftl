# Rounds: list and page.
round = Tour
round-number = Tour { $number }
rounds-sentence = { $count ->
    [0] Aucun tour n’attend d’être publié.
    [one] <b>{ $count }</b> tour est calculé et attend d’être publié.
   *[other] <b>{ $count }</b> tours sont calculés et attendent d’être publiés.
}
rounds-list = Tous les tours
rounds-hint = Un tour est calculé, examiné, puis publié. Le plus récent d’abord.
rounds-empty = Pas encore de tour. Le premier est calculé quand une ligne est ouverte et que des personnes sont inscrites.
rounds-pager = Tours { $from } à { $last } sur { $total }
scope = Périmètre
seats = Postes
pairs = Paires
seats-filled = Postes pourvus
gap = Écart
candidates = Candidats
market = Ce qui a été apparié
computed = Calculé

round-sentence-best = <a data-l10n-name="pairs"><b>{ $pairs }</b> postes sur <b>{ $seats }</b></a> sont pourvus parmi <b>{ $candidates }</b> candidats. Aucun plan ne peut être meilleur : valeur et borne sont égales.
round-sentence-gap = <a data-l10n-name="pairs"><b>{ $pairs }</b> postes sur <b>{ $seats }</b></a> sont pourvus parmi <b>{ $candidates }</b> candidats. Aucun plan ne peut être meilleur de plus de <a data-l10n-name="proof"><b>{ $gap }</b></a>.
round-sentence-wrong = { $wrong ->
    [one] <b class="late">{ $wrong } contrôle ne tient pas.</b> Ce tour ne peut pas être publié.
   *[other] <b class="late">{ $wrong } contrôles ne tiennent pas.</b> Ce tour ne peut pas être publié.
}
publish = { $count ->
    [one] Publier { $count } proposition
   *[other] Publier { $count } propositions
}
publish-effect = Chaque proposition prend un poste, une unité de quota et la période de la personne. Ce qui n’est plus possible revient refusé, avec son motif.
proof-title = Pourquoi ce plan
proof-hint = La borne se calcule des prix des lignes et des quotas. Un vérificateur sans code commun avec le solveur a contrôlé chaque paire.
certificate = Valeur et borne
value = Valeur du plan
bound = Borne
bound-hint = Aucun plan ne peut la dépasser
seed = Graine
seed-committed = engagée avant le tour, le { $at } UTC
seed-not-committed = non engagée avant le tour
seed-digest = SHA-256 engagé de la graine
goals = Objectifs,
goals-hint = dans l’ordre de la politique
goal = Objectif
share = Part
possible = Possible
checks = Contrôles du vérificateur
checks-hint = sur le plan écrit
check = Ce qui doit tenir
looked-at = Examiné
outcome = Résultat
check-holds = tient
check-wrong = ne tient pas
seen-lines = { $count ->
    [one] { $count } ligne
   *[other] { $count } lignes
}
seen-people = { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
}
seen-quotas = { $count ->
    [one] { $count } quota
   *[other] { $count } quotas
}
seen-prices = { $count } prix
seen-lists = { $count ->
    [one] { $count } liste
   *[other] { $count } listes
}
seen-pairs = { $count ->
    [one] { $count } paire
   *[other] { $count } paires
}
seen-groups = { $count ->
    [one] { $count } famille ou équipe
   *[other] { $count } familles et équipes
}
method-shortest-paths = Par enchères et plus courts chemins : exact, aucun quota ne limite
method-quota-prices = Par les prix des quotas et des chaînes d’échanges dans leurs limites
method-core = Par des prix sur les quotas, puis par HiGHS sur tout ce qu’un meilleur plan pourrait choisir
method-core-searched = Par des prix sur les quotas, puis par HiGHS sur tout ce qu’un meilleur plan pourrait choisir ; sa recherche, qui calcule en virgule flottante, est allée à son terme : elle n’a trouvé aucun plan meilleur

pairs-title = Qui va où
pairs-hint = Pas de noms : les personnes ont un numéro, avec les parts publiées de leurs points.
pairs-none = Le plan n’a pas de paire.
pairs-none-here = Aucune paire ne correspond à ce filtre.
pairs-pager = Paires { $from } à { $last } sur { $total }
all-lines = Toutes les lignes
all-reasons = Tous les motifs
pair-reason-pinned = à la main
pair-reason-named = demandée par son nom
pair-reason-first = passe en premier
pair-reason-priority = motif de priorité
pair-reason-crew = équipe
pair-reason-family = famille
pair-reason-draw = tirage au sort
pair-reason-score = score
score = Score
why = Pourquoi
why-link = pourquoi
why-of = Pourquoi { $candidate }

explain-kicker = Pourquoi ce résultat
explain-no-seat = { $candidate } n’a pas de poste
explain-seated = { $candidate } a un poste à la ligne { $line }
explain-open = Lignes ouvertes à cette personne selon les règles : { $open } sur { $lines }.
explain-closed = Lignes fermées, et par quelle règle
explain-reserve = Numéro { $rank } sur la liste de réserve de la ligne { $line }.
explain-now = Et maintenant
explain-roster = L’inscription vaut jusqu’au { $day } : la personne prend part à chaque tour d’ici là.
explain-later = Le tour { $number } a suivi.
explain-later-on = Le tour { $number } a suivi, établi au { $day }.
explain-no-penalty = Sans pénalité.
explain-close = Fermer cette explication
round-sentence-computing = Ce tour est en cours de calcul. Actualisez pour voir où il en est.
round-sentence-failed = Ce tour n’a pas pu être calculé. Rien n’est parti.
judged-on = Évalué au
reserves = Liste de réserve
method = Méthode
snapshot-hash = Empreinte du marché
plan-hash = Empreinte du plan
list-of = Afficher
rank = Rang
explain-near = Lignes les plus proches
score-needed = Nécessaire

changes-ask = Qu’est-ce qui aurait changé le résultat ?
changes-takes = Recalcule le marché du tour ; jusqu’à 20 secondes.
changes-title = Ce qui aurait donné un poste
changes-hint = Chacun suffit à lui seul : le marché a été recalculé avec, et avec un peu moins il n’y a pas de poste.
changes-none = Aucun petit changement à lui seul n’aurait donné un poste.
changes-cut = Le temps s’est écoulé avant que tout ait été essayé.
change-line = à la ligne { $line }
change-points = { $more ->
    [one] { $more } point de plus
   *[other] { $more } points de plus
}
change-certificates = Avec { $certificates }
change-dates = Disponible du { $from } au { $until }
change-from = Disponible à partir du { $from }
change-until = Disponible jusqu’au { $until }
change-seats = { $more ->
    [one] { $more } poste de plus
   *[other] { $more } postes de plus
}
change-quota = { $more ->
    [one] { $more } unité de plus dans le quota { $corridor }
   *[other] { $more } unités de plus dans le quota { $corridor }
}

fairness-title = Qui a un poste
fairness-hint = Parmi les personnes à qui une ligne était ouverte selon les règles. Les points ne lisent aucun de ces groupes, sauf si une règle du corridor nomme la loi qui le permet.
fairness-sentence = <b>{ $seated }</b> des <b>{ $eligible }</b> personnes éligibles ont un poste.
fairness-read = Repère : taux du groupe, avec son intervalle à 95 % selon Wilson. Pointillé : taux de tous. Les groupes de moins de { $least } personnes ne sont pas montrés.
fairness-rate = Taux
fairness-seated = Avec poste
fairness-eligible = Éligibles
fairness-interval = Intervalle à 95 %
fairness-untold = Non montré : si peu de personnes pourraient être reconnues.
fairness-sex = Sexe
fairness-region = Région
fairness-first-timer = Saison
fairness-age-band = Âge
group = Groupe
group-unknown = inconnu
group-women = femmes
group-men = hommes
group-unspecified = non précisé
group-first = première saison
group-returned = déjà rentrés d’une saison
group-young = 24 ans et moins
group-old = 55 ans et plus

cost-link = qu’en coûterait-il ?
cost-of = Que coûterait un poste sur { $line } ?
cost-forbid = Qu’en coûterait-il sans ce poste ?
what-if-title = Ce qu’il en coûterait
what-if-moved = { $count ->
    [0] Aucun poste ne changerait.
    [one] Le poste de { $count } personne changerait.
   *[other] Les postes de { $count } personnes changeraient.
}
before = Avant
after = Après
cost-change = Écart
seat-from = De
seat-to = Vers
override-pin = donner ce poste
override-forbid = pas ce poste
override-reason = Motif
override-lay = Fixer
override-effect = Le tour devient le meilleur plan qui garde cette paire. Qui, pourquoi et à quel coût restent consignés.
override-what = Quoi
override-by = Par
override-moved = Postes changés
overrides = Fixé à la main,
overrides-hint = avec qui, pourquoi et à quel coût
laid-down = Fixé.
laid-down-more = Le plan est maintenant le meilleur qui garde la paire. Son coût figure ci-dessous.
refusal-pair-closed = Les règles ferment cette paire : { $rule }.
mend-pair-closed = Ce que les règles ferment, personne ne peut le fixer.
refusal-round-changed = Le tour n’est plus le même.
mend-round-changed = Regardez-le tel qu’il est maintenant et décidez de nouveau.
refusal-search-time = Le marché n’a pas été calculé en 20 secondes.
mend-search-time = Redemandez à une heure calme.
refusal-solver-busy = Deux recherches sont déjà en cours.
mend-solver-busy = Redemandez dans un instant.
refusal-round-basis = Ce tour n’a pas gardé son marché.
mend-round-basis = Calculez-en un nouveau.
what-if-of = Ce qu’il en coûterait : { $what }
round-sentence-discarded = Ce tour a été écarté. Rien n’en est parti.
round-progress = { $phase } : { $percent } du travail est fait.
phase-waiting = En attente de la fin d’un autre tour
phase-reading = Lecture des lignes et des personnes
phase-market = Constitution du marché
phase-pairs = Lecture de qui peut aller où
phase-seats = Attribution des postes, sans les quotas
phase-quotas = Recherche du meilleur plan dans les quotas
phase-checking = Contrôle du plan
phase-storing = Écriture du plan
phase-publishing = Envoi des propositions
publish-on = Continuer la publication
publish-on-effect = Si la publication a été interrompue, le reste part. Ce qui est déjà parti ne part pas deux fois.
what-if-seen = Le coût a été montré avant l’envoi de ce formulaire. Si le tour a changé depuis, le formulaire est refusé.
refusal-pair-laid-down = Cette paire a déjà été fixée dans ce tour.
mend-pair-laid-down = Écartez le tour et calculez-en un nouveau pour décider de nouveau.
refusal-pinned-elsewhere = La personne est fixée à une autre ligne de ce tour.
mend-pinned-elsewhere = Regardez ce qui a été fixé à la main, et choisissez quelqu’un d’autre.
refusal-seats-pinned = Tous les postes ou unités de quota pour cette paire sont allés à d’autres qui sont fixés.
mend-seats-pinned = Choisissez une autre ligne.
refusal-pair-unknown = Le tour n’avait pas cette personne parmi ses inscrits, ou pas cette ligne avec un poste libre.
mend-pair-unknown = Choisissez la paire sur la page du tour.
refusal-pair-reason = Rien de ce nom ne décide d’une paire.
mend-pair-reason = Choisissez un motif dans la liste au-dessus des paires.
refusal-round-state = Ce n’est pas possible dans l’état où se trouve le tour.
mend-round-state = Regardez le tour tel qu’il est maintenant.
refusal-text-length = Un texte manque, ou dépasse 200 caractères.
mend-text-length = Remplissez-le ou raccourcissez-le, et renvoyez.
refusal-round-overtaken = Un autre tour est parti après le calcul de celui-ci.
mend-round-overtaken = Écartez ce tour et calculez-en un nouveau.
refusal-round-not-out = Le tour n’a pas encore de résultat que vous puissiez voir.
refusal-round-large = Le tour a plus de personnes qu’on n’en recalcule pendant que quelqu’un attend.
mend-round-large = Regardez l’explication sans les changements.
refusal-deadline = L’appel a duré plus que permis. Il peut encore prendre effet.
mend-deadline = Renvoyez le même formulaire : il n’a qu’un effet.
refusal-round-busy = Un autre tour de cette saison et de cette destination est en cours.
mend-round-busy = Attendez qu’il soit terminé.
refusal-together-no-room = La personne va avec d’autres, et il n’y a pas de place pour toutes.
mend-together-no-room = Choisissez une ligne avec un poste pour chacune.
