# The homes, the corridor.
home-title = Season { $season }
home-sentence = Of <a data-l10n-name="ordered"><b>{ $ordered }</b> seats</a> ordered, { $home ->
    [one] <a data-l10n-name="home"><b>{ $home }</b> person is home again</a>
   *[other] <a data-l10n-name="home"><b>{ $home }</b> people are home again</a>
} and verified, and { $working ->
    [one] <a data-l10n-name="working"><b>{ $working }</b> is at work</a>
   *[other] <a data-l10n-name="working"><b>{ $working }</b> are at work</a>
}. { $late ->
    [0] Nobody’s next step is late
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> placement is late</a>
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> placements are late</a>
}, { $stuck ->
    [0] {""}
    [one] <a data-l10n-name="stuck"><b>{ $stuck }</b> group is stuck</a>,{" "}
   *[other] <a data-l10n-name="stuck"><b>{ $stuck }</b> groups are stuck</a>,{" "}
}{ $decisions ->
    [0] and no decision waits for you.
    [one] and <a data-l10n-name="decisions"><b>{ $decisions }</b> decision waits for you</a>.
   *[other] and <a data-l10n-name="decisions"><b>{ $decisions }</b> decisions wait for you</a>.
}
seal-name = Seal of the figures
seal-verified = All figures verified on { $time }
seal-differs = { $count ->
    [one] { $count } figure differs from its recount
   *[other] { $count } figures differ from their recount
}
seal-counted = { $events } events counted again, { $differences ->
    [one] { $differences } difference.
   *[other] { $differences } differences.
}
seal-none = These figures were not recounted yet.
difference = { $corridor }, { $column }: the page shows { $shown }, the recount gives { $counted }.
flow-title = From order to verified return
flow-hint = Placements that reached each step, in the season from { $from } to { $until }. Seats are counted apart: a seat may be proposed more than once, and lines open to several origins belong to no corridor.
flow-empty = No placement yet. The first ones appear here as soon as a round is published.
flow-table = The numbers of the figure,
flow-table-hint = and who is at each step now.
flow-file = Download (CSV)
column-ordered = Seats ordered
column-proposed = Proposed
column-signed = Contract signed
column-visa = Visa granted
column-departed = Departed
column-working = Working
column-completed = Completed
column-returned = Return verified
cell-here = { $count } here
replaced = From reserve
one-sided = One side only
one-sided-of = of these { $count } by one side only
rivers-title = From order to verified return, by corridor
rivers-read = Each lane is a corridor; its height at a column is the number that reached the step. The pale part is at the step now, the red branch dropped out, the branch from below replaces drop-outs. All numbers are in the table that follows.
rivers-read-narrow = One bar for each step, divided by corridor. All numbers are in the table that follows.
rivers-open = { $count } open
rivers-at-work = { $count } at work
rivers-here = { $count } here now
rivers-dropped = { $count } dropped out
rivers-replaced = +{ $count } replaced
rivers-home = home again
rivers-none-home = none yet
rivers-here-row = Here now
rivers-dropped-row = Dropped out
legend-on = reached this step and went on
legend-here = is at this step now
legend-dropped = dropped out
legend-replaced = replaces a drop-out
decisions-title = Decisions waiting
decisions-hint = Only you can make them. The oldest comes first.
decisions-empty = No decision waits for you.
decide = Decide
late-title = Late steps
late-hint = By kind, with the party who can mend them. One placement may have several.
late-empty = Nothing is late.
late-what = What is late
late-who = Who must act
late-oldest = Oldest

union-sentence = Of <b>{ $ordered }</b> seats you ordered, { $filled ->
    [one] <b>{ $filled }</b> is filled
   *[other] <b>{ $filled }</b> are filled
} and { $missing ->
    [one] <b>{ $missing }</b> is missing
   *[other] <b>{ $missing }</b> are missing
}. { $working ->
    [one] <a data-l10n-name="working"><b>{ $working }</b> person is at work</a>
   *[other] <a data-l10n-name="working"><b>{ $working }</b> people are at work</a>
} with you. { $late ->
    [0] Nothing of yours is late.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> placement of yours is late</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> placements of yours are late</a>.
}
ministry-sentence = { $corridors ->
    [0] { $ready ->
        [one] <b>{ $ready }</b> person is on the roster
       *[other] <b>{ $ready }</b> people are on the roster
    }
    [one] { $ready ->
        [one] <b>{ $ready }</b> person is on the roster
       *[other] <b>{ $ready }</b> people are on the roster
    }
   *[other] At least <b>{ $ready }</b> people are on the roster
} and { $preparing ->
    [one] <a data-l10n-name="steps"><b>{ $preparing }</b> placement is being prepared</a>
   *[other] <a data-l10n-name="steps"><b>{ $preparing }</b> placements are being prepared</a>
}. { $abroad ->
    [one] <a data-l10n-name="abroad"><b>{ $abroad }</b> person is abroad</a>
   *[other] <a data-l10n-name="abroad"><b>{ $abroad }</b> people are abroad</a>
}, { $home ->
    [one] <a data-l10n-name="home"><b>{ $home }</b> is home again</a>
   *[other] <a data-l10n-name="home"><b>{ $home }</b> are home again</a>
} and verified. { $late ->
    [0] Nothing of yours is late.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> placement of yours is late</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> placements of yours are late</a>.
}
queue-title = What waits for you
queue-hint = Late first, then by the day it is due.
queue-empty = Nothing waits for you.
open-list = Open the list
own-steps-title = Your placements
todo-select = { $count ->
    [one] proposal to answer
   *[other] proposals to answer
}
todo-offer = { $count ->
    [one] offer to make
   *[other] offers to make
}
todo-sign-contract = { $count ->
    [one] contract to sign
   *[other] contracts to sign
}
todo-confirm-arrival = { $count ->
    [one] arrival to report
   *[other] arrivals to report
}
todo-start-work = { $count ->
    [one] start of work to report
   *[other] starts of work to report
}
todo-complete-work = { $count ->
    [one] end of work to report
   *[other] ends of work to report
}
todo-apply-visa = { $count ->
    [one] visa to apply for
   *[other] visas to apply for
}
todo-clear-medical = { $count ->
    [one] fitness record to enter
   *[other] fitness records to enter
}
todo-complete-training = { $count ->
    [one] training record to enter
   *[other] training records to enter
}
todo-complete-orientation = { $count ->
    [one] orientation to hold
   *[other] orientations to hold
}
todo-depart = { $count ->
    [one] departure to record
   *[other] departures to record
}
todo-verify-return = { $count ->
    [one] return to verify
   *[other] returns to verify
}

corridor-sentence = Of <a data-l10n-name="steps"><b>{ $proposed }</b> people proposed</a>, { $home ->
    [one] <a data-l10n-name="home"><b>{ $home }</b> is home again</a>
   *[other] <a data-l10n-name="home"><b>{ $home }</b> are home again</a>
} and verified, and <a data-l10n-name="steps"><b>{ $dropped }</b> dropped out</a>. { $late ->
    [0] No step is late.
    [one] <a class="late" data-l10n-name="late"><b>{ $late }</b> step is late</a>.
   *[other] <a class="late" data-l10n-name="late"><b>{ $late }</b> steps are late</a>.
}
pack-name = Rule pack
pack-line = { $version }, in force from { $from }.
pack-rules = { $count ->
    [one] { $count } rule in force
   *[other] { $count } rules in force
}
not-adding-up = These numbers do not add up. They are shown as they were counted.
steps-title = All 17 steps
steps-hint = Who reached a step went on, is here now, or dropped out. The three make up the first number.
bars-read = Went on, here now, dropped out
why-dropped = Why
clocks-title = Clocks
clocks-empty = No clock runs in this corridor.
clock = Clock
limit = Limit, days
running = Running
oldest-late = Oldest, days late
quota-title = Quota
quota-hint = A unit is used for good when its person departs. Before that it can come back.
quota-part = Part
quota-units = Units
quota-free = Free
quota-cap = Quota
rules-title = Rules in force
rules-hint = Each with its source. What is assumed is marked, until it is measured or written down.
rules-empty = No rule is in force here yet.
rule = Rule
rule-says = What it says
rule-source = Source
assumed = Assumed
part-away = The service that would know does not answer just now. Refresh in a moment.
todo-accept = { $count ->
    [one] answer of a worker to record
   *[other] answers of workers to record
}
todo-give-notice = { $count ->
    [one] notice to give
   *[other] notices to give
}
todo-open-re-entry = { $count ->
    [one] re-entry to decide
   *[other] re-entries to decide
}
todo-authorise = { $count ->
    [one] authorisation to decide
   *[other] authorisations to decide
}
todo-grant-visa = { $count ->
    [one] visa to decide
   *[other] visas to decide
}
todo-decide-non-return = { $count ->
    [one] return to clear up
   *[other] returns to clear up
}
todo-close-review = { $count ->
    [one] review to close
   *[other] reviews to close
}
days-here = Days here
days-median-longest = half { $median }, longest { $longest }
quota-allotted = Allotted to the seats of lines
quota-reserve = { $count ->
    [0] No unit is kept back as a flexible reserve.
    [one] { $count } unit more is kept back; two people can release it.
   *[other] { $count } units more are kept back; two people can release them.
}
quota-shortfall = The programme’s limit lies { $count } below what is allotted.
quota-none = No quota is set for this season.
frozen = This corridor is closed.
frozen-more = Moves that need an open corridor are refused until it is open again.
