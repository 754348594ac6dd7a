# Homes, corridor and who sees what: what was added to season.ftl.
corridor-clocks-hint = How long those took that have ended, and how far those are that run. Each bar has its own scale.
clock-days = Days
clock-ended = Ended
clock-half = Half within, days
clock-nine = Nine of ten within, days
quota-used = Confirmed: used for good
quota-held = Held for people who have not departed
quota-open = At seats with nobody yet
quota-kept = Kept back in reserve, on top of it
all-clocks = All clocks
stuck-title = Stuck groups
stuck-hint = Two or more that wait for the same thing at the same party, past its deadline. One move mends each group.
stuck-empty = No group is stuck.
seal-compared = What was compared
seal-silent = could not be compared
seal-source = { $figures } figures from { $events } events
