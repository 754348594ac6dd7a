# Rounds: list and page.
round = Ronda
round-number = Ronda { $number }
rounds-sentence = { $count ->
    [0] Ninguna ronda está pendiente de publicación.
    [one] <b>{ $count }</b> ronda está calculada y pendiente de publicación.
   *[other] <b>{ $count }</b> rondas están calculadas y pendientes de publicación.
}
rounds-list = Todas las rondas
rounds-hint = Una ronda se calcula, se examina y luego se publica. La más reciente va primero.
rounds-empty = Aún no hay rondas. La primera se calcula cuando hay una línea abierta y personas en la bolsa.
rounds-pager = Rondas { $from } a { $last } de { $total }
scope = Alcance
seats = Puestos
pairs = Asignaciones
seats-filled = Puestos cubiertos
gap = Distancia
candidates = Candidatos
market = Lo que se emparejó
computed = Calculada

round-sentence-best = <b>{ $pairs }</b> de <b>{ $seats }</b> puestos se cubren entre <b>{ $candidates }</b> candidatos. Ningún plan puede ser mejor: valor y cota son iguales.
round-sentence-gap = <b>{ $pairs }</b> de <b>{ $seats }</b> puestos se cubren entre <b>{ $candidates }</b> candidatos. Ningún plan puede ser mejor en más de <b>{ $gap }</b>.
round-sentence-wrong = { $wrong ->
    [one] <b class="late">{ $wrong } comprobación no se cumple.</b> Esta ronda no puede publicarse.
   *[other] <b class="late">{ $wrong } comprobaciones no se cumplen.</b> Esta ronda no puede publicarse.
}
publish = { $count ->
    [one] Publicar { $count } propuesta
   *[other] Publicar { $count } propuestas
}
publish-effect = Cada propuesta toma un puesto, una unidad de cupo y el período de la persona. Lo que ya no es posible vuelve rechazado, con su motivo.
proof-title = Por qué este plan
proof-hint = La cota se calcula con los precios de líneas y cupos. Un verificador sin código común con el optimizador ha comprobado cada asignación.
certificate = Valor y cota
value = Valor del plan
bound = Cota
bound-hint = Ningún plan puede superarla
seed = Semilla
goals = Objetivos,
goals-hint = en el orden de la política
goal = Objetivo
share = Parte
possible = Posible
checks = Comprobaciones del verificador
checks-hint = sobre el plan escrito
check = Qué debe cumplirse
looked-at = Examinado
outcome = Resultado
check-holds = se cumple
check-wrong = no se cumple

pairs-title = Quién va adónde
pairs-hint = Sin nombres: las personas van por número, con las partes publicadas de su puntuación.
pairs-none = El plan no tiene asignaciones.
pairs-none-here = Ninguna asignación corresponde a este filtro.
pairs-pager = Asignaciones { $from } a { $last } de { $total }
all-lines = Todas las líneas
score = Puntos
why = Por qué
why-link = por qué
why-of = Por qué { $candidate }

explain-kicker = Por qué este resultado
explain-no-seat = { $candidate } no tiene puesto
explain-seated = { $candidate } tiene puesto en la línea { $line }
explain-open = Líneas abiertas a esta persona según las reglas: { $open } de { $lines }.
explain-closed = Líneas cerradas, y por qué regla
explain-reserve = Número { $rank } en la lista de reserva de la línea { $line }.
explain-no-penalty = Sin penalización.
explain-close = Cerrar esta explicación
round-sentence-computing = Esta ronda se está calculando. Actualice para ver cómo va.
round-sentence-failed = Esta ronda no pudo calcularse. No salió nada.
judged-on = Evaluado a fecha de
reserves = Lista de reserva
method = Método
snapshot-hash = Huella del mercado
plan-hash = Huella del plan
list-of = Mostrar
rank = Orden
explain-near = Líneas más cercanas
score-needed = Necesarios
