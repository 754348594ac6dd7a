# The homes, the corridor.
home-title = Temporada { $season }
home-sentence = De <a data-l10n-name="ordered"><b>{ $ordered }</b> puestos</a> pedidos, { $home ->
    [one] <a data-l10n-name="home"><b>{ $home }</b> persona está de nuevo en casa</a>
   *[other] <a data-l10n-name="home"><b>{ $home }</b> personas están de nuevo en casa</a>
}, con retorno verificado, y { $working ->
    [one] <a data-l10n-name="working"><b>{ $working }</b> está trabajando</a>
   *[other] <a data-l10n-name="working"><b>{ $working }</b> están trabajando</a>
}. { $late ->
    [0] Ninguna colocación va con retraso
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocación va con retraso</a>
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocaciones van con retraso</a>
}, { $stuck ->
    [0] {""}
    [one] <a data-l10n-name="stuck"><b>{ $stuck }</b> grupo está atascado</a>,{" "}
   *[other] <a data-l10n-name="stuck"><b>{ $stuck }</b> grupos están atascados</a>,{" "}
}{ $decisions ->
    [0] y no tiene decisiones pendientes.
    [one] y tiene <a data-l10n-name="decisions"><b>{ $decisions }</b> decisión pendiente</a>.
   *[other] y tiene <a data-l10n-name="decisions"><b>{ $decisions }</b> decisiones pendientes</a>.
}
seal-name = Sello de las cifras
seal-verified = Todas las cifras verificadas el { $time }
seal-differs = { $count ->
    [one] { $count } cifra difiere de su recuento
   *[other] { $count } cifras difieren de su recuento
}
seal-counted = { $events } eventos contados de nuevo, { $differences ->
    [one] { $differences } diferencia.
   *[other] { $differences } diferencias.
}
seal-none = Estas cifras aún no se han recontado.
difference = { $corridor }, { $column }: la página muestra { $shown }, el recuento da { $counted }.
flow-title = Del pedido al retorno verificado
flow-hint = Colocaciones que llegaron a cada paso, en la temporada del { $from } al { $until }. Los puestos se cuentan aparte: un puesto puede proponerse más de una vez, y una línea abierta a varios orígenes no pertenece a ningún corredor.
flow-empty = Aún no hay colocaciones. Las primeras aparecen aquí en cuanto se publica una ronda.
flow-table = Las cifras del gráfico,
flow-table-hint = y quién está ahora en cada paso.
flow-file = Descargar (CSV)
column-ordered = Puestos pedidos
column-proposed = Propuestos
column-signed = Contrato firmado
column-visa = Visado concedido
column-departed = Han salido
column-working = Trabajando
column-completed = Terminado
column-returned = Retorno verificado
cell-here = { $count } aquí
replaced = De la reserva
one-sided = Una sola parte
one-sided-of = de ellos, { $count } por una sola parte
rivers-title = Del pedido al retorno verificado, por corredor
rivers-read = Cada banda es un corredor; su altura en una columna es el número que llegó al paso. La parte pálida está ahora en el paso, la rama roja causó baja, la rama que sube sustituye a las bajas. Todas las cifras están en la tabla siguiente.
rivers-read-narrow = Una barra por paso, dividida por corredor. Todas las cifras están en la tabla siguiente.
rivers-open = { $count ->
    [one] { $count } libre
   *[other] { $count } libres
}
rivers-at-work = { $count ->
    [one] { $count } trabaja
   *[other] { $count } trabajan
}
rivers-here = { $count } aquí ahora
rivers-dropped = { $count ->
    [one] { $count } baja
   *[other] { $count } bajas
}
rivers-replaced = { $count ->
    [one] +{ $count } sustituto
   *[other] +{ $count } sustitutos
}
rivers-home = en casa
rivers-none-home = ninguno aún
rivers-here-row = Aquí ahora
rivers-dropped-row = Bajas
legend-on = llegaron al paso y siguieron
legend-here = están ahora en el paso
legend-dropped = causaron baja
legend-replaced = sustituyen a una baja
decisions-title = Decisiones pendientes
decisions-hint = Solo usted puede tomarlas. La más antigua va primero.
decisions-empty = No tiene decisiones pendientes.
decide = Decidir
late-title = Pasos con retraso
late-hint = Por tipo, con quien puede remediarlo. Una colocación puede tener varios pasos con retraso.
late-empty = Nada va con retraso.
late-what = Qué va con retraso
late-who = Quién debe actuar
late-oldest = El más antiguo

union-sentence = De <b>{ $ordered }</b> puestos que pidió, { $filled ->
    [one] <b>{ $filled }</b> está cubierto
   *[other] <b>{ $filled }</b> están cubiertos
} y { $missing ->
    [one] falta <b>{ $missing }</b>
   *[other] faltan <b>{ $missing }</b>
}. { $working ->
    [one] <a data-l10n-name="working"><b>{ $working }</b> persona trabaja</a>
   *[other] <a data-l10n-name="working"><b>{ $working }</b> personas trabajan</a>
} con ustedes. { $late ->
    [0] Nada suyo va con retraso.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocación suya va con retraso</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocaciones suyas van con retraso</a>.
}
ministry-sentence = { $corridors ->
    [0] { $ready ->
        [one] <b>{ $ready }</b> persona está en la bolsa
       *[other] <b>{ $ready }</b> personas están en la bolsa
    }
    [one] { $ready ->
        [one] <b>{ $ready }</b> persona está en la bolsa
       *[other] <b>{ $ready }</b> personas están en la bolsa
    }
   *[other] Al menos <b>{ $ready }</b> personas están en la bolsa
} y { $preparing ->
    [one] se prepara <a data-l10n-name="steps"><b>{ $preparing }</b> colocación</a>
   *[other] se preparan <a data-l10n-name="steps"><b>{ $preparing }</b> colocaciones</a>
}. { $abroad ->
    [one] <a data-l10n-name="abroad"><b>{ $abroad }</b> persona está en el extranjero</a>
   *[other] <a data-l10n-name="abroad"><b>{ $abroad }</b> personas están en el extranjero</a>
}, { $home ->
    [one] <a data-l10n-name="home"><b>{ $home }</b> está de nuevo en casa</a>
   *[other] <a data-l10n-name="home"><b>{ $home }</b> están de nuevo en casa</a>
}, con retorno verificado. { $late ->
    [0] Nada suyo va con retraso.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocación suya va con retraso</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocaciones suyas van con retraso</a>.
}
queue-title = Lo que tiene pendiente
queue-hint = Primero los retrasos, luego por plazo.
queue-empty = No tiene nada pendiente.
open-list = Abrir la lista
own-steps-title = Sus colocaciones
todo-select = { $count ->
    [one] propuesta por responder
   *[other] propuestas por responder
}
todo-offer = { $count ->
    [one] oferta por hacer
   *[other] ofertas por hacer
}
todo-sign-contract = { $count ->
    [one] contrato por firmar
   *[other] contratos por firmar
}
todo-confirm-arrival = { $count ->
    [one] llegada por comunicar
   *[other] llegadas por comunicar
}
todo-start-work = { $count ->
    [one] inicio de trabajo por comunicar
   *[other] inicios de trabajo por comunicar
}
todo-complete-work = { $count ->
    [one] fin de trabajo por comunicar
   *[other] fines de trabajo por comunicar
}
todo-apply-visa = { $count ->
    [one] visado por solicitar
   *[other] visados por solicitar
}
todo-clear-medical = { $count ->
    [one] aptitud por registrar
   *[other] aptitudes por registrar
}
todo-complete-training = { $count ->
    [one] formación por registrar
   *[other] formaciones por registrar
}
todo-complete-orientation = { $count ->
    [one] orientación por dar
   *[other] orientaciones por dar
}
todo-depart = { $count ->
    [one] salida por registrar
   *[other] salidas por registrar
}
todo-verify-return = { $count ->
    [one] retorno por verificar
   *[other] retornos por verificar
}

corridor-sentence = De <a data-l10n-name="steps"><b>{ $proposed }</b> personas propuestas</a>, { $home ->
    [one] <a data-l10n-name="home"><b>{ $home }</b> está de nuevo en casa</a>
   *[other] <a data-l10n-name="home"><b>{ $home }</b> están de nuevo en casa</a>
}, con retorno verificado, y { $dropped ->
    [one] <a data-l10n-name="steps"><b>{ $dropped }</b> causó baja</a>
   *[other] <a data-l10n-name="steps"><b>{ $dropped }</b> causaron baja</a>
}. { $late ->
    [0] Ningún paso va con retraso.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> paso va con retraso</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> pasos van con retraso</a>.
}
pack-name = Paquete de reglas
pack-line = { $version }, en vigor desde el { $from }.
pack-rules = { $count ->
    [one] { $count } regla en vigor
   *[other] { $count } reglas en vigor
}
not-adding-up = Estos números no cuadran. Se muestran como se contaron.
steps-title = Los 17 pasos
steps-hint = Quien llega a un paso sigue, está aquí ahora o causa baja. La suma de los tres da el primer número.
bars-read = Siguieron, aquí ahora, bajas
why-dropped = Por qué
clocks-title = Plazos
clocks-empty = Ningún plazo corre en este corredor.
clock = Plazo
limit = Duración, días
running = En curso
oldest-late = Mayor retraso, días
quota-title = Cupo
quota-hint = Una unidad se consume definitivamente cuando la persona sale. Antes puede devolverse.
quota-part = Parte
quota-units = Unidades
quota-free = Libres
quota-cap = Cupo
rules-title = Reglas en vigor
rules-hint = Cada una con su fuente. Una hipótesis va marcada hasta que se mida o se documente.
rules-empty = Aquí aún no hay reglas en vigor.
rule = Regla
rule-says = Qué dice
rule-source = Fuente
assumed = Hipótesis
part-away = El servicio correspondiente no responde ahora. Actualice dentro de un momento.
todo-accept = { $count ->
    [one] respuesta de un trabajador por registrar
   *[other] respuestas de trabajadores por registrar
}
todo-give-notice = { $count ->
    [one] aviso por dar
   *[other] avisos por dar
}
todo-open-re-entry = { $count ->
    [one] nueva entrada por resolver
   *[other] nuevas entradas por resolver
}
todo-authorise = { $count ->
    [one] autorización por resolver
   *[other] autorizaciones por resolver
}
todo-grant-visa = { $count ->
    [one] visado por resolver
   *[other] visados por resolver
}
todo-decide-non-return = { $count ->
    [one] retorno por aclarar
   *[other] retornos por aclarar
}
todo-close-review = { $count ->
    [one] revisión por cerrar
   *[other] revisiones por cerrar
}
days-here = Días aquí
days-median-longest = mediana { $median }, máximo { $longest }
quota-allotted = Asignadas a los puestos de las líneas
quota-reserve = { $count ->
    [0] No se guarda ninguna unidad como reserva.
    [one] Se guarda { $count } unidad más; dos personas pueden liberarla.
   *[other] Se guardan { $count } unidades más; dos personas pueden liberarlas.
}
quota-shortfall = El límite del programa está { $count } por debajo de lo asignado.
quota-none = No hay cupo fijado para esta temporada.
frozen = Este corredor está cerrado.
frozen-more = Los movimientos que exigen un corredor abierto se rechazan hasta que se abra de nuevo.
