# Rounds: list and page.
round = Tour
round-number = Tour { $number }
rounds-sentence = { $count ->
    [0] Aucun tour n’attend d’être publié.
    [one] <b>{ $count }</b> tour est calculé et attend d’être publié.
   *[other] <b>{ $count }</b> tours sont calculés et attendent d’être publiés.
}
rounds-list = Tous les tours
rounds-hint = Un tour est calculé, regardé, puis publié. Le dernier vient d’abord.
rounds-empty = Pas encore de tour. Le premier est calculé quand une ligne est ouverte et que des personnes sont inscrites.
rounds-pager = Tours { $from } à { $last } sur { $total }
scope = Portée
seats = Postes
pairs = Paires
seats-filled = Postes pourvus
gap = Écart
candidates = Candidats
eligible = Paires permises
market = Ce qui a été apparié
computed = Calculé

round-sentence-best = <b>{ $pairs }</b> postes sur <b>{ $seats }</b> sont pourvus parmi <b>{ $candidates }</b> candidats. Aucun plan ne peut être meilleur : valeur et borne sont égales.
round-sentence-gap = <b>{ $pairs }</b> postes sur <b>{ $seats }</b> sont pourvus parmi <b>{ $candidates }</b> candidats. Aucun plan ne peut être meilleur de plus de <b>{ $gap }</b>.
round-sentence-wrong = { $wrong ->
    [one] <b class="late">{ $wrong } contrôle ne tient pas.</b> Ce tour ne peut pas être publié.
   *[other] <b class="late">{ $wrong } contrôles ne tiennent pas.</b> Ce tour ne peut pas être publié.
}
publish = { $count ->
    [one] Publier { $count } proposition
   *[other] Publier { $count } propositions
}
publish-effect = Chaque proposition prend un poste, une unité de quota et la période de la personne. Ce qui ne va plus revient refusé, avec son motif.
proof-title = Pourquoi ce plan
proof-hint = Chacun peut vérifier la borne avec les prix publiés. Un vérificateur sans code commun avec le solveur a regardé chaque paire.
certificate = Valeur et borne
value = Valeur du plan
bound = Borne
bound-hint = Aucun plan ne peut la dépasser
seed = Graine
policy = Politique
input-hash = Entrée
goals = Buts,
goals-hint = dans l’ordre de la politique
goal = But
share = Part
possible = Possible
checks = Contrôles du vérificateur
checks-hint = sur le plan écrit
check = Ce qui doit tenir
looked-at = Regardé
outcome = Résultat
check-holds = tient
check-wrong = { $count } en défaut

pairs-title = Qui va où
pairs-hint = { $count ->
    [one] { $count } paire. Les noms sont cachés jusqu’à la sélection ; vous voyez des numéros.
   *[other] { $count } paires. Les noms sont cachés jusqu’à la sélection ; vous voyez des numéros.
}
pairs-none = Le plan n’a pas de paire.
pairs-none-here = Aucune paire ne correspond à ce filtre.
pairs-pager = Paires { $from } à { $last } sur { $total }
all-lines = Toutes les lignes
all-reasons = Tous les motifs
score = Score
why = Pourquoi
why-link = pourquoi
why-of = Pourquoi { $candidate }
why-named = { $season ->
    [1] Nommé par la ferme pour une première saison
    [2] Nommé par la ferme, deuxième saison ici
    [3] Nommé par la ferme, troisième saison ici
   *[other] Nommé par la ferme, { $season } saisons ici
}
why-with = Reste avec <code>{ $others }</code>
why-rank = { $rank ->
    [1] Premier de { $of } pour cette ligne
    [2] Deuxième de { $of } pour cette ligne
    [3] Troisième de { $of } pour cette ligne
   *[other] Numéro { $rank } de { $of } pour cette ligne
}
why-elsewhere = { $above ->
    [one] Aurait { $score } à la ligne { $line }, où { $above } autre a plus
   *[other] Aurait { $score } à la ligne { $line }, où { $above } autres ont plus
}
why-draw = À égalité avec d’autres ; tirage { $place } sur { $of }

explain-kicker = Pourquoi ce résultat
explain-no-seat = { $candidate } n’a pas de poste
explain-seated = { $candidate } a un poste à la ligne { $line }
explain-open = { $lines ->
    [one] { $open } ligne sur { $lines } était ouverte à cette personne selon les règles.
   *[other] { $open } des { $lines } lignes étaient ouvertes à cette personne selon les règles.
}
explain-closest = La plus proche était la <strong>ligne { $line }</strong>, { $farm } : la personne a <strong>{ $score }</strong>, la dernière placée <strong>{ $last }</strong>.
explain-changes = Ce qui l’aurait changé
change-seat = <strong>Un poste de plus à la ligne { $line }.</strong> Alors cette personne l’a.
change-score = <strong>{ $points } points de plus</strong> pour la ligne { $line }. Quelqu’un d’autre n’a rien.
change-free = <strong>Libre dès le { $day }</strong> : un poste à la ligne { $line }.
explain-tried = Chaque cas a été essayé : le tour a été résolu de nouveau avec ce seul changement.
explain-closed = Lignes fermées, et par quelle règle
explain-now = La suite
explain-reserve = Numéro { $rank } sur la liste de réserve de la ligne { $line }.
explain-roster = Inscrit jusqu’au { $until }.
explain-next = Au prochain tour le { $day }.
explain-no-penalty = Sans pénalité.
explain-close = Fermer cette explication
