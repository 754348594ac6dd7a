# Rule packs side by side, units of the reserve, and how accessible the console is.
packs-compare = Compare rule packs
packs-title = Rule packs compared
packs-sentence = { $count ->
    [0] No rule differs between <b>{ $from }</b> and <b>{ $to }</b>.
    [one] <b>{ $count }</b> rule differs between <b>{ $from }</b> and <b>{ $to }</b>.
   *[other] <b>{ $count }</b> rules differ between <b>{ $from }</b> and <b>{ $to }</b>.
}
packs-same = { $count ->
    [0] None says the same in both.
    [one] <b>{ $count }</b> says the same in both.
   *[other] <b>{ $count }</b> say the same in both.
}
packs-few = There are no two packs to compare yet: each code has one at most.
packs-apart = One pack is of the corridor, the other of the destination: they rule different things. Choose two of one code.
packs-rules = Rules that differ
packs-hint = Value, source, or whether it is assumed. Where a pack does not set a rule, the programme’s default holds.
packs-none = Both packs say the same, with the same sources.
packs-from = Earlier pack
packs-to = Later pack
packs-since = Holds since
packs-unset = not set
units-link = Ask for units of the reserve
units-title = Units of the reserve
units-sentence = { $count ->
    [0] No unit is kept back for season { $season }.
    [one] <b>{ $count }</b> unit is kept back for season { $season }.
   *[other] <b>{ $count }</b> units are kept back for season { $season }.
}
units-quotas = Quotas of the season
units-hint = What is kept back comes on top of what may be used now.
units-sector = Sector
units-form = Ask for units
units-form-hint = Two operators release units: one asks, another asks for the same number within seven days.
units-number = How many units
units-show = Show what it would do
units-wrong = Write a number from 1 to { $most }.
units-effect = Once a second operator has asked for the same
units-ask = { $count ->
    [one] Ask for { $count } unit
   *[other] Ask for { $count } units
}
units-ask-effect = If another operator has asked for the same number, the units can be used at once. Otherwise nothing moves yet.
units-others = Operators ask for units.
units-open-title = Waits for a second operator
units-open-hint = Whoever confirms the same number releases the units.
units-open = { $count ->
    [one] Somebody else asked for { $count } unit on { $day }: confirm the same?
   *[other] Somebody else asked for { $count } units on { $day }: confirm the same?
}
units-open-own = { $count ->
    [one] You asked for { $count } unit on { $day }: another operator has to confirm it.
   *[other] You asked for { $count } units on { $day }: another operator has to confirm it.
}
units-confirm = Confirm the same
units-asked = Units are asked for.
units-asked-more = Nothing has moved yet: another operator has to ask for the same number within seven days.
units-released = Units are released.
units-released-more = Two operators asked for the same number: lines can use it now.
access-title = Accessibility
access-lead = The console aims at WCAG 2.2, level AA. It works without scripts, by keyboard alone, by day and by night, and down to a width of 320 pixels.
access-checked = What is checked
access-checked-hint = Each time the console is changed, in Chromium.
access-axe = Every page in every language by axe-core, with all rules of WCAG 2.2 A and AA.
access-keys = Every control is reached by keyboard in the order in which it is read, with a ring that can be seen, and the head of a page can be skipped.
access-contrast = Every text has a contrast of 4.5 to 1 or more, in light and in dark, texts of figures too.
access-size = No page scrolls sideways from 320 pixels on, with texts 40 percent longer either.
access-figures = Every figure stands beside a table with the same numbers.
access-open = What is not
access-open-hint = Known, and not checked yet.
access-people = Nobody who works with a screen reader has tried it yet, and no other browser is checked by a machine.
access-right = No language that is read from the right is offered yet, though pages turn over for one.
access-tell = Something is in your way?
access-tell-more = Tell your programme operator the address of the page and what you wanted to do.

# Rules in force, in words.
pack-line-until = { $version }, in force from { $from } to { $until }.
rules-orders-title = Rules for orders: { $country }
rules-orders-hint = By the destination’s pack the orders of this corridor are judged, wherever their people come from.
unit-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
unit-workdays = { $count ->
    [one] { $count } working day
   *[other] { $count } working days
}
unit-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
unit-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
unit-hours-a-week = { $count ->
    [one] { $count } hour a week
   *[other] { $count } hours a week
}
unit-seats = { $count ->
    [one] { $count } seat
   *[other] { $count } seats
}
unit-seasons = { $count ->
    [one] { $count } season
   *[other] { $count } seasons
}
unit-points = { $count ->
    [one] { $count } point
   *[other] { $count } points
}
unit-attempts = { $count ->
    [one] { $count } attempt
   *[other] { $count } attempts
}
unit-channels = { $count ->
    [one] { $count } way
   *[other] { $count } ways
}
unit-percent = { $count }%
unit-a-seat = { $times } for each seat
rule-none = none
rule-word-true = yes
rule-word-false = no
rule-word-contract = contract
rule-word-authorisation = authorisation
rule-word-visa = visa
rule-word-fitness = fitness for work
rule-word-training = training
rule-word-orientation = orientation
rule-word-travel = travel
rule-word-union = employers’ union
rule-word-worker = worker
rule-word-ministry = ministry of origin
rule-word-displaced = displaced people
rule-word-indigenous = indigenous people
rule-word-woman-head-of-household = women who head a household
rule-language-en = English
rule-language-es = Spanish
rule-language-fr = French
rule-language-it = Italian
