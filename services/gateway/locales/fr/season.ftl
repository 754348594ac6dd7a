# The homes, the corridor.
home-title = Saison { $season }
home-sentence = Sur <a data-l10n-name="ordered"><b>{ $ordered }</b> postes</a> demandés, { $home ->
    [one] <a data-l10n-name="home"><b>{ $home }</b> personne est rentrée</a>
   *[other] <a data-l10n-name="home"><b>{ $home }</b> personnes sont rentrées</a>
}, retour vérifié, et { $working ->
    [one] <a data-l10n-name="working"><b>{ $working }</b> est au travail</a>
   *[other] <a data-l10n-name="working"><b>{ $working }</b> sont au travail</a>
}. { $late ->
    [0] Aucun placement n’est en retard
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> placement est en retard</a>
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> placements sont en retard</a>
}, { $stuck ->
    [0] {""}
    [one] <a data-l10n-name="stuck"><b>{ $stuck }</b> groupe est bloqué</a>,{" "}
   *[other] <a data-l10n-name="stuck"><b>{ $stuck }</b> groupes sont bloqués</a>,{" "}
}{ $decisions ->
    [0] et aucune décision ne vous attend.
    [one] et <a data-l10n-name="decisions"><b>{ $decisions }</b> décision vous attend</a>.
   *[other] et <a data-l10n-name="decisions"><b>{ $decisions }</b> décisions vous attendent</a>.
}
seal-name = Sceau des chiffres
seal-verified = Tous les chiffres vérifiés le { $time }
seal-differs = { $count ->
    [one] { $count } chiffre diffère de son recomptage
   *[other] { $count } chiffres diffèrent de leur recomptage
}
seal-counted = { $events } événements recomptés, { $differences ->
    [one] { $differences } différence.
   *[other] { $differences } différences.
}
seal-none = Ces chiffres n’ont pas encore été recomptés.
difference = { $corridor }, { $column } : la page montre { $shown }, le recomptage donne { $counted }.
flow-title = De la demande au retour vérifié
flow-hint = Placements qui ont atteint chaque étape, dans la saison du { $from } au { $until }. Les postes se comptent à part : un poste peut être proposé plusieurs fois, et une ligne ouverte à plusieurs origines n’appartient à aucun corridor.
flow-empty = Pas encore de placement. Les premiers apparaissent ici dès qu’un tour est publié.
flow-table = Les chiffres du graphique,
flow-table-hint = et qui se trouve à chaque étape.
flow-file = Télécharger (CSV)
column-ordered = Postes demandés
column-proposed = Proposés
column-signed = Contrat signé
column-visa = Visa accordé
column-departed = Partis
column-working = Au travail
column-completed = Terminé
column-returned = Retour vérifié
cell-here = { $count } ici
replaced = De la réserve
one-sided = Une seule partie
one-sided-of = dont { $count } par une seule partie
rivers-title = De la demande au retour vérifié, par corridor
rivers-read = Chaque bande est un corridor ; sa hauteur à une colonne est le nombre qui a atteint l’étape. La partie pâle s’y trouve encore, la branche rouge est sortie, la branche qui monte remplace les sortis. Tous les chiffres sont dans le tableau qui suit.
rivers-read-narrow = Une barre par étape, divisée par corridor. Tous les chiffres sont dans le tableau qui suit.
rivers-open = { $count ->
    [one] { $count } libre
   *[other] { $count } libres
}
rivers-at-work = { $count } au travail
rivers-here = { $count } ici
rivers-dropped = { $count ->
    [one] { $count } sorti
   *[other] { $count } sortis
}
rivers-replaced = { $count ->
    [one] +{ $count } remplacé
   *[other] +{ $count } remplacés
}
rivers-home = rentrés
rivers-none-home = aucun encore
rivers-here-row = Ici en ce moment
rivers-dropped-row = Sortis
legend-on = ont atteint l’étape et continué
legend-here = se trouvent à l’étape
legend-dropped = sortis
legend-replaced = remplacent un sorti
decisions-title = Décisions en attente
decisions-hint = Vous seul pouvez les prendre. La plus ancienne d’abord.
decisions-empty = Aucune décision ne vous attend.
decide = Décider
late-title = Étapes en retard
late-hint = Par type, avec qui peut y remédier. Un placement peut avoir plusieurs étapes en retard.
late-empty = Rien n’est en retard.
late-what = Ce qui est en retard
late-who = Qui doit agir
late-oldest = La plus ancienne

union-sentence = Sur <b>{ $ordered }</b> postes que vous avez demandés, { $filled ->
    [one] <b>{ $filled }</b> est pourvu
   *[other] <b>{ $filled }</b> sont pourvus
} et { $missing ->
    [one] <b>{ $missing }</b> manque
   *[other] <b>{ $missing }</b> manquent
}. { $working ->
    [one] <a data-l10n-name="working"><b>{ $working }</b> personne est au travail</a>
   *[other] <a data-l10n-name="working"><b>{ $working }</b> personnes sont au travail</a>
} chez vous. { $late ->
    [0] Rien de votre côté n’est en retard.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> de vos placements est en retard</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> de vos placements sont en retard</a>.
}
ministry-sentence = { $corridors ->
    [0] { $ready ->
        [one] <b>{ $ready }</b> personne est inscrite
       *[other] <b>{ $ready }</b> personnes sont inscrites
    }
    [one] { $ready ->
        [one] <b>{ $ready }</b> personne est inscrite
       *[other] <b>{ $ready }</b> personnes sont inscrites
    }
   *[other] Au moins <b>{ $ready }</b> personnes sont inscrites
} et { $preparing ->
    [one] <a data-l10n-name="steps"><b>{ $preparing }</b> placement se prépare</a>
   *[other] <a data-l10n-name="steps"><b>{ $preparing }</b> placements se préparent</a>
}. { $abroad ->
    [one] <a data-l10n-name="abroad"><b>{ $abroad }</b> personne est à l’étranger</a>
   *[other] <a data-l10n-name="abroad"><b>{ $abroad }</b> personnes sont à l’étranger</a>
}, { $home ->
    [one] <a data-l10n-name="home"><b>{ $home }</b> est rentrée</a>
   *[other] <a data-l10n-name="home"><b>{ $home }</b> sont rentrées</a>
}, retour vérifié. { $late ->
    [0] Rien de votre côté n’est en retard.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> de vos placements est en retard</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> de vos placements sont en retard</a>.
}
queue-title = Ce qui est en attente
queue-hint = Les retards d’abord, puis par échéance.
queue-empty = Rien n’est en attente pour vous.
open-list = Ouvrir la liste
own-steps-title = Vos placements
todo-select = { $count ->
    [one] proposition à traiter
   *[other] propositions à traiter
}
todo-offer = { $count ->
    [one] offre à faire
   *[other] offres à faire
}
todo-sign-contract = { $count ->
    [one] contrat à signer
   *[other] contrats à signer
}
todo-confirm-arrival = { $count ->
    [one] arrivée à signaler
   *[other] arrivées à signaler
}
todo-start-work = { $count ->
    [one] début de travail à signaler
   *[other] débuts de travail à signaler
}
todo-complete-work = { $count ->
    [one] fin de travail à signaler
   *[other] fins de travail à signaler
}
todo-apply-visa = { $count ->
    [one] visa à demander
   *[other] visas à demander
}
todo-clear-medical = { $count ->
    [one] aptitude à enregistrer
   *[other] aptitudes à enregistrer
}
todo-complete-training = { $count ->
    [one] formation à enregistrer
   *[other] formations à enregistrer
}
todo-complete-orientation = { $count ->
    [one] séance d’orientation à tenir
   *[other] séances d’orientation à tenir
}
todo-depart = { $count ->
    [one] départ à enregistrer
   *[other] départs à enregistrer
}
todo-verify-return = { $count ->
    [one] retour à vérifier
   *[other] retours à vérifier
}

corridor-sentence = Sur <a data-l10n-name="steps"><b>{ $proposed }</b> personnes proposées</a>, { $home ->
    [one] <a data-l10n-name="home"><b>{ $home }</b> est rentrée</a>
   *[other] <a data-l10n-name="home"><b>{ $home }</b> sont rentrées</a>
}, retour vérifié, et { $dropped ->
    [one] <a data-l10n-name="steps"><b>{ $dropped }</b> est sortie</a>
   *[other] <a data-l10n-name="steps"><b>{ $dropped }</b> sont sorties</a>
}. { $late ->
    [0] Aucune étape n’est en retard.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> étape est en retard</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> étapes sont en retard</a>.
}
pack-name = Jeu de règles
pack-line = { $version }, en vigueur depuis le { $from }.
pack-rules = { $count ->
    [one] { $count } règle en vigueur
   *[other] { $count } règles en vigueur
}
not-adding-up = Ces nombres ne concordent pas. Ils sont montrés tels qu’ils ont été comptés.
steps-title = Les 17 étapes
steps-hint = Qui atteint une étape continue, s’y trouve encore ou sort. La somme des trois donne le premier nombre.
bars-read = Ont continué, ici, sortis
why-dropped = Pourquoi
clocks-title = Délais
clocks-empty = Aucun délai ne court dans ce corridor.
clock = Délai
limit = Durée, jours
running = En cours
oldest-late = Retard le plus long, jours
quota-title = Quota
quota-hint = Une unité est définitivement utilisée quand la personne part. Avant, elle peut être rendue.
quota-part = Part
quota-units = Unités
quota-free = Libres
quota-cap = Quota
rules-title = Règles en vigueur
rules-hint = Chacune avec sa source. Une hypothèse est signalée jusqu’à ce qu’elle soit mesurée ou documentée.
rules-empty = Aucune règle n’est encore en vigueur ici.
rule = Règle
rule-says = Ce qu’elle dit
rule-source = Source
assumed = Hypothèse
part-away = Le service concerné ne répond pas en ce moment. Actualisez dans un instant.
todo-accept = { $count ->
    [one] réponse d’un travailleur à enregistrer
   *[other] réponses de travailleurs à enregistrer
}
todo-give-notice = { $count ->
    [one] fin de travail à notifier
   *[other] fins de travail à notifier
}
todo-open-re-entry = { $count ->
    [one] nouvelle entrée à examiner
   *[other] nouvelles entrées à examiner
}
todo-authorise = { $count ->
    [one] autorisation à traiter
   *[other] autorisations à traiter
}
todo-grant-visa = { $count ->
    [one] visa à traiter
   *[other] visas à traiter
}
todo-decide-non-return = { $count ->
    [one] retour à éclaircir
   *[other] retours à éclaircir
}
todo-close-review = { $count ->
    [one] révision à clore
   *[other] révisions à clore
}
days-here = Jours ici
days-median-longest = médiane { $median }, maximum { $longest }
quota-allotted = Attribuées aux postes des lignes
quota-reserve = { $count ->
    [0] Aucune unité n’est gardée en réserve.
    [one] { $count } unité de plus est gardée en réserve ; deux personnes peuvent la libérer.
   *[other] { $count } unités de plus sont gardées en réserve ; deux personnes peuvent les libérer.
}
quota-shortfall = La limite du programme est { $count } au-dessous de ce qui est attribué.
quota-none = Aucun quota n’est fixé pour cette saison.
frozen = Ce corridor est fermé.
frozen-more = Les mouvements qui exigent un corridor ouvert sont refusés jusqu’à sa réouverture.
