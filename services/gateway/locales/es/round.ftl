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

round-sentence-best = <a data-l10n-name="pairs"><b>{ $pairs }</b> de <b>{ $seats }</b> puestos</a> se cubren entre <b>{ $candidates }</b> candidatos. Ningún plan puede ser mejor: valor y cota son iguales.
round-sentence-gap = <a data-l10n-name="pairs"><b>{ $pairs }</b> de <b>{ $seats }</b> puestos</a> se cubren entre <b>{ $candidates }</b> candidatos. Ningún plan puede ser mejor en más de <a data-l10n-name="proof"><b>{ $gap }</b></a>.
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
seed-committed = comprometida antes de la ronda, el { $at } UTC
seed-not-committed = no comprometida antes de la ronda
seed-digest = SHA-256 comprometido de la semilla
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
seen-lines = { $count ->
    [one] { $count } línea
   *[other] { $count } líneas
}
seen-people = { $count ->
    [one] { $count } persona
   *[other] { $count } personas
}
seen-quotas = { $count ->
    [one] { $count } cupo
   *[other] { $count } cupos
}
seen-prices = { $count ->
    [one] { $count } precio
   *[other] { $count } precios
}
seen-lists = { $count ->
    [one] { $count } lista
   *[other] { $count } listas
}
seen-pairs = { $count ->
    [one] { $count } asignación
   *[other] { $count } asignaciones
}
seen-groups = { $count ->
    [one] { $count } familia o cuadrilla
   *[other] { $count } familias y cuadrillas
}
method-shortest-paths = Por subasta y caminos más cortos: exacto, ningún cupo limita
method-quota-prices = Por precios de los cupos y cadenas de cambios dentro de ellos
method-core = Por precios de los cupos y después por HiGHS sobre todo lo que un plan mejor podría elegir
method-core-searched = Por precios de los cupos y después por HiGHS sobre todo lo que un plan mejor podría elegir; su búsqueda, que calcula en coma flotante, llegó al final: no encontró ningún plan mejor

pairs-title = Quién va adónde
pairs-hint = Sin nombres: las personas van por número, con las partes publicadas de su puntuación.
pairs-none = El plan no tiene asignaciones.
pairs-none-here = Ninguna asignación corresponde a este filtro.
pairs-pager = Asignaciones { $from } a { $last } de { $total }
all-lines = Todas las líneas
all-reasons = Todos los motivos
pair-reason-pinned = a mano
pair-reason-named = pedida por su nombre
pair-reason-first = pasa en primer lugar
pair-reason-priority = motivo de prioridad
pair-reason-crew = cuadrilla
pair-reason-family = familia
pair-reason-draw = sorteo
pair-reason-score = puntuación
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
explain-now = Qué pasa ahora
explain-roster = La inscripción vale hasta el { $day }: la persona participa en cada ronda hasta entonces.
explain-later = Siguió la ronda { $number }.
explain-later-on = Siguió la ronda { $number }, con fecha de { $day }.
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

changes-ask = ¿Qué habría cambiado el resultado?
changes-takes = Calcula de nuevo el mercado de la ronda; hasta 20 segundos.
changes-title = Lo que habría dado un puesto
changes-hint = Cada uno basta por sí solo: el mercado se calculó de nuevo con él, y con un poco menos no hay puesto.
changes-none = Ningún pequeño cambio por sí solo habría dado un puesto.
changes-cut = El tiempo se agotó antes de probarlo todo.
change-line = en la línea { $line }
change-points = { $more ->
    [one] { $more } punto más
   *[other] { $more } puntos más
}
change-certificates = Con { $certificates }
change-dates = Disponible del { $from } al { $until }
change-from = Disponible desde el { $from }
change-until = Disponible hasta el { $until }
change-seats = { $more ->
    [one] { $more } puesto más
   *[other] { $more } puestos más
}
change-quota = { $more ->
    [one] { $more } unidad más en el cupo { $corridor }
   *[other] { $more } unidades más en el cupo { $corridor }
}

fairness-title = Quién tiene puesto
fairness-hint = Entre las personas a quienes las reglas abrían alguna línea. La puntuación no lee ninguno de estos grupos, salvo que una regla del corredor nombre la ley que lo permite.
fairness-sentence = <b>{ $seated }</b> de <b>{ $eligible }</b> personas elegibles tienen puesto.
fairness-read = Marca: tasa del grupo, con su intervalo al 95 % según Wilson. Punteado: tasa de todos. Los grupos de menos de { $least } personas no se muestran.
fairness-rate = Tasa
fairness-seated = Con puesto
fairness-eligible = Elegibles
fairness-interval = Intervalo al 95 %
fairness-untold = No se muestra: tan pocas personas podrían ser reconocidas.
fairness-sex = Sexo
fairness-region = Región
fairness-first-timer = Temporada
fairness-age-band = Edad
group = Grupo
group-unknown = desconocido
group-women = mujeres
group-men = hombres
group-unspecified = sin especificar
group-first = primera temporada
group-returned = ya volvieron de una temporada
group-young = 24 años o menos
group-old = 55 años o más

cost-link = ¿cuánto costaría?
cost-of = ¿Cuánto costaría un puesto en { $line }?
cost-forbid = ¿Cuánto costaría sin este puesto?
what-if-title = Lo que costaría
what-if-moved = { $count ->
    [0] Ningún puesto cambiaría.
    [one] Cambiaría el puesto de { $count } persona.
   *[other] Cambiarían los puestos de { $count } personas.
}
before = Antes
after = Después
cost-change = Diferencia
seat-from = De
seat-to = A
override-pin = dar este puesto
override-forbid = no este puesto
override-reason = Motivo
override-lay = Fijar
override-effect = La ronda pasa a ser el mejor plan que conserva este par. Quedan registrados quién, por qué y el coste.
override-what = Qué
override-by = Por
override-moved = Puestos cambiados
overrides = Fijado a mano,
overrides-hint = con quién, por qué y a qué coste
laid-down = Fijado.
laid-down-more = El plan es ahora el mejor que conserva el par. Su coste figura abajo.
refusal-pair-closed = Las reglas cierran este par: { $rule }.
mend-pair-closed = Lo que las reglas cierran nadie puede fijarlo.
refusal-round-changed = La ronda ya es otra.
mend-round-changed = Mírela tal como está ahora y decida de nuevo.
refusal-search-time = El mercado no se resolvió en 20 segundos.
mend-search-time = Pregunte de nuevo en una hora tranquila.
refusal-solver-busy = Ya hay dos búsquedas en curso.
mend-solver-busy = Pregunte de nuevo en un momento.
refusal-round-basis = Esta ronda no conservó su mercado.
mend-round-basis = Calcule una nueva.
what-if-of = Lo que costaría: { $what }
round-sentence-discarded = Esta ronda fue descartada. No salió nada de ella.
round-progress = { $phase }: { $percent } del trabajo está hecho.
phase-waiting = A la espera de que termine otra ronda
phase-reading = Lectura de líneas y personas
phase-market = Formación del mercado
phase-pairs = Lectura de quién puede ir adónde
phase-seats = Reparto de puestos, sin los cupos
phase-quotas = Búsqueda del mejor plan dentro de los cupos
phase-checking = Comprobación del plan
phase-storing = Escritura del plan
phase-publishing = Envío de las propuestas
publish-on = Seguir publicando
publish-on-effect = Si la publicación se interrumpió, sale el resto. Lo que ya salió no sale dos veces.
what-if-seen = El coste se mostró antes de enviar este formulario. Si la ronda ha cambiado desde entonces, el formulario se rechaza.
refusal-pair-laid-down = Este par ya se fijó antes en esta ronda.
mend-pair-laid-down = Descarte la ronda y calcule una nueva para decidir de nuevo.
refusal-pinned-elsewhere = La persona está fijada en otra línea de esta ronda.
mend-pinned-elsewhere = Mire lo que se fijó a mano y elija a otra persona.
refusal-seats-pinned = Todos los puestos o unidades de cupo para este par fueron a otros que están fijados.
mend-seats-pinned = Elija otra línea.
refusal-pair-unknown = La ronda no tenía a esa persona en su bolsa, o no tenía esa línea con un puesto libre.
mend-pair-unknown = Elija el par en la página de la ronda.
refusal-pair-reason = Nada con ese nombre decide una asignación.
mend-pair-reason = Elija un motivo de la lista que está sobre las asignaciones.
refusal-round-state = No es posible en el estado en que está la ronda ahora.
mend-round-state = Mire la ronda tal como está ahora.
refusal-text-length = Falta un texto, o tiene más de 200 caracteres.
mend-text-length = Rellénelo o acórtelo, y envíe de nuevo.
refusal-round-overtaken = Otra ronda salió después de calcularse esta.
mend-round-overtaken = Descarte esta ronda y calcule una nueva.
refusal-round-not-out = La ronda aún no tiene un resultado que usted pueda ver.
refusal-round-large = La ronda tiene más personas de las que se calculan de nuevo mientras alguien espera.
mend-round-large = Mire la explicación sin los cambios.
refusal-deadline = La llamada duró más de lo permitido. Aún puede tener efecto.
mend-deadline = Envíe el mismo formulario otra vez: tiene un solo efecto.
refusal-round-busy = Otra ronda de esta temporada y este destino está en curso.
mend-round-busy = Espere a que termine.
refusal-together-no-room = La persona va con otras y no hay sitio para todas.
mend-together-no-room = Elija una línea con un puesto para cada una.
