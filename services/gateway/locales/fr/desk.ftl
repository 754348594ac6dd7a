# Homes, corridor and who sees what: what was added to season.ftl.
corridor-clocks-hint = Combien ont duré ceux qui sont finis, et où en sont ceux qui courent. Chaque barre a sa propre échelle.
clock-days = Jours
clock-ended = Finis
clock-half = La moitié en, jours
clock-nine = Neuf sur dix en, jours
quota-used = Confirmées : utilisées pour de bon
quota-held = Retenues pour des personnes pas encore parties
quota-open = À des postes encore sans personne
quota-kept = Gardées en réserve, en plus
all-clocks = Tous les délais
stuck-title = Groupes bloqués
stuck-hint = Deux ou plus qui attendent la même chose de la même partie, délai passé. Un mouvement débloque chaque groupe.
stuck-empty = Aucun groupe n’est bloqué.
seal-compared = Ce qui a été comparé
seal-silent = n’a pas pu être comparé
seal-source = { $figures } chiffres de { $events } événements
