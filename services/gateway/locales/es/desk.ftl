# Homes, corridor and who sees what: what was added to season.ftl.
corridor-clocks-hint = Cuánto duraron los que terminaron y por dónde van los que corren. Cada barra tiene su propia escala.
clock-days = Días
clock-ended = Terminados
clock-half = La mitad en, días
clock-nine = Nueve de diez en, días
quota-used = Confirmadas: usadas para siempre
quota-held = Retenidas para personas que no han salido
quota-open = En puestos todavía sin nadie
quota-kept = Guardadas en reserva, aparte
all-clocks = Todos los plazos
stuck-title = Grupos atascados
stuck-hint = Dos o más que esperan lo mismo de la misma parte, pasado el plazo. Un movimiento desatasca cada grupo.
stuck-empty = Ningún grupo está atascado.
seal-compared = Qué se comparó
seal-silent = no se pudo comparar
seal-source = { $figures } cifras de { $events } eventos
