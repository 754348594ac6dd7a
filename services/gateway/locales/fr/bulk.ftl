# Bulk actions: marking, preview, result.
pick = Marquer { $number }
pick-all = { $count ->
    [one] Marquer le { $count } de cette page
   *[other] Marquer les { $count } de cette page
}
pick-none = Ne rien marquer
bulk-title = Que faire de ce qui est marqué
bulk-action = Avec ce qui est marqué
bulk-reason = Motif, gardé dans le journal
bulk-preview = Aperçu
preview-title = Aperçu
preview-result = Résultat
preview-asked = { $all ->
    [one] <b>{ $all }</b> placement est marqué. Remplissez ce qui manque ; rien n’est fait encore.
   *[other] <b>{ $all }</b> placements sont marqués. Remplissez ce qui manque ; rien n’est fait encore.
}
preview-tried = Rien n’est fait encore. Sur <b>{ $all }</b>, <b>{ $made }</b> passent et <b>{ $not }</b> ne passent pas.
preview-done = Sur <b>{ $all }</b>, <b>{ $made }</b> sont faits et <b>{ $not }</b> ne le sont pas.
preview-changed = Quelque chose a changé après l’aperçu. Rien n’est fait ; voyez ce qu’il en est.
preview-what = Ce qui sera fait
preview-what-hint = Le même pour tous. Chaque placement est jugé pour lui-même, dans l’ordre ci-dessous.
preview-missing = Ceci est nécessaire.
preview-again = { $count ->
    [one] Aperçu pour { $count } placement
   *[other] Aperçu pour { $count } placements
}
preview-confirm = { $count ->
    [one] Confirmer pour { $count } placement
   *[other] Confirmer pour { $count } placements
}
preview-back = Retour à la liste
preview-rows = Placement par placement
preview-will = Sera fait
preview-was = A été fait
preview-after = Ce qu’il en résulte, ou pourquoi non
preview-yes = passe
preview-no = ne passe pas
preview-made = fait
preview-not-made = pas fait
preview-recorded = Enregistré ; l’étape reste.
preview-left-out = Laissé de côté : l’aperçu disait que cela ne passe pas.
preview-nothing = Aucun placement n’est marqué.
preview-no-action = Aucune action de ce bureau n’est choisie.
preview-too-many = C’est plus qu’une page de la liste : { $most } au plus.
preview-mend = Marquez les placements dans la liste, choisissez l’action et un motif.
ending-return-travel = Sur le chemin du retour
ending-re-entry-eligible = Peut revenir
ground-group-list = liste de tout le groupe
ground-papers-seen = pièces vues
ground-told-by-party = dit par la partie
ground-recorded-late = enregistré tardivement
ground-phone = par téléphone
ground-message = par message
ground-email = par courriel
ground-letter = par lettre
ground-visit = par une visite
ground-family = par la famille
queue-mark = Tout marquer
preview-note = Motif { $number }
preview-notes = Motifs communs à plusieurs
