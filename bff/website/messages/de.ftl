# Was die Website sagt.
nav-search = Zimmer finden
nav-manage = Ihre Buchung
nav-help = Hilfe
foot = Gesamtpreise inkl. Steuern. Ohne Druck: Sie sehen, was das Haus hat.
demo-word = Vorführung
adults = { $n ->
    [one] { $n } Erwachsener
   *[other] { $n } Erwachsene
}
children = { $n ->
    [one] { $n } Kind
   *[other] { $n } Kinder
}
arrival = Anreise
departure = Abreise
who = Gäste
room = Zimmer
total = Gesamt inkl. Steuern
per-night = pro Nacht inkl. Steuern
free-until = Kostenlos stornierbar bis Ende { $date }, Ortszeit des Hotels.
free-none = Es ist schon der Anreisetag: Was jetzt bezahlt wird, wird nicht erstattet.
terms-card-late = Die erste Nacht, { $amount }, wird auf Ihrer Karte nur reserviert. Abgebucht wird nichts, auch wenn Sie vor der Anreise stornieren.
terms-prepaid-late = Es ist schon der Anreisetag: { $amount } werden bei einer Stornierung nicht erstattet.
terms-card = Kostenlos stornierbar bis Ende { $until }, Ortszeit des Hotels. Die erste Nacht, { $amount }, wird auf Ihrer Karte nur reserviert; abgebucht wird nichts.
terms-prepaid = Kostenlos stornierbar bis Ende { $until }, Ortszeit des Hotels: Sie erhalten { $amount } zurück. Ab { $from } wird nichts erstattet.
search-title = Ein Zimmer finden
search-lead = Zimmer, die Sie selbst reservieren, bezahlen und umbuchen.
search-button = Zimmer zeigen
search-hotels = Unsere Häuser
search-types = { $n ->
    [one] Eine Zimmerart
   *[other] { $n } Zimmerarten
}
search-from = ab
search-see = Zimmer ansehen
search-silent = Gerade keine Antwort. Versuchen Sie es gleich noch einmal.
search-none = Noch ist kein Hotel buchbar.
promises-title = Worauf Sie sich verlassen können
promise-1 = Zuerst der Gesamtpreis
promise-1-text = Jeder Preis ist der ganze Preis mit Steuern. Nichts ist vorausgewählt.
promise-2 = Gehalten, während Sie tippen
promise-2-text = Ein gewähltes Zimmer wird 15 Minuten gehalten, auf Wunsch länger.
promise-3 = Einmal gebucht
promise-3-text = Zweimal drücken, zurückgehen, kein Netz: Es bleibt eine Buchung.
wish-from = Anreise
wish-to = Abreise
wish-adults-label = Erwachsene
wish-children-label = Kinder
wish-date = Geben Sie ein Datum ein, etwa 4. März 2027
wish-past = Wählen Sie einen Anreisetag, der nicht vorbei ist
wish-far = Wählen Sie einen Anreisetag innerhalb eines Jahres
wish-order = Wählen Sie einen Abreisetag nach dem Anreisetag
wish-long = Wählen Sie höchstens 30 Nächte
wish-adults = Wählen Sie 1 bis 8 Erwachsene
wish-children = Wählen Sie 0 bis 8 Kinder
wish-hotel = Wählen Sie ein Hotel
stay-title = Zimmer
stay-form = Andere Tage oder Gäste
stay-show = Zeigen
stay-full = An diesen Tagen ist alles vergeben.
stay-full-text = Zu jedem Zimmer stehen die nächsten Tage; der Kalender zeigt die übrigen.
stay-nothing = Dieses Haus verkauft hier zurzeit keine Zimmer.
sleeps = { $n ->
    [one] Für { $n } Person
   *[other] Für { $n } Personen
}
pay-words = im Hotel oder jetzt zahlen
few = { $n ->
    [one] Nur noch { $n } frei
   *[other] Nur noch { $n } frei
}
too-small = { $n ->
    [one] Zu klein für { $n } Gast
   *[other] Zu klein für { $n } Gäste
}
not-known = Ob es frei ist, sagt gerade niemand. Versuchen Sie es gleich noch einmal.
sold-out = Ausgebucht { $dates }.
nearest = Am nächsten:
price-changed = Der Preis pro Nacht hat sich geändert. Er war
choose-type = { $type } wählen
lost = Das letzte Zimmer „{ $type }“ für { $dates } wurde soeben anderweitig gebucht. Ihre Karte wurde nicht belastet. Unten steht, was an diesen Tagen noch frei ist.
month-text = { $n ->
    [one] Der niedrigste Preis pro Nacht bei { $n } Nacht.
   *[other] Der niedrigste Preis pro Nacht bei { $n } Nächten.
}
day-free = { $day }: ab { $price } pro Nacht
day-full = ausgebucht
day-short = nicht für so viele Nächte
day-past = vorbei
day-far = noch nicht im Verkauf
day-unknown = zurzeit nicht bekannt
steps = Schritte der Buchung
step-1 = Sie
step-2 = Zahlung
step-3 = Gebucht
summary-title = Ihr Aufenthalt
hold-until = Dieses Zimmer wird für Sie gehalten bis { $time } ({ $zone }).
hold-keep = 5 Minuten länger halten
hold-kept = Das Zimmer wird länger gehalten.
hold-said = { $n ->
    [one] Das Zimmer wird noch { $n } Minute gehalten.
   *[other] Das Zimmer wird noch { $n } Minuten gehalten.
}
hold-over = Das Zimmer wird nicht mehr gehalten.
hold-over-text = Ihre Eingaben bleiben erhalten.
hold-again = Wieder halten
hold-free = Noch freie Zimmer ansehen
book-title = Wer kommt?
you-name = Vollständiger Name
you-email = E-Mail-Adresse
you-email-hint = Damit finden Sie Ihre Buchung wieder.
you-phone = Telefonnummer (freiwillig)
you-name-empty = Geben Sie Ihren Namen ein
you-name-wrong = Geben Sie einen Namen mit höchstens 200 Zeichen ein
you-email-empty = Geben Sie eine E-Mail-Adresse ein
you-email-wrong = Geben Sie eine E-Mail-Adresse ein, etwa ana@example.org
you-phone-wrong = Geben Sie eine Telefonnummer ein, etwa +43 1 234 567, oder nichts
you-on = Weiter zur Zahlung
you-kept = Ihre Daten werden verschlüsselt gespeichert und nur für diesen Aufenthalt verwendet.
pay-title = Wie möchten Sie zahlen?
pay-who = Gast
pay-who-silent = Ihre Daten sind gespeichert, können aber gerade nicht gezeigt werden.
pay-correct = Berichtigen
pay-how = Sicherheit
pay-how-missing = Wählen Sie, wie der Aufenthalt gesichert wird
pay-card = Im Hotel zahlen, mit einer Karte als Sicherheit
pay-now = { $amount } jetzt zahlen
pay-which = Karte
pay-simulated = Dieses Haus hat eine simulierte Bank. Es gibt kein Feld für eine Kartennummer: Wählen Sie eine dieser Testkarten.
pay-card-missing = Wählen Sie eine Testkarte
card-ok = Testkarte, die angenommen wird
card-declined = Testkarte, die abgelehnt wird
card-slow = Testkarte mit einer langsamen Bank
card-lost = Testkarte, bei der die erste Antwort der Bank verloren geht
pay-button = Zahlungspflichtig buchen
pay-once = Drücken Sie ruhig öfter: Es bleibt eine Buchung.
pay-held-again = Das Zimmer wird weiter für Sie gehalten.
progress-title = Ihre Buchung läuft
progress-again = Buchen Sie nicht neu; noch einmal fragen schadet nicht. Sie dürfen diese Seite schließen.
progress-look = Noch einmal nachsehen
pace-usual = Das dauert meist ein bis zwei Sekunden. Ihre Referenz ist { $reference }.
pace-long = Ihre Bank hat noch nicht geantwortet. Es dauert länger als sonst, und nichts geht verloren. Wir fragen weiter nach; Ihre Referenz ist { $reference }. Bitte zahlen Sie nicht noch einmal: Diese Seite aktualisiert sich selbst.
pace-very-long = Ihre Bank hat noch nicht geantwortet. Wir fragen weiter nach, auch wenn diese Seite geschlossen ist; Ihre Referenz ist { $reference }. Bitte zahlen Sie nicht noch einmal. Mit dieser Referenz und Ihrer E-Mail-Adresse finden Sie die Buchung später unter „Ihre Buchung“.
step-hold-waiting = Zimmer halten
step-hold-running = Das Zimmer wird gehalten …
step-hold-done = Zimmer gehalten
step-hold-undone = Zimmer zurückgegeben
step-authorise-waiting = Ihre Bank fragen
step-authorise-running = Ihre Bank wird gefragt …
step-authorise-done = Ihre Bank hat zugestimmt
step-authorise-undone = Nichts wurde belastet
step-confirm-waiting = Bestätigen
step-confirm-running = Wird bestätigt …
step-confirm-done = Bestätigt
step-confirm-undone = Nicht bestätigt
step-capture-waiting = Zahlung einziehen
step-capture-running = Die Zahlung wird eingezogen …
step-capture-done = Bezahlt
step-capture-undone = Zahlung zurückgegeben
booking-title = Buchung
booking-title-past = Buchung
booked = Sie haben gebucht
booked-name = Sie haben gebucht, { $name }
booking-state-confirmed = Sie haben gebucht
booking-state-cancelled = Dieser Aufenthalt ist storniert
booking-state-in_house = Sie sind bei uns zu Gast
booking-state-checked_out = Dieser Aufenthalt ist vorbei
booking-state-no_show = Sie sind zu diesem Aufenthalt nicht gekommen
booking-changing = Diese Buchung wird gerade geändert. Öffnen Sie die Seite gleich noch einmal.
number-label = Bestätigungsnummer
cancelled-refund = { $amount } werden Ihrer Karte gutgeschrieben.
cancelled-free = Nichts wurde abgebucht, und die Reservierung auf Ihrer Karte ist aufgehoben.
cancelled-forfeited = Storniert wurde am Anreisetag oder später, daher wird der bezahlte Betrag nicht erstattet.
from-time = ab { $time } Uhr
until-time = bis { $time } Uhr
zone-text = Alle Zeiten sind Ortszeiten des Hotels ({ $zone }).
paid = Zahlung
paid-invoice = Auf Rechnung
paid-nothing = Nichts wurde abgebucht
paid-taken = { $amount } bezahlt
paid-refunded = { $taken } bezahlt, { $back } erstattet
paid-reserved = { $amount } auf Ihrer Karte reserviert, nichts abgebucht
terms = Stornieren
ics = In den Kalender
change-dates = Tage ändern
cancel-stay = Stornieren …
book-again = Zimmer finden
print-text = Diese Seite lässt sich gut drucken und gilt auf Papier als Bestätigung.
ics-summary = { $hotel }: { $type }
ics-text = Bestätigungsnummer { $number }. Gesamt { $total } inkl. Steuern.
manage-title = Ihre Buchung
manage-lead = Ansehen, Tage ändern oder stornieren.
manage-number = Bestätigungsnummer
manage-number-hint = Etwa 7K2M-9QXB. Auch die Referenz einer laufenden Buchung (WEB-…) gilt.
manage-number-wrong = Geben Sie die Bestätigungsnummer ein
manage-open = Buchung öffnen
manage-unknown = Wir kennen keine Buchung mit dieser Nummer und dieser E-Mail-Adresse. Prüfen Sie beides und das Hotel.
cancel-title = Diesen Aufenthalt stornieren?
cancel-fee = Gebühr
cancel-back = Sie erhalten zurück
cancel-card = Von Ihrer Karte wurde nichts abgebucht. Die Reservierung darauf wird aufgehoben.
cancel-free = Es ist vor { $date }, daher wird alles Bezahlte Ihrer Karte gutgeschrieben.
cancel-forfeit = Ab { $date } wird der bezahlte Betrag nicht erstattet.
cancel-unknown = Welcher Tag im Haus gilt, sagt gerade niemand; die Gebühr ist daher nicht bekannt. Es gelten die Bedingungen Ihrer Buchung; versuchen Sie es gleich noch einmal, oder stornieren Sie jetzt zu diesen Bedingungen.
cancel-button = Aufenthalt stornieren
keep-stay = So lassen, wie es ist
change-title = Tage ändern
change-see = Preis ansehen
change-was = Bisher
change-is = Dann, gesamt inkl. Steuern
change-button = Auf { $dates } ändern
change-full = Ihre Zimmerart ist in diesen Nächten ausgebucht:
change-unknown = Ob diese Nächte frei sind, sagt gerade niemand. Sie können es versuchen: Entweder wird alles geändert oder nichts.
change-same = Diese Tage haben Sie schon
change-prepaid = Ein bezahlter Aufenthalt kann verschoben, aber nicht verlängert oder verkürzt werden
change-prepaid-text = { $n ->
    [one] Dieser Aufenthalt ist bezahlt: Er kann auf eine andere Nacht verschoben werden.
   *[other] Dieser Aufenthalt ist bezahlt: Er kann auf { $n } andere Nächte verschoben, aber nicht verlängert oder verkürzt werden.
}
asked-title = Gefragt, noch nicht bekannt
asked-text = Das Haus hat noch nicht gesagt, ob es geschehen ist. Öffnen Sie Ihre Buchung gleich noch einmal; noch einmal fragen schadet nicht.
stranger-title = Diese Seite ist hier nicht offen
stranger-text = Eine Buchung öffnet sich nur in dem Browser, in dem sie gemacht wurde, und einen Tag lang. Nehmen Sie „Ihre Buchung“ mit der Nummer und Ihrer E-Mail-Adresse. Cookies dieser Seite müssen erlaubt sein.
away-title = Ein Teil des Hauses antwortet nicht
away-text = Nichts wurde geändert und nichts belastet. Bitte versuchen Sie es gleich noch einmal.
help-title = Hilfe
help-pay = Ist das echtes Geld?
help-pay-text = Nein, solange oben steht, dass dies eine Vorführung ist. Die Bank ist simuliert, und es gibt kein Feld für eine Kartennummer.
help-lost = Ich habe gedrückt und keine Bestätigung gesehen.
help-lost-text = Drücken Sie noch einmal, laden Sie neu oder gehen Sie zurück: Es bleibt eine Buchung. Oder sehen Sie unter „Ihre Buchung“ mit der Referenz und Ihrer E-Mail-Adresse nach.
help-held = Was geschieht, wenn die Zeit abläuft?
help-held-text = Das Zimmer kann dann an andere verkauft werden. Ihre Eingaben bleiben; lassen Sie es wieder halten, oder wählen Sie ein anderes.
help-cancel = Wie storniere ich oder ändere die Tage?
help-cancel-text = Unter „Ihre Buchung“. Was es kostet, steht da, bevor Sie sich entscheiden.
help-data = Was wird aus meinen Daten?
help-data-text = Name und Adresse liegen verschlüsselt an einer Stelle, alles andere verweist nur auf Sie. Auf Wunsch löscht das Hotel sie für immer.
