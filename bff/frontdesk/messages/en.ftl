status-title = House status
in-house = in house
nav-status = House status
nav-tape = Tape chart
nav-arrivals = Arrivals
nav-in-house = In house
nav-departures = Departures
nav-availability = Availability
nav-audit = Night audit
# What came of a form.
did-check-in = The guest is checked in, room { $what }.
did-check-out = The guest is checked out.
did-assign = Room { $what } is given.
did-unassign = The room is taken back.
did-move = The guest has moved to room { $what }.
did-lock = The guest is kept in this room.
did-unlock = The guest may be moved again.
did-extend = The day of departure is { $what } now.
did-amend = The dates are changed.
did-type = The type is { $what } now.
did-cancel = The reservation is cancelled.
did-no-show = The reservation is marked as a no-show.
# The tape chart.
tape-title = Tape chart
tape-silent = The house is not answering, so the chart cannot be shown now.
tape-grid = Rooms and nights
tape-corner = Type and room
tape-before = Seven nights earlier
tape-after = Seven nights later
tape-today = Today
tape-zoom = Nights shown
tape-types = Types
tape-all-types = All types
tape-legend = Legend
tape-rooms = { $n ->
    [one] { $n } room
   *[other] { $n } rooms
}
tape-hint = Choose a stay to see what can be done with it. Drag it to another room, or its edges to other dates.
tape-strip = The chosen stay
tape-filter = Filter
tape-filter-label = Name, number or room
tape-list = Tonight by room
tape-list-hint = Who sleeps where tonight. The chart needs a wider screen and scripts.
tape-list-room = Room
tape-list-who = Guest
tape-list-until = Until
tape-list-free = free
tape-list-none = There are no rooms of these types.
tape-due-in = due in today
tape-due-out = due out today
tape-missed-in = arrival missed
tape-missed-out = departure missed
tape-inhouse = in house
tape-future = to come
tape-past = departed
tape-urgent = needs somebody
tape-over = No room yet
tape-no-room = no room yet
tape-planned = planned only
tape-locked = kept in this room
tape-upgrade = upgraded from { $type }
tape-free = free
tape-free-cell = free, { $span }
tape-clean = clean
tape-dirty = dirty
tape-over-more = +{ $n } more
tape-over-lane = { $n } without a room
tape-above-planned = more sold than there are rooms
tape-hides-planned = Planned rows are hidden.
tape-shows-planned = Planned rows are shown.
tape-held = { $n } held
tape-house = House
tape-totals-cell = { $day }: { $sold } sold, { $free } free of { $limit }
tape-totals-above = { $n } more than there are rooms
tape-totals-unknown = { $day }: not known
tape-bar = { $who }, { $state }, { $room }, { $span }
tape-moving = Moving { $who }: choose a room with the arrows, Enter sends, Esc leaves.
tape-extending = Dates of { $who }: arrows move the departure, with Shift the arrival, Enter sends, Esc leaves.
tape-at = { $room }, free, { $span }
tape-taken = { $room } is taken: { $who }, { $span }
tape-same = { $room } is where the stay is.
tape-lower = { $room } is of a lower type ({ $type }). That is not done by dragging.
tape-occupied = { $room } is still occupied by { $who }
tape-is-locked = { $who } is kept in this room. Unlock first.
tape-not-before = Not before { $day }
tape-too-short = A stay has at least one night.
tape-leaves = Leaves { $day }, { $span }
tape-arrives = Arrives { $day }, { $span }
tape-upgrade-ask = { $room } is a { $type }, { $amount } more a night. The price stays as it was booked.
tape-upgrade-yes = Upgrade
tape-upgrade-no = Keep
tape-done-assign = { $who } has room { $room }.
tape-done-unassign = Room { $room } is taken back from { $who }.
tape-done-move = { $who } has moved to { $room }.
tape-done-extend = { $who } leaves { $day }.
tape-done-amend = { $who } stays { $span }.
tape-done-lock = The guest is kept in { $room }.
tape-done-unlock = The guest may be moved from { $room } again.
tape-done-in = { $who } is checked in, room { $room }.
tape-done-out = { $who } is checked out.
tape-unknown = It is not known yet what came of this for { $who }. The same request is being asked for again.
tape-half = The type is { $type } now, but the room was not given.
tape-card-free = Free rooms
tape-card-keep = Keep it
tape-moved-meanwhile = { $who } was moved meanwhile and is in { $room } now. Move again from there or leave it.
tape-target-taken = { $room } has just been taken.
tape-left-chart = { $who } is not on the chart any more.
tape-many-changes = { $n } stays changed.
tape-date-rolled = The business date is { $day } now.
tape-stays-silent = The house is not answering. The chart shows what was known last.
tape-stays-back = The house answers again.
tape-verb-a = Assign
tape-verb-m = Move
tape-verb-e = Dates
tape-verb-i = Check in
tape-verb-o = Check out
tape-verb-l = Keep in room
tape-verb-unlock = Unlock
tape-verb-open = Open
tape-verb-unassign = Take room back
tape-key-today = Today
tape-key-week = A week earlier or later
tape-key-zoom = 7, 14 or 31 nights
tape-key-planned = Hide or show planned rows
tape-key-filter = Filter the chart
tape-undo = Undo
tape-send-hint = Enter sends · Esc leaves
tape-free-rooms = { $n } rooms are free for all of these nights
tape-no-free-rooms = No room of this type or a higher one is free for all of these nights.
# House status.
status-arrivals = Arrivals to come
status-departures = Departures left
status-in-house = Rooms taken
status-rooms = Vacant rooms clean
status-tonight = Sold tonight
status-oversold = Oversold in 14 nights
status-audit = Night audit
status-unknown = not known now
status-with-room = { $n ->
    [0] none has a room yet
    [one] one has a room already
   *[other] { $n } have a room already
}
status-all-arrived = Everybody has arrived
status-overdue = { $n ->
    [one] one should have left before
   *[other] { $n } should have left before
}
status-gone = { $n ->
    [0] nobody has left yet
    [one] one has left
   *[other] { $n } have left
}
status-all-gone = Everybody has left who should
status-stay-over = { $n ->
    [one] one stays over
   *[other] { $n } stay over
}
status-dirty = { $n ->
    [one] one to be cleaned
   *[other] { $n } to be cleaned
}
status-all-clean = All vacant rooms are clean
status-held = { $n } held
status-nights-word = { $n ->
    [one] night
   *[other] nights
}
status-none-over = No night is sold above its limit
status-house = the house
status-auditing = Closing
status-auditing-text = The day is being closed
status-ready = Ready
status-ready-text = The day can be closed
status-left-in = { $n ->
    [one] one arrival left
   *[other] { $n } arrivals left
}
status-left-out = { $n ->
    [one] one departure left
   *[other] { $n } departures left
}
status-nights = The next 14 nights
status-nights-unknown = What is sold is not known now.
status-sold = sold
status-sold-over = sold above the limit
status-held-word = held
status-limit = may be sold
status-free = free
status-night = Night
status-as-table = Show as table
status-over-word = oversold
status-fullest = Fullest is { $day }: { $sold } of { $limit } sold.
status-over-nights = { $n ->
    [0] No night is oversold.
    [one] One night is oversold.
   *[other] { $n } nights are oversold.
}
status-first-auditing = Look at the night audit
status-first-overdue = { $n ->
    [one] See who should have left
   *[other] See { $n } who should have left
}
status-first-arrivals = { $n ->
    [one] Check in one guest
   *[other] Check in { $n } guests
}
status-first-departures = { $n ->
    [one] Check out one guest
   *[other] Check out { $n } guests
}
status-first-audit = Close the day
# Arrivals, in house, departures.
list-title-arrivals = Arrivals
list-title-in-house = In house
list-title-departures = Departures
list-as-of = as of { $time }
list-print = Print
list-no-names = Guest names is not answering: numbers stand in for names.
list-auditing = The day is being closed: nobody can be checked in or out just now.
list-which = Which stays are shown
list-arrivals-due = Due
list-arrivals-done = Arrived
list-arrivals-all = All
list-in-house-due = Leaving
list-in-house-done = Staying
list-in-house-all = All
list-departures-due = Due
list-departures-done = Left
list-departures-all = All
list-type = Type
list-all-types = All types
list-sort = Order
list-sort-due = What is due first
list-sort-room = By room
list-ready = room ready only
list-filter = Name, number or room
list-filter-do = Show
list-col-state = State
list-col-guest = Guest
list-col-number = Number
list-col-type = Type
list-col-stay = Stay
list-col-guests = Guests
list-col-room = Room
list-col-price = Amount
list-col-posted = Posted
list-col-next = Next
list-col-notes = Notes
list-missed-in = arrival missed
list-missed-out = departure missed
list-due-in = due in
list-due-out = due out
list-in-house = in house
list-past = departed
list-mark = Mark { $who }
list-sold-as = sold as { $type }
list-planned = planned only
list-clean = clean
list-dirty = dirty
list-locked = kept in this room
list-none-ready = no room ready
list-n-dirty = { $n } dirty
list-room-for = Room for { $who }
list-given-waits = the room given is not ready
list-check-in = Check in
list-check-out = Check out
list-unknown = The house is not answering, so this list is not known now.
list-none-arrivals-due = Nobody is still to come today.
list-none-arrivals-done = Nobody has arrived yet.
list-none-arrivals-all = Nobody arrives today.
list-none-in-house-due = Nobody leaves today.
list-none-in-house-done = Nobody stays over.
list-none-in-house-all = Nobody is in house.
list-none-departures-due = Nobody is still to leave today.
list-none-departures-done = Nobody has left yet.
list-none-departures-all = Nobody leaves today.
list-see-all = Show all
list-see-tape = Look at the tape chart
list-many = Marked stays
list-unmark = Unmark
list-ask-check-in = Check in { $who }, { $n }, into
list-ask-check-out = Check out { $who } from { $room }?
list-confirm-hint = 1 to 5 choose · Enter does it · Esc leaves
list-key-check-in = Check in
list-key-check-out = Check out
list-key-mark = Mark several
list-key-filter = Filter the list
list-leave = Leave
list-new-one = 1 new: show
list-new-many = { $n } new: show
list-marked = { $n } marked
list-many-check-in = Check in { $n }
list-many-check-out = Check out { $n }
list-many-came = { $done } of { $n } done
list-sending = Saving…
list-unknown-yet = not known yet
list-unknown-who = It is not known yet what came of this for { $who }. Send it again: it is the same request.
list-shown = { $n } shown

# Availability and its limits.
availability-title = Availability
availability-grid = Rooms sold by night and type
availability-nights = Nights shown
availability-before = Seven nights earlier
availability-after = Seven nights later
availability-today = Today
availability-n-nights = { $n ->
    [one] { $n } night
   *[other] { $n } nights
}
availability-type = Type
availability-house = House
availability-free = { $n } free
availability-held = { $n } held
availability-over = { $n } more than there may be
availability-closed = The hotel sells nothing at the moment: nothing is free, whatever the limits say.
availability-hint = Sold and limit. Enter edits a limit, Shift and arrows choose several, Space opens the list behind a number.
availability-readonly = Sold and limit. Limits are set by revenue: log in with that role to change them.
availability-set = Set a limit
availability-set-hint = For one type or the house, on all nights from the first to the last, or on some weekdays only.
availability-set-do = Set limit
availability-first = First night
availability-last = Last night
availability-limit = Limit
availability-reason = Reason
availability-reason-usual = Set at the desk
availability-weekdays = Only on these weekdays (none chosen: all)
availability-save = Save changes
availability-discard = Discard
availability-js-editing = Limit for { $a }
availability-js-unsaved = Not saved: { $a }
availability-js-saving = Saving…
availability-js-saved = Cells saved: { $a }.
availability-js-refused = Cells refused: { $a }. { $b }
availability-js-some-refused = Cells saved: { $a }, refused: { $b }.
availability-js-not-number = A limit is a number from 0 to 100,000.
availability-js-readonly-past = This night is over.
availability-js-readonly-role = Limits are set by revenue.
availability-js-theirs = now { $a }
availability-js-later = Not possible just now; nothing was changed. { $a }
availability-js-unknown = It is not known yet what came of this. Save again: it is asked for once only.
availability-js-free = { $a } free
availability-js-held = { $a } held
availability-js-over = { $a } more than there may be
availability-js-range = Cells chosen: { $a }
availability-js-discarded = Changes discarded.
did-limits = The limit is set. Nights changed: { $what }.
oversold-title = Below what is sold
oversold-text = { $n ->
    [one] On { $n } night more is sold than this limit. What is sold stays sold; the night will be marked as oversold.
   *[other] On { $n } nights more is sold than this limit. What is sold stays sold; the nights will be marked as oversold.
}
oversold-line = { $sold } sold, limit { $limit }
oversold-more = { $n ->
    [one] and { $n } more night
   *[other] and { $n } more nights
}
oversold-do = Set it anyway
oversold-keep = Leave it as it was
night-title = One night
night-heading = Night of { $day }
night-heading-type = Night of { $day }, { $type }
night-sold = sold, and limit
night-free = can still be sold
night-held = held by carts, without a name yet
night-number = Number
night-stay = Stay
night-state = State
night-empty = Nobody has booked this night.
night-to-grid = All nights
# The rack.
nav-rooms = Rooms
rooms-title = Rooms
rooms-show = Rooms shown
rooms-all = All rooms
rooms-all-types = All types
rooms-dirty = Dirty
rooms-clean = Clean
rooms-occupied = Occupied
rooms-due-out = Due out
rooms-due-in = Given, due in
rooms-head-floor = { $type }, floor { $floor }
rooms-until = until { $day }
rooms-mark = Mark { $room }
rooms-mark-hint = Mark rooms to change several at once.
rooms-mark-clean = Marked rooms are clean
rooms-mark-dirty = Marked rooms are dirty
rooms-to-clean = Set clean
rooms-to-dirty = Set dirty
rooms-to-clean-room = Set clean: room { $room }
rooms-to-dirty-room = Set dirty: room { $room }
rooms-none = No room is like this.
rooms-unknown = It is not known yet what came of this. Press again: it is asked for once only.
did-room-clean = Room { $what } is clean.
did-room-dirty = Room { $what } is dirty.
did-rooms-clean = { $what } rooms are clean.
did-rooms-dirty = { $what } rooms are dirty.
# The night audit.
audit-title = Close { $date }
audit-title-running = Closing { $date }
audit-title-closed = { $date } is closed
audit-turned = { $date } is open again: it could not be closed.
audit-steps = What is being done
audit-what = What closing the day does
audit-step-close-sales = Nobody arrives for { $date } any more
audit-step-close-night = Rooms sold and rooms taken agree for { $date }
audit-step-open-day = { $date } opens
audit-step-post = The night of { $date } is posted to every stay
audit-state-waiting = waiting
audit-state-running = being done
audit-state-done = done
audit-state-undone = undone
audit-state-failed = not going on
audit-by = Closed by { $who }
audit-took = took { $time }
audit-took-seconds = { $s } s
audit-took-moment = less than 0.1 s
audit-took-minutes = { $m } min { $s } s
audit-hangs = It takes longer than usual; nothing is lost, and it goes on by itself.
audit-hangs-open = See what it waits for
audit-hangs-who = If it does not go on, an operator can see what it waits for.
audit-may-close = You may close this page: the audit goes on.
audit-look = Look again
audit-opened = { $date } is open
audit-rooms = { $n ->
    [one] room over the night
   *[other] rooms over the night
}
audit-revenue = room revenue posted
audit-rate = a room, on average
audit-to-status = House status
audit-to-arrivals = Arrivals of { $date }
audit-arrivals-left = arrivals left
audit-departures-left = departures left
audit-occupied = rooms taken
audit-of = { $done } of { $all } done
audit-sold = { $n } sold for tonight
audit-nobody-left = Everybody has come or gone. Nothing is left to do before the day is closed.
audit-title-no-shows = Expected today, not here
audit-title-check-outs = Leaving today, still in house
audit-effect-no-shows = Their nights are given back to be sold. This cannot be undone.
audit-effect-check-outs = Their stays end, and their rooms are free to be cleaned.
audit-do-no-shows = { $n ->
    [one] Mark { $n } no-show
   *[other] Mark { $n } no-shows
}
audit-do-check-outs = { $n ->
    [one] Check out { $n }
   *[other] Check out { $n }
}
audit-do-none = None chosen
audit-came-no-shows = { $done } of { $all } marked as no-shows
audit-came-check-outs = { $done } of { $all } checked out
audit-did-no-shows = no-show
audit-did-check-outs = checked out
audit-did-not = not done
audit-pick = Chosen
audit-pick-one = Choose { $who }
audit-who = Guest
audit-number = Number
audit-room = Room
audit-stay = Stay
audit-guarantee = Guarantee
audit-late = overdue
audit-not-known = It is not known who is left, so the day cannot be closed now.
audit-not-departures = { $n ->
    [one] { $n } guest who leaves today is still in house.
   *[other] { $n } guests who leave today are still in house.
}
audit-not-arrivals = { $n ->
    [one] { $n } guest is still expected.
   *[other] { $n } guests are still expected.
}
audit-not-even = { $sold } rooms are sold for tonight, { $taken } are taken. They have to agree.
audit-cannot-undo = { $date } cannot be opened again afterwards.
audit-run = Close { $date }
audit-busy = Sending…
audit-said-done = The day is closed.
audit-said-rolled = The business date has changed.
guarantee-card = card
guarantee-direct-bill = invoice
guarantee-prepaid = prepaid
# The sheet of one reservation.
sheet-title = Reservation
sheet-none-title = No such reservation here
sheet-none-text = There is no such reservation in hotel { $hotel }. It may belong to another hotel: choose that one above, or look for it by name or number.
sheet-back = Back to the list
sheet-changed = Changed meanwhile:
sheet-changed-by = { $who } changed this meanwhile:
sheet-keep = Leave it as it is
sheet-saving = Saving…
sheet-locked = Kept in this room
sheet-changing = A change is under way
sheet-upgraded = upgraded from { $type }
sheet-sold-as = sold as { $type }
sheet-room = Room
sheet-any-room = Any clean room
sheet-given = given
sheet-not-ready = Room { $room } was given and is not ready yet.
sheet-stay = Stay
sheet-arrival = Arrival
sheet-departure = Departure
sheet-length = Length
sheet-type = Room type
sheet-guests = Guests
sheet-adults = { $n ->
    [one] { $n } adult
   *[other] { $n } adults
}
sheet-children = { $n ->
    [one] { $n } child
   *[other] { $n } children
}
sheet-babies = { $n ->
    [one] { $n } baby
   *[other] { $n } babies
}
sheet-price = A night
sheet-total = Stay
sheet-guarantee = Guarantee
sheet-prepaid = { $amount } paid
sheet-refund = { $amount } given back
sheet-segment = Segment
sheet-channel = Channel
sheet-reference = Booker's number
sheet-guest = Guest
sheet-name = Name
sheet-mail = E-mail
sheet-phone = Telephone
sheet-nobody = The reservation names nobody.
sheet-guest-silent = Who it is, is not known now. The number stands in for the name.
sheet-folio = Folio
sheet-balance = Balance
sheet-folio-silent = The folio is not known now.
sheet-folio-none = A folio is opened at check-in.
sheet-folio-empty = Nothing has been posted yet.
sheet-date = Date
sheet-what = For
sheet-amount = Amount
posting-room = Room
posting-prepaid = Paid in advance
posting-city-ledger = Billed to the city ledger
sheet-acts = What can be done
sheet-acts-silent = { $service } is not answering, so some of this cannot be done now.
sheet-rooms-none = No room of this type is free on all of the nights.
sheet-rooms-none-now = No clean room is free on all of the nights left.
sheet-assign-means = The room is kept for these nights. It can be taken back until arrival.
sheet-move = Move to another room
sheet-move-to = To room
sheet-rooms-own = { $type }: same type
sheet-rooms-upgrade = { $type }: upgrade, worth { $amount } more a night
sheet-rooms-other = { $type }: not a higher type
sheet-move-means = The price stays as it was booked. The room that is left has to be cleaned.
sheet-reason = Reason
sheet-extend = Change departure
sheet-new-departure = New departure
sheet-extend-means = Nights that are added cost the same as the others; nights that are left out are given back.
sheet-amend = Change dates
sheet-amend-means = The price of a night stays the same. A given room is kept if it is free on the new nights, else it is taken back.
sheet-amend-prepaid = It is paid in advance: the stay can be moved, but not made longer or shorter.
sheet-retype = Change room type
sheet-new-type = New type
sheet-retype-means = The price of a night stays the same.
sheet-retype-room = The room that was given is taken back.
sheet-early = Check out early
sheet-early-means = { $n ->
    [one] The guest leaves today. { $n } night is given back and can be sold again.
   *[other] The guest leaves today. { $n } nights are given back and can be sold again.
}
sheet-no-show = Mark as no-show
sheet-no-show-means = Nobody came. The nights are given back; this cannot be undone.
sheet-cancel = Cancel reservation
sheet-cancel-means = The stay from { $from } to { $to } is given back and cannot be brought back.
sheet-cancel-refund = { $amount } are refunded in full.
sheet-cancel-forfeit = { $amount } were paid in advance and are not refunded.
sheet-cancel-void = Nothing is charged; what is reserved on the card is released.
sheet-cancel-free = There is no fee.
sheet-history = History
sheet-all-steps = Every step
sheet-trace = Timeline of all services
sheet-history-gap = { $service } is not answering: its part of the history is missing.
sheet-history-none = Nothing is known of it now.
sheet-day = business date { $date }
sheet-by-house = the house
sheet-raw = Event
event-reservations-Requested = Booking asked for
event-reservations-Declined = Not booked
event-reservations-Booked = Booked: { $type }, { $span }, { $amount } a night
event-reservations-ChangeStarted = A change has begun
event-reservations-ChangeFailed = The change was not made
event-reservations-TypeChanged = Room type changed
event-reservations-Amended = Dates changed
event-reservations-RoomEarmarked = A room is being set aside
event-reservations-Cancelled = Cancelled
event-reservations-NoShowed = Marked as no-show
event-reservations-Arrived = The guest stands at the desk
event-reservations-Unarrived = The arrival was taken back
event-reservations-StayExtended = Reservation follows: departure changed
event-reservations-Departed = Reservation follows: the guest has left
event-stays-CheckInStarted = Check-in begins
event-stays-CheckInFailed = Check-in did not happen
event-stays-CheckedIn = Checked in, room { $room }
event-stays-CheckOutStarted = Check-out begins
event-stays-CheckedOut = Checked out
event-stays-ChangeStarted = A change has begun
event-stays-ChangeFailed = The change was not made
event-stays-RoomMoved = Moved to room { $room }
event-stays-Extended = Departure changed
event-stays-RoomAsked = A room is asked for
event-stays-ReservationHeard = A change of the reservation was heard
event-stays-Opened = Folio opened, { $amount } a night
event-stays-Posted = Night of { $date } posted: { $amount }
event-stays-Credited = { $amount } credited: { $what }
event-stays-Settled = { $amount } settled
event-stays-Occupied = Room { $room } is taken
event-stays-Vacated = Room { $room } is left
event-stays-Kept = Room { $room } is kept for a moment
event-stays-LetGo = Room { $room } is let go
event-stays-Assigned = Room { $room } given
event-stays-Unassigned = Room { $room } taken back
event-stays-Locked = Room locked or unlocked
event-stays-GivingStarted = Room { $room } is asked for
event-stays-GivingDone = Room { $room } given
event-stays-GivingUndone = Room { $room } was not given: { $why }
event-stays-GivingTurnedBack = Room { $room } is not given: { $why }
event-stays-GivingStuck = Giving room { $room } is stuck
event-stays-GivingPivotIntended = Room { $room } is being given
event-stays-GivingNudged = An operator helped with room { $room }
event-stays-GivingTriedAgain = Room { $room } is asked for again
event-inventory-Held = Nights held
event-inventory-HoldExtended = Nights held for longer
event-inventory-Unheld = Held nights given back
event-inventory-HoldExpired = The hold has run out
event-inventory-Sold = Nights sold
event-inventory-Released = Nights released
event-inventory-Moved = Nights moved to the other type
event-inventory-Amended = Nights changed
event-inventory-hold = Nights held
event-inventory-hold-undo = Held nights given back
event-inventory-confirm = Nights sold
event-inventory-amend = Nights changed
event-inventory-move = Nights moved to the other type
event-inventory-release = Nights released
event-payments-Asked = The bank is asked for { $amount }
event-payments-Authorised = { $amount } reserved on the card
event-payments-Declined = The bank declines: { $why }
event-payments-Voided = What was reserved on the card is released
event-payments-CaptureStarted = The money is being taken
event-payments-Captured = { $amount } taken
event-payments-CaptureFailed = Not taken: { $why }
event-payments-RefundStarted = The money is being given back
event-payments-Refunded = { $amount } given back
event-payments-RefundFailed = Not given back: { $why }
# Walk-in and booking ahead.
nav-walk-in = Walk-in
walkin-title = Walk-in
walkin-title-ahead = Book ahead
walkin-for-today = For today, { $date }
walkin-stay = Stay
walkin-guest = Guest
walkin-pays = Payment
walkin-arrival = First night
walkin-departure = Departure
walkin-adults = Adults
walkin-children = Children
walkin-look = Show rooms
walkin-room = Room wanted
walkin-type = Room type
walkin-no-types = The hotel directory does not answer, so no types are known.
walkin-sleeps = { $n ->
    [one] sleeps { $n }
   *[other] sleeps { $n }
}
walkin-free = { $n ->
    [one] { $n } room free
   *[other] { $n } rooms free
}
walkin-ready = { $n ->
    [one] { $n } ready now
   *[other] { $n } ready now
}
walkin-none-ready = none ready now
walkin-sold-out = sold out
walkin-not-sold = not sold
walkin-a-night = { $price } a night
walkin-name = Full name
walkin-email = E-mail (optional)
walkin-phone = Phone (optional)
walkin-how-card = Card
walkin-how-card-text = The first night is reserved on the card.
walkin-how-prepaid = Pays now
walkin-how-prepaid-text = The whole stay is charged to the card.
walkin-how-direct-bill = Invoice
walkin-how-direct-bill-text = A company or agent is invoiced; nothing is taken.
walkin-choose = Choose a type
walkin-do = Book and check in
walkin-do-text = Books the stay and gives the lowest room that is ready.
walkin-do-ahead = Book
walkin-do-ahead-text = Books the stay. The room is given on arrival, or on the stay.
walkin-busy = Booking…
walkin-nothing-done = Nothing was booked.
walkin-guest-done = Nothing was booked. The guest is kept; change the stay and send it again.
walkin-no-name = Enter the guest's name
walkin-wrong-name = The name is too long, or has signs that no name has
walkin-wrong-email = Enter an e-mail address such as ana@example.org, or leave it empty
walkin-wrong-phone = Enter a phone number with digits, or leave it empty
walkin-no-arrival = Enter the first night
walkin-past = The first night is before the business date
walkin-no-departure = Enter the day of departure
walkin-no-nights = The departure must be after the first night
walkin-many-nights = A stay has at most 60 nights
walkin-wrong-adults = Enter 1 to 9 adults
walkin-wrong-children = Enter 0 to 9 children
walkin-too-many = The chosen type does not sleep so many
walkin-no-type = Choose a room type
walkin-other-type = This room is of another type than the chosen one
walkin-no-guarantee = Choose how the stay is paid
walkin-new-price = The price has changed since the form was opened; look at the new one
walkin-half-title = Booked, not checked in
walkin-half-guest = The guest is kept.
walkin-half-booked = The stay is booked:
walkin-half-not = Not checked in.
walkin-half-on = Open the stay to give it a room and check it in there. Nothing has to be typed again.
walkin-half-open = Open the stay
did-book = The stay is booked: { $what }.
# Finding somebody.
find-title = Find
find-label = Name, number or room
find-do = Find
find-state = State
find-none = Nobody was found.
find-more = There are more. Type more of the name or number.
find-where = Rooms and numbers are found whenever the stay is, names among guests in house and those of the next 31 nights.
