# The frame, shared words, errors.
skip = Skip to the content
brand-home = Circula, home
nav = Main
nav-home = Home
nav-placements = Placements
nav-rounds = Rounds
nav-parked = Parked events
nav-waiting = waiting
languages = Language
sign-out = Sign out
sign-in = Sign in
sign-in-lead = Choose the desk you want to see.
sign-in-hint = These are development users, each named by its desk. In production your own organisation signs you in. Workers need no account.
sign-in-empty = There is no development user here. Your organisation opens the way in.
sign-in-as = Sign in as { $organisation }
as-of = As of { $time } UTC.
refresh = Refresh
live-changed = This page has changed.
live-show = Show it
live-lost = The live line is lost. The page still works.
crumbs = You are here

corridor = Corridor
corridor-name = { $origin } → { $destination }
all-corridors = All corridors
season = Season
show = Show
clear-filter = Clear the filter
state = State
all-states = All states
candidate = Candidate
line = Line
lines = Lines
period = Period
reason = Reason
choose = Choose
status = Status
due = Due
late = Late
now = now
together = Together
step = Step
reached = Reached
went-on = Went on
here-now = Here now
dropped-out = Dropped out
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
days-late = { $count ->
    [one] { $count } day late
   *[other] { $count } days late
}
late-count = { $count } late
due-by = by { $day }
because = Reason: { $reason }.

pager-first = First
pager-next = Next { $count }
pager-many = { $from } to { $last } of more than { $total }

ring-title = Step { $number } of 17: { $step }
ring-of = of 17
ring-about = Seventeen steps, from the proposal to the verified return. The ring closes when the worker is home again.

problem-prefix = Error: { $title }
problem-back = Go on
problem-fields = Mend this, then send again
problem-typed = What you typed
problem-reference = Reference: <code>{ $reference }</code>. Tell it to whoever helps you.
problem-400-title = Something in the form needs mending
problem-400-text = Nothing was saved. Mend what is named here and send again.
problem-403-title = This desk may not do that
problem-403-text = Nothing was changed. The programme operator can say which desk may.
problem-404-title = There is nothing here for you
problem-404-text = The page is not there, or it belongs to another organisation. Lists show everything that is yours.
problem-409-title = Someone else was faster
problem-409-text = This was changed after you opened it. Nothing of yours was saved. Open it again to see how it stands now.
problem-413-title = The file is too large
problem-413-text = Nothing was saved. A file may have { $limit } MiB at most. Split it and send the parts.
problem-429-title = Too many at once
problem-429-text = { $seconds ->
    [one] Nothing was lost. Wait { $seconds } second, then go on.
   *[other] Nothing was lost. Wait { $seconds } seconds, then go on.
}
problem-503-title = A part of the programme does not answer
problem-503-text = { $seconds ->
    [one] What you sent before is safe. Try again in { $seconds } second; the other pages work.
   *[other] What you sent before is safe. Try again in { $seconds } seconds; the other pages work.
}
any-origin = Any origin
calendar-at = The clocks of the programme have run up to { $day }.
refused-title = Not done: { $what }
refused-why = Why
refused-where = Where
refused-mend = What mends it
refused-page = This page
move-done = Done: { $what }
published = This round goes out now.
published-more = Each proposal becomes a placement, or comes back refused with its reason.
problem-403-form = This form was made before your present session
problem-403-form-why = Nothing was changed. Open the page again and send it from there.
problem-500-title = Something went wrong on our side
problem-500-text = It is in our log under the reference below. What was saved before is safe.
no-role-why = Your account has no role in this programme.
no-role-mend = The programme operator gives roles.
bare-foreign = This form came from another site. Nothing was changed.
bare-busy = Too many people ask at once. Nothing was changed; try again in a moment.
bare-peer-full = Too many requests from your address are under way. Nothing was changed; try again in a moment.
bare-late = The form did not come in time. Nothing was changed; send it again.
bare-fault = Something went wrong on our side. Tell us the reference { $reference }.
bare-method = This address does not take that.
bare-ended = Your session has ended. Nothing was changed; sign in and send the form again.
sign-in-not-set-up = Signing in is not set up here. Calls with a token are served.
sign-in-refused = The issuer did not sign you in. Nothing was changed; you may try again.
sign-in-unusable = The issuer’s answer could not be used. You are not signed in; you may try again.
sign-in-elsewhere = This sign-in began in another browser or more than ten minutes ago. Sign in again.

parked-sentence = { $count ->
    [0] Every event was applied. Nothing waits.
    [one] <b>{ $count }</b> event waits: it could not be applied, or stands behind one that could not.
   *[other] <b>{ $count }</b> events wait: they could not be applied, or stand behind one that could not.
}
parked-silent = { $service } does not answer: what waits there is not known.
parked-list = By aggregate,
parked-hint = the longest waiting first. Everything else flows on; figures lack only what waits here.
parked-empty = Nothing is parked.
parked-count = { $count ->
    [one] { $count } event
   *[other] { $count } events
}
parked-key = Aggregate
parked-place = Topic, partition/offset
parked-since = Waits since
parked-at = { $time } UTC
parked-replay = Apply again, in order
parked-replay-effect = When the cause is mended. It stops at the first event that still does not fit.
parked-replay-done = Applied. This aggregate flows again.
parked-dropped = Events of a life that a restore ended were dropped, not applied: what their owner still has of them comes again.
parked-discard = Give up the first event
parked-why = Why it may be given up
parked-discard-effect = It will never be applied here. The event, you and your reason are kept.
parked-discard-done = Given up. What stood behind it can now be applied.
