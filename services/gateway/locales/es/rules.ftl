# Rule packs side by side, units of the reserve, and how accessible the console is.
packs-compare = Comparar los paquetes de reglas
packs-title = Paquetes de reglas comparados
packs-sentence = { $count ->
    [0] Ninguna regla difiere entre <b>{ $from }</b> y <b>{ $to }</b>.
    [one] <b>{ $count }</b> regla difiere entre <b>{ $from }</b> y <b>{ $to }</b>.
   *[other] <b>{ $count }</b> reglas difieren entre <b>{ $from }</b> y <b>{ $to }</b>.
}
packs-same = { $count ->
    [0] Ninguna dice lo mismo en ambos.
    [one] <b>{ $count }</b> dice lo mismo en ambos.
   *[other] <b>{ $count }</b> dicen lo mismo en ambos.
}
packs-few = Todavía no hay dos paquetes que comparar: cada código tiene uno como máximo.
packs-apart = Un paquete es del corredor y el otro del destino: no regulan lo mismo. Elija dos del mismo código.
packs-rules = Reglas que difieren
packs-hint = Valor, fuente o si es supuesta. Donde un paquete no fija una regla, vale la del programa por defecto.
packs-none = Ambos paquetes dicen lo mismo, con las mismas fuentes.
packs-from = Paquete anterior
packs-to = Paquete posterior
packs-since = Vale desde
packs-unset = no fijada
units-link = Pedir unidades de la reserva
units-title = Unidades de la reserva
units-sentence = { $count ->
    [0] No se guarda ninguna unidad para la temporada { $season }.
    [one] Se guarda <b>{ $count }</b> unidad para la temporada { $season }.
   *[other] Se guardan <b>{ $count }</b> unidades para la temporada { $season }.
}
units-quotas = Cupos de la temporada
units-hint = Lo que se guarda se suma a lo que puede usarse ahora.
units-sector = Sector económico
units-form = Pedir unidades
units-form-hint = Dos operadores liberan unidades: uno pide y otro pide el mismo número en siete días.
units-number = Cuántas unidades
units-show = Mostrar qué cambiaría
units-wrong = Escriba un número de 1 a { $most }.
units-effect = Cuando un segundo operador haya pedido lo mismo
units-ask = { $count ->
    [one] Pedir { $count } unidad
   *[other] Pedir { $count } unidades
}
units-ask-effect = Si otro operador ha pedido el mismo número, las unidades pueden usarse enseguida. Si no, todavía no se mueve nada.
units-others = Los operadores piden unidades.
units-open-title = A la espera de un segundo operador
units-open-hint = Quien confirma el mismo número libera las unidades.
units-open = { $count ->
    [one] Otra persona pidió { $count } unidad el { $day }: ¿confirmar lo mismo?
   *[other] Otra persona pidió { $count } unidades el { $day }: ¿confirmar lo mismo?
}
units-open-own = { $count ->
    [one] Usted pidió { $count } unidad el { $day }: otro operador tiene que confirmarlo.
   *[other] Usted pidió { $count } unidades el { $day }: otro operador tiene que confirmarlo.
}
units-confirm = Confirmar lo mismo
units-asked = Se han pedido unidades.
units-asked-more = Todavía no se ha movido nada: otro operador tiene que pedir el mismo número en siete días.
units-released = Se han liberado unidades.
units-released-more = Dos operadores pidieron el mismo número: las líneas ya pueden usarlo.
access-title = Accesibilidad
access-lead = La consola aspira a WCAG 2.2, nivel AA. Funciona sin scripts, solo con el teclado, de día y de noche, y hasta un ancho de 320 píxeles.
access-checked = Lo que se comprueba
access-checked-hint = Cada vez que cambia la consola, en Chromium.
access-axe = Cada página, en cada idioma, con axe-core, con todas las reglas de WCAG 2.2 A y AA.
access-keys = A cada control se llega con el teclado en el orden en que se lee, con un anillo visible, y la cabecera de una página puede saltarse.
access-contrast = Cada texto tiene un contraste de 4,5 a 1 o más, en claro y en oscuro, también los textos de las figuras.
access-size = Ninguna página se desplaza de lado a partir de 320 píxeles, tampoco con textos un 40 por ciento más largos.
access-figures = Cada figura está junto a una tabla con los mismos números.
access-open = Lo que no
access-open-hint = Conocido, y aún sin comprobar.
access-people = Nadie que trabaje con un lector de pantalla la ha probado todavía, y ningún otro navegador se comprueba con una máquina.
access-right = Aún no se ofrece ningún idioma que se lea desde la derecha, aunque las páginas se dan la vuelta para él.
access-tell = ¿Algo le estorba?
access-tell-more = Diga al operador de su programa la dirección de la página y qué quería hacer.

# Rules in force, in words.
pack-line-until = { $version }, en vigor del { $from } al { $until }.
rules-orders-title = Reglas de los pedidos: { $country }
rules-orders-hint = El paquete del destino juzga los pedidos de este corredor, vengan de donde vengan las personas.
unit-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
unit-workdays = { $count ->
    [one] { $count } día hábil
   *[other] { $count } días hábiles
}
unit-months = { $count ->
    [one] { $count } mes
   *[other] { $count } meses
}
unit-years = { $count ->
    [one] { $count } año
   *[other] { $count } años
}
unit-hours-a-week = { $count ->
    [one] { $count } hora por semana
   *[other] { $count } horas por semana
}
unit-seats = { $count ->
    [one] { $count } puesto
   *[other] { $count } puestos
}
unit-seasons = { $count ->
    [one] { $count } temporada
   *[other] { $count } temporadas
}
unit-points = { $count ->
    [one] { $count } punto
   *[other] { $count } puntos
}
unit-attempts = { $count ->
    [one] { $count } intento
   *[other] { $count } intentos
}
unit-channels = { $count ->
    [one] { $count } vía
   *[other] { $count } vías
}
unit-percent = { $count } %
unit-a-seat = { $times } por puesto
rule-none = ninguno
rule-word-true = sí
rule-word-false = no
rule-word-contract = contrato
rule-word-authorisation = autorización
rule-word-visa = visado
rule-word-fitness = aptitud para el trabajo
rule-word-training = formación
rule-word-orientation = orientación
rule-word-travel = viaje
rule-word-union = organización de empleadores
rule-word-worker = trabajador
rule-word-ministry = ministerio de origen
rule-word-displaced = personas desplazadas
rule-word-indigenous = personas indígenas
rule-word-woman-head-of-household = mujeres cabeza de familia
rule-language-en = inglés
rule-language-es = español
rule-language-fr = francés
rule-language-it = italiano
