# Why somebody has a seat or none, in the codes of the service.
reason-seated = Un puesto en la línea { $line }, { $title }, con una puntuación de { $points }. Líneas abiertas a esta persona según las reglas: { $open } de { $lines }.
reason-on-reserve = Sin puesto. Líneas abiertas a esta persona según las reglas: { $open } de { $lines }; cada puesto fue a una persona pedida por su nombre o a alguien que pasa antes. Número { $rank } en la lista de reserva de la línea { $line }, { $title }.
reason-no-lines = La ronda no tenía ninguna línea con un puesto libre.
reason-no-line-open = Sin puesto: ninguna línea estaba abierta a esta persona.
reason-nearest = Sin puesto. Líneas abiertas a esta persona según las reglas: { $open } de { $lines }; cada puesto fue a una persona pedida por su nombre o a alguien que pasa antes. La más cercana era la línea { $line }, { $title }, donde la persona tiene una puntuación de { $score }.
reason-recalled = Pedida por su nombre por { $union } después de la temporada { $season }.
reason-first = Pasa en primer lugar: el empleador retiró la última oferta.
reason-priority = Pasa antes que toda puntuación: la persona tiene un motivo de prioridad que nombran las reglas del corredor.
reason-all-pinned = Cada puesto fue fijado por un operador; ninguna puntuación habría bastado.
reason-all-named = Cada puesto fue a una persona pedida por su nombre; ninguna puntuación habría bastado.
reason-all-first = Cada puesto fue a alguien que pasa en primer lugar, o que fue pedido por su nombre; ninguna puntuación habría bastado.
reason-all-priority = Cada puesto fue a alguien que tiene un motivo de prioridad, o un derecho que pasa antes; ninguna puntuación habría bastado.
reason-as-good = Tan bueno como el puesto obtenido; decidió el orden del sorteo.
reason-worth-more = El puesto obtenido vale más: diferencia de { $points }.
reason-drawn = En igualdad con la última persona colocada; decidió el sorteo.
reason-full = Todos los puestos están ocupados; la última persona colocada tiene una puntuación de { $lowest }, y habrían hecho falta al menos { $needed }.
reason-quota-used = Quedan puestos, pero otros agotaron el cupo; habrían hecho falta { $needed }.
reason-together-not-whole = Sin puesto: esta persona pertenece a una familia o cuadrilla que se coloca completa o no se coloca. Personas que la forman: { $people }; de ellas no pueden participar: { $out }. Si no es ninguna, ningún lugar está abierto a todas.
reason-together-no-room = Sin puesto: esta persona pertenece a una familia o cuadrilla que se coloca completa o no se coloca. Personas que la forman: { $people }; lugares abiertos a todas: { $places }. Ninguno tenía sitio para todas, o allí otras personas tenían mejor derecho.
reason-least-crew-not-reached = No se envía a nadie: el trabajo exige al menos { $least } personas, y no se encontraron tantas.
reason-beds-taken = Puestos cubiertos: { $filled } de { $seats }. Todas las camas del alojamiento están ocupadas.
reason-nobody = Nadie puede ocupar un puesto de esta línea. Personas examinadas: { $people }.
reason-seats-left = Puestos cubiertos: { $filled } de { $seats }. Personas que pueden ocupar uno: { $eligible }; las demás tienen un puesto mejor o no tienen cupo.
reason-all-filled = Todos los puestos están cubiertos: { $seats }, entre { $eligible } que pueden ocupar uno; la última persona colocada tiene una puntuación de { $lowest }.

# Rules that close a line to a person, by their keys.
reason-corridor-open = Ningún corredor abierto lleva del país de la persona a este destino.
reason-roster-validity-days = La inscripción no era válida en la fecha de la ronda.
reason-candidate-fitness-required = Sin aptitud médica válida en la fecha de la ronda.
reason-candidate-training-required = Sin formación válida en la fecha de la ronda.
reason-candidate-destinations = La persona no desea ir a este destino.
reason-line-origins = La línea admite otros orígenes.
reason-line-quota = Ningún cupo del corredor de la persona respalda la línea.
reason-isco = La persona no ha trabajado en ninguna ocupación de la línea.
reason-line-experience-months = Menos experiencia en la ocupación de la que pide la línea.
reason-candidate-experience-months-min = Menos experiencia en la ocupación de la que pide el corredor.
reason-line-languages = Falta un idioma, o no llega al nivel que pide la línea.
reason-candidate-languages = Falta un idioma, o no llega al nivel que pide el corredor.
reason-line-certificates = Falta un certificado que pide la línea.
reason-candidate-age-min = Edad insuficiente en el año en que empieza el trabajo.
reason-candidate-age-max = Edad superada en el año en que empieza el trabajo.
reason-dates = El trabajo no cae en los días en que la persona está disponible.
reason-person-free = La persona está colocada o propuesta en otro lugar en ese tiempo.
reason-stay-days-max-in-12-months = Con este trabajo, la persona pasaría demasiados días en el extranjero en doce meses.
reason-line-substitutes = Todos los puestos se guardan para las personas que nombra el pedido, y la línea no admite sustitutos.
reason-placement-listed = La persona ya está en la lista de reserva de la línea.
reason-proposal-refused = Una propuesta de esta persona para esta línea ya fue rechazada.
reason-placement-ended = Una colocación de esta persona en esta línea terminó antes de la salida.

# How the points of a score come about.
counted-base = cada persona
counted-per-experience-month = { $count ->
    [one] { $count } mes en la ocupación
   *[other] { $count } meses en la ocupación
}
counted-per-returned-season = { $count ->
    [one] { $count } temporada terminada con un retorno verificado
   *[other] { $count } temporadas terminadas con un retorno verificado
}
counted-per-language-level = { $count ->
    [one] { $count } nivel de idioma por encima de lo pedido
   *[other] { $count } niveles de idioma por encima de lo pedido
}
counted-per-certificate = { $count ->
    [one] { $count } certificado además de los pedidos
   *[other] { $count } certificados además de los pedidos
}
counted-priority = un motivo de prioridad que nombra el corredor

# Why a round could not be computed.
reason-ground-unfounded = Las reglas de { $corridor } dejan que la puntuación o la prioridad lean { $ground }, que está protegido, y no nombran ninguna ley que lo permita. Publique reglas con score.legal_basis, o sin ese motivo.
reason-weights-too-large = Los objetivos son demasiados para cumplirse con exactitud uno tras otro: { $tiers } niveles sobre puntuaciones de hasta { $score } superan los 124 bits.
reason-too-many-pairs = { $pairs } parejas de personas y líneas son más de las que se pueden distinguir. Calcule rondas más pequeñas.
reason-market-refused = El solucionador rechazó el mercado compuesto, con { $code }: «{ $detail }». Es un defecto; infórmelo.
reason-plan-wrong = El plan no pasó sus controles, así que no se conserva nada de él: «{ $checks }». Es un defecto; infórmelo.
reason-process-ended = El proceso que la calculaba terminó. Calcule la ronda de nuevo.
reason-not-computed = Algo falló durante el cálculo: «{ $detail }».
