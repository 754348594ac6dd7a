# Why somebody has a seat or none, in the codes of the service.
reason-seated = Un poste à la ligne { $line }, { $title }, avec un score de { $points }. Lignes ouvertes à cette personne selon les règles : { $open } sur { $lines }.
reason-on-reserve = Pas de poste. Lignes ouvertes à cette personne selon les règles : { $open } sur { $lines } ; chaque poste y est allé à une personne demandée par son nom ou à quelqu’un qui passe avant. Numéro { $rank } sur la liste de réserve de la ligne { $line }, { $title }.
reason-no-lines = Le tour n’avait aucune ligne avec un poste libre.
reason-no-line-open = Pas de poste : aucune ligne n’était ouverte à cette personne.
reason-nearest = Pas de poste. Lignes ouvertes à cette personne selon les règles : { $open } sur { $lines } ; chaque poste y est allé à une personne demandée par son nom ou à quelqu’un qui passe avant. La plus proche était la ligne { $line }, { $title }, où la personne a un score de { $score }.
reason-recalled = Demandée par son nom par { $union } après la saison { $season }.
reason-first = Passe en premier : l’employeur a repris la dernière offre.
reason-priority = Passe avant tout score : la personne a un motif de priorité que les règles du corridor nomment.
reason-all-pinned = Chaque poste a été fixé par un opérateur ; aucun score n’aurait suffi.
reason-all-named = Chaque poste est allé à une personne demandée par son nom ; aucun score n’aurait suffi.
reason-all-first = Chaque poste est allé à quelqu’un qui passe en premier, ou qui était demandé par son nom ; aucun score n’aurait suffi.
reason-all-priority = Chaque poste est allé à quelqu’un qui a un motif de priorité, ou un droit qui passe avant ; aucun score n’aurait suffi.
reason-as-good = Aussi bon que le poste obtenu ; l’ordre du tirage a décidé.
reason-worth-more = Le poste obtenu vaut plus : écart de { $points }.
reason-drawn = À égalité avec la dernière personne placée ; le tirage a décidé.
reason-full = Tous les postes sont pris ; la dernière personne placée a un score de { $lowest }, et il aurait fallu au moins { $needed }.
reason-quota-used = Il reste des postes, mais le quota est épuisé par d’autres ; il aurait fallu { $needed }.
reason-together-not-whole = Pas de poste : cette personne appartient à une famille ou à une équipe qui est placée tout entière ou pas du tout. Personnes qui en font partie : { $people } ; parmi elles, ne peuvent pas participer : { $out }. S’il n’y en a aucune, aucun lieu n’est ouvert à toutes.
reason-together-no-room = Pas de poste : cette personne appartient à une famille ou à une équipe qui est placée tout entière ou pas du tout. Personnes qui en font partie : { $people } ; lieux ouverts à toutes : { $places }. Aucun n’avait de place pour toutes, ou d’autres y avaient un meilleur droit.
reason-least-crew-not-reached = Personne n’est envoyé : le travail exige au moins { $least } personnes, et on n’en a pas trouvé autant.
reason-beds-taken = Postes pourvus : { $filled } sur { $seats }. Tous les lits du logement sont pris.
reason-nobody = Personne ne peut prendre un poste de cette ligne. Personnes examinées : { $people }.
reason-seats-left = Postes pourvus : { $filled } sur { $seats }. Personnes qui peuvent en prendre un : { $eligible } ; les autres ont un meilleur poste ou pas de quota.
reason-all-filled = Tous les postes sont pourvus : { $seats }, parmi { $eligible } qui peuvent en prendre un ; la dernière personne placée a un score de { $lowest }.

# Rules that close a line to a person, by their keys.
reason-corridor-open = Aucun corridor ouvert ne mène du pays de la personne à cette destination.
reason-roster-validity-days = L’inscription n’était pas valable à la date du tour.
reason-candidate-fitness-required = Pas d’aptitude médicale valable à la date du tour.
reason-candidate-training-required = Pas de formation valable à la date du tour.
reason-candidate-destinations = La personne ne souhaite pas aller à cette destination.
reason-line-origins = La ligne admet d’autres origines.
reason-line-quota = Aucun quota du corridor de la personne ne couvre la ligne.
reason-isco = La personne n’a travaillé dans aucun métier de la ligne.
reason-line-experience-months = Moins d’expérience dans le métier que la ligne n’en demande.
reason-candidate-experience-months-min = Moins d’expérience dans le métier que le corridor n’en demande.
reason-line-languages = Une langue manque, ou n’atteint pas le niveau que la ligne demande.
reason-candidate-languages = Une langue manque, ou n’atteint pas le niveau que le corridor demande.
reason-line-certificates = Il manque un certificat que la ligne demande.
reason-candidate-age-min = Âge insuffisant l’année où le travail commence.
reason-candidate-age-max = Âge dépassé l’année où le travail commence.
reason-dates = Le travail n’est pas dans les jours où la personne est disponible.
reason-person-free = La personne est placée ou proposée ailleurs pendant ce temps.
reason-stay-days-max-in-12-months = Avec ce travail, la personne passerait trop de jours à l’étranger en douze mois.
reason-line-substitutes = Tous les postes sont gardés pour les personnes que la commande nomme, et la ligne n’admet pas de remplaçants.
reason-placement-listed = La personne est déjà sur la liste de réserve de la ligne.
reason-proposal-refused = Une proposition de cette personne pour cette ligne a déjà été refusée.
reason-placement-ended = Un placement de cette personne sur cette ligne a pris fin avant le départ.

# How the points of a score come about.
counted-base = chaque personne
counted-per-experience-month = { $count ->
    [one] { $count } mois dans le métier
   *[other] { $count } mois dans le métier
}
counted-per-returned-season = { $count ->
    [one] { $count } saison terminée par un retour vérifié
   *[other] { $count } saisons terminées par un retour vérifié
}
counted-per-language-level = { $count ->
    [one] { $count } niveau de langue au-dessus de ce qui est demandé
   *[other] { $count } niveaux de langue au-dessus de ce qui est demandé
}
counted-per-certificate = { $count ->
    [one] { $count } certificat en plus de ceux demandés
   *[other] { $count } certificats en plus de ceux demandés
}
counted-priority = un motif de priorité que le corridor nomme

# Why a round could not be computed.
reason-ground-unfounded = Les règles de { $corridor } laissent le score ou la priorité lire { $ground }, qui est protégé, et ne nomment aucune loi qui le permette. Publiez des règles avec score.legal_basis, ou sans ce motif.
reason-weights-too-large = Les objectifs sont trop nombreux pour être tenus exactement l’un après l’autre : { $tiers } niveaux sur des scores jusqu’à { $score } dépassent 124 bits.
reason-too-many-pairs = { $pairs } paires de personnes et de lignes, c’est plus que l’on ne peut distinguer. Calculez des tours plus petits.
reason-market-refused = Le solveur a refusé le marché composé, avec { $code } : « { $detail } ». C’est un défaut ; signalez-le.
reason-plan-wrong = Le plan n’a pas passé ses contrôles, rien n’en est donc gardé : « { $checks } ». C’est un défaut ; signalez-le.
reason-process-ended = Le processus qui le calculait s’est arrêté. Calculez le tour de nouveau.
reason-not-computed = Quelque chose a cédé pendant le calcul : « { $detail } ».
