# The homes, the corridor.
home-title = Temporada { $season }
home-sentence = De { $ordered } puestos pedidos, <a data-l10n-name="home"><b>{ $home }</b> personas están de nuevo en casa</a>, con retorno verificado, y <a data-l10n-name="working"><b>{ $working }</b> están trabajando</a>. { $late ->
    [0] Ninguna colocación va con retraso
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocación va con retraso</a>
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocaciones van con retraso</a>
}, { $decisions ->
    [0] y ninguna decisión le espera.
    [one] y <a data-l10n-name="decisions"><b>{ $decisions }</b> decisión le espera</a>.
   *[other] y <a data-l10n-name="decisions"><b>{ $decisions }</b> decisiones le esperan</a>.
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
flow-hint = Colocaciones que llegaron a cada paso, en la temporada del { $from } al { $until }. Los puestos se cuentan aparte: un puesto puede proponerse más de una vez, y una línea abierta a varios orígenes no es de ningún corredor.
flow-empty = Aún no hay colocaciones. Las primeras aparecen aquí en cuanto se publica una ronda.
flow-table = Los números de la figura,
flow-table-hint = y quién está ahora en cada paso.
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
rivers-title = Del pedido al retorno verificado, por corredor
rivers-read = Cada banda es un corredor; su altura en una columna es el número que llegó al paso. La parte pálida está ahora en el paso, la rama roja causó baja, la rama que sube sustituye a las bajas. Todos los números están en la tabla que sigue.
rivers-read-narrow = Una barra por paso, dividida por corredor. Todos los números están en la tabla que sigue.
rivers-open = { $count ->
    [one] { $count } libre
   *[other] { $count } libres
}
rivers-at-work = { $count } trabajan
rivers-here = { $count } aquí ahora
rivers-dropped = { $count ->
    [one] { $count } baja
   *[other] { $count } bajas
}
rivers-replaced = +{ $count } sustitutos
rivers-home = en casa
rivers-none-home = ninguno aún
rivers-here-row = Aquí ahora
rivers-dropped-row = Bajas
legend-on = llegaron al paso y siguieron
legend-here = están ahora en el paso
legend-dropped = causaron baja
legend-replaced = sustituyen a una baja
decisions-title = Decisiones en espera
decisions-hint = Solo usted puede tomarlas. La más antigua va primero.
decisions-empty = Ninguna decisión le espera.
decide = Decidir
late-title = Pasos con retraso
late-hint = Por clase, con quien puede remediarlo. Una colocación puede tener varios.
late-empty = Nada va con retraso.
late-what = Qué va con retraso
late-who = Quién debe actuar
late-oldest = El más antiguo

union-sentence = De <b>{ $ordered }</b> puestos que pidió, <b>{ $filled }</b> están cubiertos y faltan <b>{ $missing }</b>. <a data-l10n-name="working"><b>{ $working }</b> personas trabajan</a> con ustedes. { $late ->
    [0] Nada suyo va con retraso.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocación suya va con retraso</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocaciones suyas van con retraso</a>.
}
ministry-sentence = { $corridors ->
    [0] <b>{ $ready }</b> personas están en la bolsa
    [one] <b>{ $ready }</b> personas están en la bolsa
   *[other] Al menos <b>{ $ready }</b> personas están en la bolsa
} y se preparan <b>{ $preparing }</b> colocaciones. <a data-l10n-name="working"><b>{ $abroad }</b> personas están en el extranjero</a>, <b>{ $home }</b> están de nuevo en casa, con retorno verificado. { $late ->
    [0] Nada suyo va con retraso.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocación suya va con retraso</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> colocaciones suyas van con retraso</a>.
}
queue-title = Lo que le espera
queue-hint = Primero los retrasos, luego por plazo.
queue-empty = Nada le espera.
open-list = Abrir la lista
own-steps-title = Sus colocaciones
todo-select = { $count ->
    [one] propuesta por responder u oferta por hacer
   *[other] propuestas por responder u ofertas por hacer
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

corridor-sentence = De <b>{ $proposed }</b> personas propuestas, <a data-l10n-name="home"><b>{ $home }</b> están de nuevo en casa</a>, con retorno verificado, y <b>{ $dropped }</b> causaron baja. { $late ->
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
steps-hint = Quien llega a un paso siguió, está aquí ahora o causó baja. Los tres suman el primer número.
bars-read = Siguieron, aquí ahora, bajas
why-dropped = Por qué
clocks-title = Relojes
clocks-hint = Pasos que corren ahora contra un límite, y por cuántos días lo pasa el más antiguo.
clocks-empty = Ningún reloj corre en este corredor.
clock = Reloj
limit = Límite, días
running = En marcha
oldest-late = El más antiguo, días de retraso
quota-title = Cupo
quota-hint = Una unidad queda usada cuando la persona sale. Antes puede volver.
quota-part = Parte
quota-units = Unidades
quota-free = Libres
quota-cap = Cupo
rules-title = Reglas en vigor
rules-hint = Cada una con su fuente. Lo supuesto va marcado hasta que se mida o se escriba.
rules-empty = Aquí aún no hay reglas en vigor.
rule = Regla
rule-says = Qué dice
rule-source = Fuente
assumed = Supuesto
part-away = El servicio que lo sabría no responde ahora. Actualice dentro de un momento.
todo-accept = { $count ->
    [one] respuesta de un trabajador por registrar
   *[other] respuestas de trabajadores por registrar
}
todo-give-notice = { $count ->
    [one] aviso por dar
   *[other] avisos por dar
}
todo-open-re-entry = { $count ->
    [one] nueva entrada por decidir
   *[other] nuevas entradas por decidir
}
todo-authorise = { $count ->
    [one] autorización por decidir
   *[other] autorizaciones por decidir
}
todo-grant-visa = { $count ->
    [one] visado por decidir
   *[other] visados por decidir
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
days-median-longest = la mitad { $median }, el mayor { $longest }
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
