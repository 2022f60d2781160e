# What the website says.
nav-search = Find a room
nav-manage = Your booking
nav-help = Help
foot = Total prices with tax. No pressure: what you see is what the house has.
demo-word = Demonstration
adults = { $n ->
    [one] { $n } adult
   *[other] { $n } adults
}
children = { $n ->
    [one] { $n } child
   *[other] { $n } children
}
arrival = Arrival
departure = Departure
who = Guests
room = Room
total = Total, incl. tax
per-night = a night, incl. tax
free-until = Cancel free of charge until the end of { $date }, hotel time.
free-none = It is the day of arrival already: what is paid now is not given back.
terms-card-late = The first night, { $amount }, is only reserved on your card. Nothing is taken, also when you cancel before you arrive.
terms-prepaid-late = It is the day of arrival already: { $amount } is not given back when you cancel.
terms-card = Cancel free of charge until the end of { $until }, hotel time. The first night, { $amount }, is only reserved on your card; nothing is taken.
terms-prepaid = Cancel free of charge until the end of { $until }, hotel time: you get { $amount } back. From { $from } on it is not given back.
search-title = Find a room
search-lead = Rooms you can hold, pay for and change yourself.
search-button = Show rooms
search-hotels = Our houses
search-types = { $n ->
    [one] One kind of room
   *[other] { $n } kinds of rooms
}
search-from = from
search-see = See rooms
search-silent = No answer just now. Try again in a moment.
search-none = No hotel is open for booking yet.
promises-title = What you can count on
promise-1 = The total first
promise-1-text = Every price is the whole price with tax. Nothing is preselected.
promise-2 = Held while you type
promise-2-text = A room you choose is kept for 15 minutes, and longer if you ask.
promise-3 = Booked once
promise-3-text = Press twice, go back, lose the network: it stays one booking.
wish-from = Arrival
wish-to = Departure
wish-adults-label = Adults
wish-children-label = Children
wish-date = Enter a date, such as 4 March 2027
wish-past = Choose a day of arrival that is not over
wish-far = Choose a day of arrival within a year
wish-order = Choose a day of departure after the day of arrival
wish-long = Choose at most 30 nights
wish-adults = Choose 1 to 8 adults
wish-children = Choose 0 to 8 children
wish-hotel = Choose a hotel
stay-title = Rooms
stay-form = Other dates or guests
stay-show = Show
stay-full = Everything is taken on these dates.
stay-full-text = These are the nearest dates for each room; the calendar shows the rest.
stay-nothing = This house sells no rooms here at the moment.
sleeps = { $n ->
    [one] Sleeps { $n }
   *[other] Sleeps { $n }
}
pay-words = pay at the hotel or now
few = { $n ->
    [one] Only { $n } left
   *[other] Only { $n } left
}
too-small = { $n ->
    [one] Too small for { $n } guest
   *[other] Too small for { $n } guests
}
not-known = Nobody says now whether it is free. Try again in a moment.
sold-out = Sold out { $dates }.
nearest = Nearest:
price-changed = The price of a night has changed. It was
choose-type = Choose the { $type }
lost = The last { $type } for { $dates } has just been booked by someone else. Nothing was charged. See what is still free on these dates below.
month-text = { $n ->
    [one] The lowest price of a night, for a stay of { $n } night.
   *[other] The lowest price of a night, for a stay of { $n } nights.
}
day-free = { $day }: from { $price } a night
day-full = sold out
day-short = not for so many nights
day-past = over
day-far = not sold yet
day-unknown = not known now
steps = Steps of the booking
step-1 = You
step-2 = Payment
step-3 = Booked
summary-title = Your stay
hold-until = This room is held for you until { $time } ({ $zone }).
hold-keep = Keep it 5 more minutes
hold-kept = The room is kept for longer.
hold-said = { $n ->
    [one] The room is held for { $n } more minute.
   *[other] The room is held for { $n } more minutes.
}
hold-over = The hold on this room has run out.
hold-over-text = What you have typed is kept.
hold-again = Hold it again
hold-free = See what is still free
book-title = Who is coming?
you-name = Full name
you-email = E-mail address
you-email-hint = With it you find your booking again.
you-phone = Telephone number (optional)
you-name-empty = Enter your name
you-name-wrong = Enter a name of at most 200 letters
you-email-empty = Enter an e-mail address
you-email-wrong = Enter an e-mail address such as ana@example.org
you-phone-wrong = Enter a telephone number such as +43 1 234 567, or nothing
you-on = Continue to payment
you-kept = Your data is stored encrypted, and used for this stay only.
pay-title = How do you want to pay?
pay-who = Guest
pay-who-silent = Your data is kept, but cannot be shown now.
pay-correct = Correct
pay-how = Guarantee
pay-how-missing = Choose how to guarantee the stay
pay-card = Pay at the hotel, with a card as guarantee
pay-now = Pay { $amount } now
pay-which = Card
pay-simulated = This house has a simulated bank. There is no field for a card number: choose one of these test cards.
pay-card-missing = Choose a test card
card-ok = Test card that is accepted
card-declined = Test card that is declined
card-slow = Test card whose bank is slow
card-lost = Test card whose bank’s first answer gets lost
pay-button = Book with obligation to pay
pay-once = Press it as often as you like: it stays one booking.
pay-held-again = The room is still held for you.
progress-title = Your booking is being made
progress-again = Do not book again; asking twice is safe. You may close this page.
progress-look = Look again
pace-usual = This usually takes a second or two. Your reference is { $reference }.
pace-long = Your bank has not answered yet. It takes longer than usual, and nothing is lost. We keep asking; your reference is { $reference }. Please do not pay again: this page updates by itself.
pace-very-long = Your bank has not answered yet. We keep asking, also when this page is closed; your reference is { $reference }. Please do not pay again. You find the booking later with this reference and your e-mail address under “Your booking”.
step-hold-waiting = Holding the room
step-hold-running = Holding the room…
step-hold-done = Room held
step-hold-undone = Room given back
step-authorise-waiting = Asking your bank
step-authorise-running = Asking your bank…
step-authorise-done = Your bank has agreed
step-authorise-undone = Nothing was charged
step-confirm-waiting = Confirming
step-confirm-running = Confirming…
step-confirm-done = Confirmed
step-confirm-undone = Not confirmed
step-capture-waiting = Taking the payment
step-capture-running = Taking the payment…
step-capture-done = Paid
step-capture-undone = Payment given back
booking-title = Booking
booking-title-past = Booking
booked = You are booked
booked-name = You are booked, { $name }
booking-state-confirmed = You are booked
booking-state-cancelled = This stay is cancelled
booking-state-in_house = You are staying with us
booking-state-checked_out = This stay is over
booking-state-no_show = You did not come to this stay
booking-changing = This booking is being changed just now. Open the page again in a moment.
number-label = Confirmation number
cancelled-refund = { $amount } is given back to your card.
cancelled-free = Nothing was charged, and the reservation on your card is lifted.
cancelled-forfeited = It was cancelled on the day of arrival or later, so what was paid is not given back.
from-time = from { $time }
until-time = by { $time }
zone-text = All times are the hotel’s own ({ $zone }).
paid = Payment
paid-invoice = By invoice
paid-nothing = Nothing was taken
paid-taken = { $amount } paid
paid-refunded = { $taken } paid, { $back } given back
paid-reserved = { $amount } reserved on your card, nothing taken
terms = Cancelling
ics = Add to calendar
change-dates = Change dates
cancel-stay = Cancel…
book-again = Find a room
print-text = This page prints well, and works as a confirmation on paper.
ics-summary = { $hotel }: { $type }
ics-text = Confirmation number { $number }. Total { $total }, incl. tax.
manage-title = Your booking
manage-lead = View it, change the dates or cancel.
manage-number = Confirmation number
manage-number-hint = Such as 7K2M-9QXB. The reference of a booking under way (WEB-…) works too.
manage-number-wrong = Enter the confirmation number
manage-open = Open the booking
manage-unknown = We know no booking with this number and this e-mail address. Check both, and the hotel.
cancel-title = Cancel this stay?
cancel-fee = Fee
cancel-back = You get back
cancel-card = Nothing was taken from your card. What is reserved on it is lifted.
cancel-free = It is before { $date }, so everything you paid is given back to your card.
cancel-forfeit = From { $date } on what was paid is not given back.
cancel-unknown = The house does not say now which day it is there, so the fee is not known. The terms of your booking stand; try again in a moment, or cancel now by these terms.
cancel-button = Cancel the stay
keep-stay = Keep it as it is
change-title = Change dates
change-see = See what it costs
change-was = Until now
change-is = Then, total incl. tax
change-button = Change to { $dates }
change-full = Your kind of room is sold out in these nights:
change-unknown = Nobody says now whether these nights are free. You can try: either all of it is changed or nothing.
change-same = These are the dates you have
change-prepaid = A stay that is paid can be moved, not made longer or shorter
change-prepaid-text = { $n ->
    [one] This stay is paid: it can be moved to another night.
   *[other] This stay is paid: it can be moved to { $n } other nights, not made longer or shorter.
}
asked-title = Asked, not yet known
asked-text = The house has not said yet whether it is done. Open your booking again in a moment; asking twice is safe.
stranger-title = This page is not open here
stranger-text = A booking opens only in the browser it was made in, for a day. Use “Your booking” with the number and your e-mail address. Cookies of this site must be allowed.
away-title = A part of the house is not answering
away-text = Nothing was changed and nothing was charged. Please try again in a moment.
help-title = Help
help-pay = Is this real money?
help-pay-text = No, as long as the banner at the top says that this is a demonstration. The bank is simulated, and there is no field for a card number.
help-lost = I pressed the button and saw no confirmation.
help-lost-text = Press it again, reload or go back: it stays one booking. Or look under “Your booking” with the reference and your e-mail address.
help-held = What happens when the time runs out?
help-held-text = The room may be sold to others. What you have typed stays; hold the room again, or choose another.
help-cancel = How do I cancel or change dates?
help-cancel-text = Under “Your booking”. What it costs is said before you decide.
help-data = What becomes of my data?
help-data-text = Name and address are stored encrypted in one place, and everything else refers to you by a reference. Ask the hotel, and they are erased for ever.
