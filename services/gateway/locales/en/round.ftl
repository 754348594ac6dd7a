# Rounds: list and page.
round = Round
round-number = Round { $number }
rounds-sentence = { $count ->
    [0] No round waits to be published.
    [one] <b>{ $count }</b> round is computed and waits to be published.
   *[other] <b>{ $count }</b> rounds are computed and wait to be published.
}
rounds-list = All rounds
rounds-hint = A round is computed, looked at, and then published. The latest comes first.
rounds-empty = No round yet. The first one is computed when a line is open and people are on the roster.
rounds-pager = Rounds { $from } to { $last } of { $total }
scope = Scope
seats = Seats
pairs = Pairs
seats-filled = Seats filled
gap = Gap
candidates = Candidates
eligible = Pairs the rules allow
market = What was matched
computed = Computed

round-sentence-best = <b>{ $pairs }</b> of <b>{ $seats }</b> seats are filled from <b>{ $candidates }</b> candidates. No plan can be better: value and bound are the same.
round-sentence-gap = <b>{ $pairs }</b> of <b>{ $seats }</b> seats are filled from <b>{ $candidates }</b> candidates. No plan can be better by more than <b>{ $gap }</b>.
round-sentence-wrong = { $wrong ->
    [one] <b class="late">{ $wrong } check does not hold.</b> This round cannot be published.
   *[other] <b class="late">{ $wrong } checks do not hold.</b> This round cannot be published.
}
publish = { $count ->
    [one] Publish { $count } proposal
   *[other] Publish { $count } proposals
}
publish-effect = Each proposal takes a seat, a quota unit and the person’s period. What no longer fits comes back as refused, with its reason.
proof-title = Why this plan
proof-hint = Anyone can check the bound from the published prices. A verifier that shares no code with the solver has looked at every pair.
certificate = Value and bound
value = Value of the plan
bound = Bound
bound-hint = No plan can pass it
seed = Seed
policy = Policy
input-hash = Input
goals = Goals,
goals-hint = in the order the policy puts them
goal = Goal
share = Share
possible = Possible
checks = Checks of the verifier
checks-hint = on the written plan
check = What must hold
looked-at = Looked at
outcome = Outcome
check-holds = holds
check-wrong = { $count } wrong

pairs-title = Who goes where
pairs-hint = { $count ->
    [one] { $count } pair. Names are hidden until a union selects; you see numbers only.
   *[other] { $count } pairs. Names are hidden until a union selects; you see numbers only.
}
pairs-none = The plan has no pair.
pairs-none-here = No pair fits this filter.
pairs-pager = Pairs { $from } to { $last } of { $total }
all-lines = All lines
all-reasons = All reasons
score = Score
why = Why
why-link = why
why-of = Why { $candidate }
why-named = { $season ->
    [1] Named by the farm for a first season
    [2] Named by the farm, second season here
    [3] Named by the farm, third season here
   *[other] Named by the farm, { $season } seasons here
}
why-with = Stays together with <code>{ $others }</code>
why-rank = { $rank ->
    [1] Best of { $of } for this line
    [2] Second of { $of } for this line
    [3] Third of { $of } for this line
   *[other] Number { $rank } of { $of } for this line
}
why-elsewhere = { $above ->
    [one] Would score { $score } on line { $line }, where { $above } other scores more
   *[other] Would score { $score } on line { $line }, where { $above } others score more
}
why-draw = Equal to others; draw { $place } of { $of }

explain-kicker = Why this outcome
explain-no-seat = { $candidate } got no seat
explain-seated = { $candidate } has a seat on line { $line }
explain-open = { $lines ->
    [one] { $open } of { $lines } line was open to this person by the rules.
   *[other] { $open } of { $lines } lines were open to this person by the rules.
}
explain-closest = Closest was <strong>line { $line }</strong>, { $farm }: the person scores <strong>{ $score }</strong>, the last one seated <strong>{ $last }</strong>.
explain-changes = What would have changed it
change-seat = <strong>One more seat on line { $line }.</strong> Then this person has it.
change-score = <strong>{ $points } points more</strong> for line { $line }. Someone else goes without.
change-free = <strong>Free from { $day }</strong> instead: a seat on line { $line }.
explain-tried = Each was tried: the round was solved again with only this change.
explain-closed = Lines that were closed, and by which rule
explain-now = What happens now
explain-reserve = Number { $rank } on the reserve list of line { $line }.
explain-roster = On the roster until { $until }.
explain-next = In the next round on { $day }.
explain-no-penalty = No penalty.
explain-close = Close this explanation
