# Bulk actions: marking, preview, result.
pick = Marcar { $number }
pick-all = { $count ->
    [one] Marcar el { $count } de esta página
   *[other] Marcar los { $count } de esta página
}
pick-none = No marcar ninguno
bulk-title = Qué hacer con lo marcado
bulk-action = Con lo marcado
bulk-reason = Motivo, guardado en el registro
bulk-preview = Vista previa
preview-title = Vista previa
preview-result = Resultado
preview-asked = { $all ->
    [one] Hay <b>{ $all }</b> colocación marcada. Complete lo que falta; todavía no se ha hecho nada.
   *[other] Hay <b>{ $all }</b> colocaciones marcadas. Complete lo que falta; todavía no se ha hecho nada.
}
preview-tried = Todavía no se ha hecho nada. De <b>{ $all }</b>, <b>{ $made }</b> se harán y <b>{ $not }</b> no.
preview-done = De <b>{ $all }</b>, <b>{ $made }</b> están hechas y <b>{ $not }</b> no.
preview-changed = Algo cambió después de la vista previa. No se ha hecho nada; mire cómo está ahora.
preview-what = Qué se hará
preview-what-hint = Lo mismo para todas. Cada colocación se juzga por sí misma y en el orden de abajo.
preview-missing = Esto hace falta.
preview-again = { $count ->
    [one] Vista previa de { $count } colocación
   *[other] Vista previa de { $count } colocaciones
}
preview-confirm = { $count ->
    [one] Confirmar para { $count } colocación
   *[other] Confirmar para { $count } colocaciones
}
preview-back = Volver a la lista
preview-rows = Colocación por colocación
preview-will = Se hará
preview-was = Se hizo
preview-after = Qué resulta, o por qué no
preview-yes = se hará
preview-no = no se hará
preview-made = hecha
preview-not-made = no hecha
preview-recorded = Se anota; la etapa sigue.
preview-left-out = Se dejó fuera: la vista previa decía que no se haría.
preview-nothing = No hay ninguna colocación marcada.
preview-no-action = No se eligió ninguna acción de este puesto.
preview-too-many = Son más de las que caben en una página de la lista: { $most } como máximo.
preview-mend = Marque las colocaciones en la lista y elija la acción y un motivo.
ending-return-travel = De regreso
ending-re-entry-eligible = Puede volver
ground-group-list = lista de todo el grupo
ground-papers-seen = documentos vistos
ground-told-by-party = dicho por la parte
ground-recorded-late = anotado tarde
ground-phone = por teléfono
ground-message = por mensaje
ground-email = por correo electrónico
ground-letter = por carta
ground-visit = con una visita
ground-family = por medio de la familia
queue-mark = Marcarlos todos
preview-note = Motivo { $number }
preview-notes = Motivos comunes a varias
