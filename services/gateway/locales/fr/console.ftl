# The frame, shared words, errors.
skip = Aller au contenu
brand-home = Circula, accueil
nav = Principal
nav-home = Accueil
nav-placements = Placements
nav-rounds = Tours
nav-parked = Événements en attente
nav-waiting = en attente
languages = Langue
sign-out = Se déconnecter
sign-in = Se connecter
sign-in-lead = Choisissez le bureau que vous voulez voir.
sign-in-hint = Ce sont des comptes de développement, chacun nommé par son bureau. En production, c’est votre organisation qui vous connecte. Les travailleurs n’ont pas besoin de compte.
sign-in-empty = Il n’y a pas de compte de développement ici. Votre organisation ouvre l’accès.
sign-in-as = Se connecter : { $organisation }
as-of = État au { $time } UTC.
refresh = Actualiser
live-changed = Cette page a changé.
live-show = Afficher
live-lost = La liaison directe est coupée. La page fonctionne toujours.
crumbs = Vous êtes ici

corridor = Corridor
corridor-name = { $origin } → { $destination }
all-corridors = Tous les corridors
season = Saison
show = Afficher
clear-filter = Effacer le filtre
state = État
all-states = Tous les états
candidate = Candidat
line = Ligne
lines = Lignes
period = Période
reason = Motif
choose = Choisir
status = Statut
due = Échéance
late = En retard
now = en cours
together = Total
step = Étape
reached = Atteint
went-on = Ont continué
here-now = Ici en ce moment
dropped-out = Sortis
days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
days-late = { $count ->
    [one] { $count } jour de retard
   *[other] { $count } jours de retard
}
late-count = { $count } en retard
due-by = d’ici au { $day }
because = Motif : { $reason }.

pager-first = Début
pager-next = { $count } suivants
pager-many = { $from } à { $last } sur plus de { $total }

ring-title = Étape { $number } sur 17 : { $step }
ring-of = sur 17
ring-about = Dix-sept étapes, de la proposition au retour vérifié. L’anneau se ferme quand le travailleur est rentré chez lui.

problem-prefix = Erreur : { $title }
problem-back = Continuer
problem-fields = Corrigez ceci, puis renvoyez
problem-typed = Votre saisie
problem-reference = Référence : <code>{ $reference }</code>. Donnez-la à la personne qui vous aide.
problem-400-title = Le formulaire est à corriger
problem-400-text = Rien n’a été enregistré. Corrigez ce qui est indiqué ici et renvoyez.
problem-403-title = Ce bureau n’en a pas le droit
problem-403-text = Rien n’a changé. L’opérateur du programme peut dire quel bureau en a le droit.
problem-404-title = Il n’y a rien ici pour vous
problem-404-text = La page n’existe pas ou appartient à une autre organisation. Les listes montrent tout ce qui est à vous.
problem-409-title = Quelqu’un a été plus rapide
problem-409-text = Ceci a été modifié après que vous l’avez ouvert. Rien n’a été enregistré de votre côté. Rouvrez la page pour voir l’état actuel.
problem-413-title = Le fichier est trop grand
problem-413-text = Rien n’a été enregistré. Un fichier peut peser { $limit } Mio au plus. Divisez-le et envoyez les parties.
problem-429-title = Trop de demandes à la fois
problem-429-text = { $seconds ->
    [one] Rien n’est perdu. Attendez { $seconds } seconde, puis continuez.
   *[other] Rien n’est perdu. Attendez { $seconds } secondes, puis continuez.
}
problem-503-title = Une partie du programme ne répond pas
problem-503-text = { $seconds ->
    [one] Ce que vous avez déjà envoyé est conservé. Réessayez dans { $seconds } seconde ; les autres pages fonctionnent.
   *[other] Ce que vous avez déjà envoyé est conservé. Réessayez dans { $seconds } secondes ; les autres pages fonctionnent.
}
any-origin = Toute origine
calendar-at = Les délais du programme sont comptés jusqu’au { $day }.
refused-title = Non fait : { $what }
refused-why = Pourquoi
refused-where = Où
refused-mend = Comment y remédier
refused-page = Cette page
move-done = Fait : { $what }
published = Ce tour part maintenant.
published-more = Chaque proposition devient un placement, ou revient refusée avec son motif.
problem-403-form = Ce formulaire date d’avant votre session
problem-403-form-why = Rien n’a changé. Rouvrez la page et renvoyez le formulaire depuis celle-ci.
problem-500-title = Quelque chose n’a pas fonctionné de notre côté
problem-500-text = C’est dans notre journal sous la référence ci-dessous. Ce qui était enregistré est conservé.
no-role-why = Votre compte n’a aucun rôle dans ce programme.
no-role-mend = L’opérateur du programme attribue les rôles.
bare-foreign = Ce formulaire vient d’un autre site. Rien n’a changé.
bare-busy = Trop de personnes demandent en même temps. Rien n’a changé ; réessayez dans un instant.
bare-peer-full = Trop de demandes sont en cours depuis votre adresse. Rien n’a changé ; réessayez dans un instant.
bare-late = Le formulaire n’est pas arrivé à temps. Rien n’a changé ; renvoyez-le.
bare-fault = Quelque chose n’a pas fonctionné de notre côté. Indiquez-nous la référence { $reference }.
bare-method = Cette adresse n’accepte pas cela.
bare-ended = Votre session est terminée. Rien n’a changé ; connectez-vous et renvoyez le formulaire.
sign-in-not-set-up = La connexion n’est pas configurée ici. Les appels avec un jeton sont servis.
sign-in-refused = Le service d’identité ne vous a pas connecté. Rien n’a changé ; vous pouvez réessayer.
sign-in-unusable = La réponse du service d’identité est inutilisable. Vous n’êtes pas connecté ; vous pouvez réessayer.
sign-in-elsewhere = Cette connexion a commencé dans un autre navigateur ou il y a plus de dix minutes. Connectez-vous de nouveau.

parked-sentence = { $count ->
    [0] Tous les événements ont été appliqués. Rien n’attend.
    [one] <b>{ $count }</b> événement attend : il n’a pas pu être appliqué, ou il suit un événement bloqué.
   *[other] <b>{ $count }</b> événements attendent : ils n’ont pas pu être appliqués, ou suivent un événement bloqué.
}
parked-silent = { $service } ne répond pas : on ne sait pas ce qui y attend.
parked-list = Par agrégat,
parked-hint = le plus ancien d’abord. Tout le reste continue ; il ne manque aux chiffres que ce qui attend ici.
parked-empty = Rien n’est en attente.
parked-count = { $count ->
    [one] { $count } événement
   *[other] { $count } événements
}
parked-key = Agrégat
parked-place = Sujet, partition/position
parked-since = En attente depuis
parked-at = { $time } UTC
parked-replay = Appliquer de nouveau, dans l’ordre
parked-replay-effect = Une fois la cause corrigée. L’opération s’arrête au premier événement qui ne convient toujours pas.
parked-replay-done = Appliqué. Cet agrégat n’est plus bloqué.
parked-dropped = Des événements d’une vie close par une restauration ont été écartés et non appliqués : ce que leur propriétaire en a gardé revient.
parked-discard = Abandonner le premier événement
parked-why = Pourquoi il peut être abandonné
parked-discard-effect = Il ne sera jamais appliqué ici. L’événement, votre nom et votre raison sont conservés.
parked-discard-done = Abandonné. Ce qui suivait peut maintenant être appliqué.
