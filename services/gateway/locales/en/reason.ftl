# Why somebody has a seat or none, in the codes of the service.
reason-seated = Seated on line { $line }, { $title }, with a score of { $points }. Lines open to this person by the rules: { $open } of { $lines }.
reason-on-reserve = No seat. Lines open to this person by the rules: { $open } of { $lines }; each seat there went to a named worker or to somebody with a better claim. Number { $rank } on the reserve list of line { $line }, { $title }.
reason-no-lines = The round had no line with a free seat.
reason-no-line-open = No seat: no line was open to this person.
reason-nearest = No seat. Lines open to this person by the rules: { $open } of { $lines }; each seat there went to a named worker or to somebody with a better claim. Nearest was line { $line }, { $title }, where the person scores { $score }.
reason-recalled = Asked for by name by { $union } after season { $season }.
reason-first = Comes first: the last offer was taken back by the employer.
reason-priority = Goes before every score: the person has a ground for priority that the rules of the corridor name.
reason-all-pinned = Every seat was laid down by an operator; no score would have been enough.
reason-all-named = Every seat went to a worker asked for by name; no score would have been enough.
reason-all-first = Every seat went to somebody who comes first, or was asked for by name; no score would have been enough.
reason-all-priority = Every seat went to somebody with a ground for priority, or with a claim before it; no score would have been enough.
reason-as-good = As good as the seat the person has; the order of the draw decided.
reason-worth-more = The seat the person has is worth more, by { $points }.
reason-drawn = Equal to the last one seated; the draw decided.
reason-full = All seats are taken; the last one seated scores { $lowest }, and at least { $needed } would have been needed.
reason-quota-used = Seats are left, but the quota is used up by others; { $needed } would have been needed.
reason-together-not-whole = No seat: this person belongs to a family or crew that is placed whole or not at all. People in it: { $people }; of them cannot take part: { $out }. Where that is nobody, no place is open to all of them.
reason-together-no-room = No seat: this person belongs to a family or crew that is placed whole or not at all. People in it: { $people }; places open to all of them: { $places }. None of these had room for all, or others there had a better claim.
reason-least-crew-not-reached = Nobody is sent: the work needs at least { $least }, and fewer were to be had for it.
reason-beds-taken = Seats filled: { $filled } of { $seats }. Every bed of the housing is taken.
reason-nobody = Nobody may take a seat of this line. People looked at: { $people }.
reason-seats-left = Seats filled: { $filled } of { $seats }. People who may take one: { $eligible }; those without one have a better seat or no quota.
reason-all-filled = All seats are filled: { $seats }, from { $eligible } who may take one; the last one seated scores { $lowest }.

# Rules that close a line to a person, by their keys.
reason-corridor-open = There is no open corridor from the person’s country to this destination.
reason-roster-validity-days = The place on the roster was not valid on the round’s date.
reason-candidate-fitness-required = No valid medical fitness on the round’s date.
reason-candidate-training-required = No valid training on the round’s date.
reason-candidate-destinations = The person does not wish to go to this destination.
reason-line-origins = The line admits other origins.
reason-line-quota = No quota of the person’s corridor stands behind the line.
reason-isco = The person has not worked in any occupation of the line.
reason-line-experience-months = Less experience in the occupation than the line asks for.
reason-candidate-experience-months-min = Less experience in the occupation than the corridor asks for.
reason-line-languages = A language is missing, or below the level the line asks for.
reason-candidate-languages = A language is missing, or below the level the corridor asks for.
reason-line-certificates = A certificate that the line asks for is missing.
reason-candidate-age-min = Too young in the year the work starts.
reason-candidate-age-max = Too old in the year the work starts.
reason-dates = The work is not within the days the person is available.
reason-person-free = The person is placed or proposed elsewhere in this time.
reason-stay-days-max-in-12-months = With this work the person would be abroad for too many days within twelve months.
reason-line-substitutes = All seats are kept for workers whom the order names, and the line takes no substitutes.
reason-placement-listed = The person is on the line’s reserve list already.
reason-proposal-refused = A proposal of this person for this line was refused before.
reason-placement-ended = A placement of this person on this line ended before departure.

# How the points of a score come about.
counted-base = every person
counted-per-experience-month = { $count ->
    [one] { $count } month in the occupation
   *[other] { $count } months in the occupation
}
counted-per-returned-season = { $count ->
    [one] { $count } season ended with a verified return
   *[other] { $count } seasons ended with a verified return
}
counted-per-language-level = { $count ->
    [one] { $count } language level above what is asked
   *[other] { $count } language levels above what is asked
}
counted-per-certificate = { $count ->
    [one] { $count } certificate beyond those asked for
   *[other] { $count } certificates beyond those asked for
}
counted-priority = a ground for priority that the corridor names

# Why a round could not be computed.
reason-ground-unfounded = The rules of { $corridor } let score or priority read { $ground }, which is protected, and name no law for it. Publish rules with score.legal_basis, or without that ground.
reason-weights-too-large = The goals are too many to be kept one after another exactly: { $tiers } levels over scores up to { $score } pass 124 bits.
reason-too-many-pairs = { $pairs } pairs of people and lines are more than can be told apart. Compute smaller rounds.
reason-market-refused = The solver refused the market that was put together, with { $code }: “{ $detail }”. This is a defect; please report it.
reason-plan-wrong = The plan did not pass its checks, so nothing of it is kept: “{ $checks }”. This is a defect; please report it.
reason-process-ended = The process that computed it ended. Compute the round again.
reason-not-computed = Something broke while it was computed: “{ $detail }”.
