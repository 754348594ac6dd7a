# The frame, shared words, errors.
skip = Ir al contenido
brand-home = Circula, inicio
nav = Principal
nav-home = Inicio
nav-placements = Colocaciones
nav-rounds = Rondas
nav-parked = Eventos en espera
nav-waiting = en espera
languages = Idioma
sign-out = Cerrar sesión
sign-in = Entrar
sign-in-lead = Elija la oficina que quiere ver.
sign-in-hint = Son cuentas de desarrollo, cada una con el nombre de su oficina. En producción se entra a través de la propia organización. Los trabajadores no necesitan cuenta.
sign-in-empty = Aquí no hay cuentas de desarrollo. Su organización abre el acceso.
sign-in-as = Entrar: { $organisation }
as-of = Datos del { $time } UTC.
refresh = Actualizar
live-changed = Esta página ha cambiado.
live-show = Mostrarla
live-lost = Se ha cortado la línea en directo. La página sigue funcionando.
crumbs = Está aquí

corridor = Corredor
corridor-name = { $origin } → { $destination }
all-corridors = Todos los corredores
season = Temporada
show = Mostrar
clear-filter = Quitar el filtro
state = Estado
all-states = Todos los estados
candidate = Candidato
line = Línea
lines = Líneas
period = Período
reason = Motivo
choose = Elegir
status = Situación
due = Vencimiento
late = Con retraso
now = ahora
together = Total
step = Paso
reached = Llegaron
went-on = Siguieron
here-now = Aquí ahora
dropped-out = Bajas
days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
days-late = { $count ->
    [one] { $count } día de retraso
   *[other] { $count } días de retraso
}
late-count = { $count } con retraso
due-by = a más tardar el { $day }
because = Motivo: { $reason }.

pager-first = Principio
pager-next = Siguientes { $count }
pager-many = { $from } a { $last } de más de { $total }

ring-title = Paso { $number } de 17: { $step }
ring-of = de 17
ring-about = Diecisiete pasos, de la propuesta al retorno verificado. El anillo se cierra cuando la persona está de nuevo en casa.

problem-prefix = Error: { $title }
problem-back = Seguir
problem-fields = Corrija esto y envíelo de nuevo
problem-typed = Lo que escribió
problem-reference = Referencia: <code>{ $reference }</code>. Désela a quien le ayude.
problem-400-title = Hay que corregir algo del formulario
problem-400-text = No se guardó nada. Corrija lo que se indica aquí y envíelo de nuevo.
problem-403-title = Esta oficina no puede hacerlo
problem-403-text = No ha cambiado nada. El operador del programa puede decir qué oficina puede.
problem-404-title = Aquí no hay nada para usted
problem-404-text = La página no existe o es de otra organización. Las listas muestran todo lo suyo.
problem-409-title = Alguien fue más rápido
problem-409-text = Esto cambió después de que usted lo abriera. No se guardó nada suyo. Ábralo de nuevo para ver cómo está ahora.
problem-413-title = El archivo es demasiado grande
problem-413-text = No se guardó nada. Un archivo puede pesar { $limit } MiB como máximo. Divídalo y envíe las partes.
problem-429-title = Demasiadas solicitudes a la vez
problem-429-text = { $seconds ->
    [one] No se perdió nada. Espere { $seconds } segundo y siga.
   *[other] No se perdió nada. Espere { $seconds } segundos y siga.
}
problem-503-title = Una parte del programa no responde
problem-503-text = { $seconds ->
    [one] Lo que envió antes está a salvo. Inténtelo de nuevo en { $seconds } segundo; las demás páginas funcionan.
   *[other] Lo que envió antes está a salvo. Inténtelo de nuevo en { $seconds } segundos; las demás páginas funcionan.
}
any-origin = Cualquier origen
calendar-at = Los plazos del programa están contados hasta el { $day }.
refused-title = No se hizo: { $what }
refused-why = Por qué
refused-where = Dónde
refused-mend = Cómo resolverlo
refused-page = Esta página
move-done = Hecho: { $what }
published = Esta ronda sale ahora.
published-more = Cada propuesta pasa a ser una colocación, o vuelve rechazada con su motivo.
problem-403-form = Este formulario es anterior a su sesión
problem-403-form-why = No ha cambiado nada. Abra de nuevo la página y envíelo desde allí.
problem-500-title = Algo salió mal por nuestra parte
problem-500-text = Consta en nuestro registro con la referencia de abajo. Lo guardado antes está a salvo.
no-role-why = Su cuenta no tiene ninguna función en este programa.
no-role-mend = El operador del programa asigna las funciones.
bare-foreign = Este formulario viene de otro sitio. No ha cambiado nada.
bare-busy = Demasiadas personas preguntan a la vez. No ha cambiado nada; inténtelo de nuevo dentro de un momento.
bare-peer-full = Hay demasiadas peticiones en curso desde su dirección. No ha cambiado nada; inténtelo de nuevo dentro de un momento.
bare-late = El formulario no llegó a tiempo. No ha cambiado nada; envíelo de nuevo.
bare-fault = Algo salió mal por nuestra parte. Indíquenos la referencia { $reference }.
bare-method = Esta dirección no admite eso.
bare-ended = Su sesión ha terminado. No ha cambiado nada; entre y envíe de nuevo el formulario.
sign-in-not-set-up = Aquí no está configurado el acceso. Se atienden las llamadas con un token.
sign-in-refused = El servicio de identidad no le dio acceso. No ha cambiado nada; puede intentarlo de nuevo.
sign-in-unusable = La respuesta del servicio de identidad no se pudo usar. No ha entrado; puede intentarlo de nuevo.
sign-in-elsewhere = Este acceso empezó en otro navegador o hace más de diez minutos. Entre de nuevo.

parked-sentence = { $count ->
    [0] Todos los eventos se han aplicado. Nada espera.
    [one] <b>{ $count }</b> evento espera: no se pudo aplicar, o va detrás de otro que no se pudo.
   *[other] <b>{ $count }</b> eventos esperan: no se pudieron aplicar, o van detrás de otro que no se pudo.
}
parked-silent = { $service } no responde: no se sabe qué espera allí.
parked-list = Por agregado,
parked-hint = primero el que más espera. Todo lo demás sigue; a las cifras solo les falta lo que espera aquí.
parked-empty = No hay nada en espera.
parked-count = { $count ->
    [one] { $count } evento
   *[other] { $count } eventos
}
parked-key = Agregado
parked-place = Tema, partición/posición
parked-since = En espera desde
parked-at = { $time } UTC
parked-replay = Aplicar de nuevo, en orden
parked-replay-effect = Cuando la causa esté corregida. Se detiene en el primer evento que aún no encaja.
parked-replay-done = Aplicado. Este agregado ya no está bloqueado.
parked-dropped = Se descartaron, sin aplicarlos, eventos de una vida que terminó con una restauración: lo que su propietario aún conserva vuelve a llegar.
parked-discard = Descartar el primer evento
parked-why = Por qué se puede descartar
parked-discard-effect = Nunca se aplicará aquí. Se guardan el evento, quién lo descartó y el motivo.
parked-discard-done = Descartado. Lo que iba detrás ya se puede aplicar.
