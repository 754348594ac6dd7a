# Rounds: list and page.
round = Ronda
round-number = Ronda { $number }
rounds-sentence = { $count ->
    [0] Ninguna ronda espera su publicación.
    [one] <b>{ $count }</b> ronda está calculada y espera su publicación.
   *[other] <b>{ $count }</b> rondas están calculadas y esperan su publicación.
}
rounds-list = Todas las rondas
rounds-hint = Una ronda se calcula, se mira y luego se publica. La última va primero.
rounds-empty = Aún no hay rondas. La primera se calcula cuando hay una línea abierta y personas en la bolsa.
rounds-pager = Rondas { $from } a { $last } de { $total }
scope = Alcance
seats = Puestos
pairs = Parejas
seats-filled = Puestos cubiertos
gap = Distancia
candidates = Candidatos
eligible = Parejas permitidas
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
publish-effect = Cada propuesta toma un puesto, una unidad de cupo y el período de la persona. Lo que ya no cabe vuelve rechazado, con su motivo.
proof-title = Por qué este plan
proof-hint = Cualquiera puede comprobar la cota con los precios publicados. Un verificador sin código común con el optimizador ha mirado cada pareja.
certificate = Valor y cota
value = Valor del plan
bound = Cota
bound-hint = Ningún plan puede superarla
seed = Semilla
policy = Política
input-hash = Entrada
goals = Metas,
goals-hint = en el orden de la política
goal = Meta
share = Parte
possible = Posible
checks = Comprobaciones del verificador
checks-hint = sobre el plan escrito
check = Qué debe cumplirse
looked-at = Mirado
outcome = Resultado
check-holds = se cumple
check-wrong = { $count } mal

pairs-title = Quién va adónde
pairs-hint = { $count ->
    [one] { $count } pareja. Los nombres se ocultan hasta la selección; usted ve números.
   *[other] { $count } parejas. Los nombres se ocultan hasta la selección; usted ve números.
}
pairs-none = El plan no tiene parejas.
pairs-none-here = Ninguna pareja cumple este filtro.
pairs-pager = Parejas { $from } a { $last } de { $total }
all-lines = Todas las líneas
all-reasons = Todos los motivos
score = Puntos
why = Por qué
why-link = por qué
why-of = Por qué { $candidate }
why-named = { $season ->
    [1] Nombrado por la finca para una primera temporada
    [2] Nombrado por la finca, segunda temporada aquí
    [3] Nombrado por la finca, tercera temporada aquí
   *[other] Nombrado por la finca, { $season } temporadas aquí
}
why-with = Sigue junto a <code>{ $others }</code>
why-rank = { $rank ->
    [1] Primero de { $of } para esta línea
    [2] Segundo de { $of } para esta línea
    [3] Tercero de { $of } para esta línea
   *[other] Número { $rank } de { $of } para esta línea
}
why-elsewhere = { $above ->
    [one] Tendría { $score } en la línea { $line }, donde { $above } otro tiene más
   *[other] Tendría { $score } en la línea { $line }, donde otros { $above } tienen más
}
why-draw = Igual a otros; sorteo { $place } de { $of }

explain-kicker = Por qué este resultado
explain-no-seat = { $candidate } no tiene puesto
explain-seated = { $candidate } tiene puesto en la línea { $line }
explain-open = { $lines ->
    [one] { $open } de { $lines } línea estaba abierta a esta persona según las reglas.
   *[other] { $open } de { $lines } líneas estaban abiertas a esta persona según las reglas.
}
explain-closest = La más cercana era la <strong>línea { $line }</strong>, { $farm }: la persona tiene <strong>{ $score }</strong>, la última con puesto <strong>{ $last }</strong>.
explain-changes = Qué lo habría cambiado
change-seat = <strong>Un puesto más en la línea { $line }.</strong> Entonces es de esta persona.
change-score = <strong>{ $points } puntos más</strong> para la línea { $line }. Otra persona se queda sin él.
change-free = <strong>Libre desde el { $day }</strong>: un puesto en la línea { $line }.
explain-tried = Cada caso se probó: la ronda se resolvió de nuevo con solo este cambio.
explain-closed = Líneas cerradas, y por qué regla
explain-now = Qué pasa ahora
explain-reserve = Número { $rank } en la lista de reserva de la línea { $line }.
explain-roster = En la bolsa hasta el { $until }.
explain-next = En la próxima ronda, el { $day }.
explain-no-penalty = Sin penalización.
explain-close = Cerrar esta explicación
