# Bulk actions: marking, preview, result.
pick = Mark { $number }
pick-all = { $count ->
    [one] Mark the { $count } on this page
   *[other] Mark all { $count } on this page
}
pick-none = Mark none
bulk-title = What to do with those that are marked
bulk-action = With those that are marked
bulk-reason = Reason, kept in the log
bulk-preview = Preview
preview-title = Preview
preview-result = Result
preview-asked = { $all ->
    [one] <b>{ $all }</b> placement is marked. Fill in what is missing; nothing is done yet.
   *[other] <b>{ $all }</b> placements are marked. Fill in what is missing; nothing is done yet.
}
preview-tried = Nothing is done yet. Of <b>{ $all }</b>, <b>{ $made }</b> will be done and <b>{ $not }</b> will not.
preview-done = Of <b>{ $all }</b>, <b>{ $made }</b> are done and <b>{ $not }</b> are not.
preview-changed = Something was changed after the preview. Nothing is done; look at it as it is now.
preview-what = What will be done
preview-what-hint = The same for all. Each placement is judged by itself, and in the order below.
preview-missing = This is needed.
preview-again = { $count ->
    [one] Preview for { $count } placement
   *[other] Preview for { $count } placements
}
preview-confirm = { $count ->
    [one] Confirm for { $count } placement
   *[other] Confirm for { $count } placements
}
preview-back = Back to the list
preview-rows = Placement by placement
preview-will = Will it be done
preview-was = Was it done
preview-after = What comes of it, or why not
preview-yes = will
preview-no = will not
preview-made = done
preview-not-made = not done
preview-recorded = Recorded; the stage stays.
preview-left-out = Left out: the preview said that it would not be done.
preview-nothing = No placement is marked.
preview-no-action = No action of this desk is chosen.
preview-too-many = These are more than a page of the list holds: { $most } at most.
preview-mend = Mark the placements in the list, choose the action and a reason.
ending-return-travel = On the way home
ending-re-entry-eligible = May come again
ground-group-list = list of the whole group
ground-papers-seen = papers seen
ground-told-by-party = told by the party
ground-recorded-late = recorded late
ground-phone = by telephone
ground-message = by message
ground-email = by e-mail
ground-letter = by letter
ground-visit = by a visit
ground-family = through the family
queue-mark = Mark them all
preview-note = Reason { $number }
preview-notes = Reasons that several have
