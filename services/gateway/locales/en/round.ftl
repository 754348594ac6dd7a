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
market = What was matched
computed = Computed

round-sentence-best = <a data-l10n-name="pairs"><b>{ $pairs }</b> of <b>{ $seats }</b> seats</a> are filled from <b>{ $candidates }</b> candidates. No plan can be better: value and bound are the same.
round-sentence-gap = <a data-l10n-name="pairs"><b>{ $pairs }</b> of <b>{ $seats }</b> seats</a> are filled from <b>{ $candidates }</b> candidates. No plan can be better by more than <a data-l10n-name="proof"><b>{ $gap }</b></a>.
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
proof-hint = The bound is computed from the prices of lines and quotas. A verifier that shares no code with the solver has checked every pair.
certificate = Value and bound
value = Value of the plan
bound = Bound
bound-hint = No plan can pass it
seed = Seed
seed-committed = committed before the round, on { $at } UTC
seed-not-committed = not committed before the round
seed-digest = Committed SHA-256 of the seed
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
check-wrong = does not hold
seen-lines = { $count ->
    [one] { $count } line
   *[other] { $count } lines
}
seen-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
seen-quotas = { $count ->
    [one] { $count } quota
   *[other] { $count } quotas
}
seen-prices = { $count ->
    [one] { $count } price
   *[other] { $count } prices
}
seen-lists = { $count ->
    [one] { $count } list
   *[other] { $count } lists
}
seen-pairs = { $count ->
    [one] { $count } pair
   *[other] { $count } pairs
}
seen-groups = { $count ->
    [one] { $count } family or crew
   *[other] { $count } families and crews
}
method-shortest-paths = By auction and shortest paths: exact, no quota binds
method-quota-prices = By prices on quotas, and chains of moves within them
method-core = By prices on quotas, then by HiGHS over all that a better plan could choose
method-core-searched = By prices on quotas, then by HiGHS over all that a better plan could choose; its search, which counts in floating point, came to its end: it found no plan that is better

pairs-title = Who goes where
pairs-hint = No names: people are shown by number, each with the published parts of the score.
pairs-none = The plan has no pair.
pairs-none-here = No pair fits this filter.
pairs-pager = Pairs { $from } to { $last } of { $total }
all-lines = All lines
all-reasons = All reasons
pair-reason-pinned = by hand
pair-reason-named = asked for by name
pair-reason-first = comes first
pair-reason-priority = ground for priority
pair-reason-crew = crew
pair-reason-family = family
pair-reason-draw = draw
pair-reason-score = score
score = Score
why = Why
why-link = why
why-of = Why { $candidate }

explain-kicker = Why this outcome
explain-no-seat = { $candidate } got no seat
explain-seated = { $candidate } has a seat on line { $line }
explain-open = { $lines ->
    [one] { $open } of { $lines } line was open to this person by the rules.
   *[other] { $open } of { $lines } lines were open to this person by the rules.
}
explain-closed = Lines that were closed, and by which rule
explain-reserve = Number { $rank } on the reserve list of line { $line }.
explain-now = What happens now
explain-roster = On the roster until { $day }, and in each round until then.
explain-later = Round { $number } came next.
explain-later-on = Round { $number } came next, judged on { $day }.
explain-no-penalty = No penalty.
explain-close = Close this explanation
round-sentence-computing = This round is being computed. Refresh to see how far it is.
round-sentence-failed = This round could not be computed. Nothing went out.
judged-on = Judged as of
reserves = Reserve list
method = Method
snapshot-hash = Digest of the market
plan-hash = Digest of the plan
list-of = Show
rank = Rank
explain-near = Lines that came nearest
score-needed = Needed

changes-ask = What would have changed it?
changes-takes = Solves the round’s market anew; up to 20 seconds.
changes-title = What would have given a seat
changes-hint = Each alone is enough: the market was solved anew with it, and with a little less it gave no seat.
changes-none = No single small change was found that would have given a seat.
changes-cut = The time was over before everything had been tried.
change-line = on line { $line }
change-points = { $more ->
    [one] { $more } point more
   *[other] { $more } points more
}
change-certificates = With { $certificates }
change-dates = Available from { $from } until { $until }
change-from = Available from { $from }
change-until = Available until { $until }
change-seats = { $more ->
    [one] { $more } seat more
   *[other] { $more } seats more
}
change-quota = { $more ->
    [one] { $more } unit more in the quota of { $corridor }
   *[other] { $more } units more in the quota of { $corridor }
}

fairness-title = Who got a seat
fairness-hint = Of those to whom a line was open by the rules. The score reads none of these groups, unless a rule of the corridor names the law that allows it.
fairness-sentence = <b>{ $seated }</b> of <b>{ $eligible }</b> eligible people have a seat.
fairness-read = Mark: rate of the group, with its interval of 95% by Wilson. Dashed: rate of all. Groups of fewer than { $least } people are not told.
fairness-rate = Rate
fairness-seated = Seated
fairness-eligible = Eligible
fairness-interval = 95% interval
fairness-untold = Not told: so few people could be recognised.
fairness-sex = Sex
fairness-region = Region
fairness-first-timer = Season
fairness-age-band = Age
group = Group
group-unknown = unknown
group-women = women
group-men = men
group-unspecified = unspecified
group-first = first season
group-returned = returned before
group-young = 24 and under
group-old = 55 and over

cost-link = what would it cost?
cost-of = What would a seat on { $line } cost?
cost-forbid = What would it cost without this seat?
what-if-title = What it would cost
what-if-moved = { $count ->
    [0] Nobody’s seat would change.
    [one] The seat of { $count } person would change.
   *[other] The seats of { $count } people would change.
}
before = Before
after = After
cost-change = Change
seat-from = From
seat-to = To
override-pin = give this seat
override-forbid = not this seat
override-reason = Reason
override-lay = Lay it down
override-effect = The round becomes the best plan that keeps this pair. Who, why and the cost stay on record.
override-what = What
override-by = By
override-moved = Seats changed
overrides = Laid down by hand,
overrides-hint = each with who, why and what it cost
laid-down = Laid down.
laid-down-more = The plan is now the best one that keeps the pair. What it cost stands below.
refusal-pair-closed = The rules close this pair: { $rule }.
mend-pair-closed = What the rules close nobody can lay down.
refusal-round-changed = The round is another one by now.
mend-round-changed = Look at it as it stands now and decide anew.
refusal-search-time = The market was not solved within 20 seconds.
mend-search-time = Ask again in a quiet hour.
refusal-solver-busy = Two searches are running already.
mend-solver-busy = Ask again in a moment.
refusal-round-basis = This round did not keep its market.
mend-round-basis = Compute a new one.
what-if-of = What it would cost: { $what }
round-sentence-discarded = This round was discarded. Nothing of it went out.
round-progress = { $phase }: { $percent } of the work is done.
phase-waiting = Waiting until another round is computed
phase-reading = Reading lines and people
phase-market = Building the market
phase-pairs = Reading who may go where
phase-seats = Giving seats, quotas aside
phase-quotas = Finding the best plan within the quotas
phase-checking = Checking the plan
phase-storing = Writing the plan down
phase-publishing = Sending the proposals out
publish-on = Go on publishing
publish-on-effect = If publishing was interrupted, the rest goes out. What went out already does not go out twice.
what-if-seen = The cost was told before this form was sent. If the round has changed since, the form is refused.
refusal-pair-laid-down = This pair was laid down before in this round.
mend-pair-laid-down = Discard the round and compute a new one to decide anew.
refusal-pinned-elsewhere = The person is pinned to another line of this round.
mend-pinned-elsewhere = Look at what was laid down by hand, and choose somebody else.
refusal-seats-pinned = Every seat or quota unit for this pair went to others that are pinned.
mend-seats-pinned = Choose another line.
refusal-pair-unknown = The round had no such person on its roster, or no such line with a free seat.
mend-pair-unknown = Choose the pair on the round’s own page.
refusal-pair-reason = Nothing of this name decides about a pair.
mend-pair-reason = Choose a reason from the list above the pairs.
refusal-round-state = This is not possible in the state in which the round is now.
mend-round-state = Look at the round as it stands now.
refusal-text-length = A text is missing, or is longer than 200 characters.
mend-text-length = Fill it in or shorten it, and send again.
refusal-round-overtaken = Another round went out after this one was computed.
mend-round-overtaken = Discard this round and compute a new one.
refusal-round-not-out = The round has no result that you may see yet.
refusal-round-large = The round has more people than are solved again while somebody waits.
mend-round-large = Look at the explanation without changes.
refusal-deadline = The call took longer than it may. It may still take effect.
mend-deadline = Send the same form again: it has one effect.
refusal-round-busy = Another round of this season and destination works now.
mend-round-busy = Wait until it has ended.
refusal-together-no-room = The person goes with others, and there is no room for all of them.
mend-together-no-room = Choose a line with a seat for each of them.
