# Was aus einem Formular wurde.
did-check-in = Der Gast ist angereist, Zimmer { $what }.
did-check-out = Der Gast ist abgereist.
did-assign = Zimmer { $what } ist zugeteilt.
did-unassign = Das Zimmer ist zurückgenommen.
did-move = Der Gast ist in Zimmer { $what } umgezogen.
did-lock = Der Gast bleibt in diesem Zimmer.
did-unlock = Der Gast darf wieder umziehen.
did-extend = Der Abreisetag ist jetzt { $what }.
did-amend = Die Reisedaten sind geändert.
did-type = Der Typ ist jetzt { $what }.
did-cancel = Die Reservierung ist storniert.
did-no-show = Die Reservierung ist als Nichtanreise vermerkt.
status-title = Hausstatus
in-house = im Haus
nav-status = Hausstatus
nav-tape = Zimmerplan
nav-arrivals = Anreisen
nav-in-house = Im Haus
nav-departures = Abreisen
nav-availability = Verfügbarkeit
nav-audit = Tagesabschluss
# Der Zimmerplan.
tape-title = Zimmerplan
tape-silent = Das Haus antwortet nicht; der Zimmerplan kann gerade nicht gezeigt werden.
tape-grid = Zimmer und Nächte
tape-corner = Art und Zimmer
tape-before = Sieben Nächte früher
tape-after = Sieben Nächte später
tape-today = Heute
tape-zoom = Gezeigte Nächte
tape-types = Zimmerarten
tape-all-types = Alle Zimmerarten
tape-legend = Legende
tape-rooms = { $n ->
    [one] { $n } Zimmer
   *[other] { $n } Zimmer
}
tape-hint = Wählen Sie einen Aufenthalt, um zu sehen, was sich tun lässt. Ziehen Sie ihn in ein anderes Zimmer oder seine Ränder auf andere Tage.
tape-strip = Der gewählte Aufenthalt
tape-filter = Filter
tape-filter-label = Name, Nummer oder Zimmer
tape-list = Heute Nacht nach Zimmern
tape-list-hint = Wer heute Nacht wo schläft. Der Plan braucht einen breiteren Bildschirm und Skripte.
tape-list-room = Zimmer
tape-list-who = Gast
tape-list-until = Bis
tape-list-free = frei
tape-list-none = Von diesen Arten gibt es keine Zimmer.
tape-due-in = Anreise heute
tape-due-out = Abreise heute
tape-missed-in = Anreise versäumt
tape-missed-out = Abreise versäumt
tape-inhouse = im Haus
tape-future = kommt noch
tape-past = abgereist
tape-urgent = braucht jemanden
tape-over = Ohne Zimmer
tape-no-room = noch ohne Zimmer
tape-planned = nur vorgesehen
tape-locked = bleibt in diesem Zimmer
tape-upgrade = höhergestuft von { $type }
tape-free = frei
tape-free-cell = frei, { $span }
tape-clean = sauber
tape-dirty = nicht gereinigt
tape-over-more = +{ $n } weitere
tape-over-lane = { $n } ohne Zimmer
tape-above-planned = mehr verkauft, als es Zimmer gibt
tape-hides-planned = Vorgesehene Zimmer sind ausgeblendet.
tape-shows-planned = Vorgesehene Zimmer werden gezeigt.
tape-held = { $n } gehalten
tape-house = Haus
tape-totals-cell = { $day }: { $sold } verkauft, { $free } frei von { $limit }
tape-totals-above = { $n } mehr, als es Zimmer gibt
tape-totals-unknown = { $day }: nicht bekannt
tape-bar = { $who }, { $state }, { $room }, { $span }
tape-moving = { $who } verlegen: Zimmer mit den Pfeiltasten wählen, Enter sendet, Esc bricht ab.
tape-extending = Daten von { $who }: Pfeiltasten ändern die Abreise, mit Umschalt die Anreise, Enter sendet, Esc bricht ab.
tape-at = { $room }, frei, { $span }
tape-taken = { $room } ist belegt: { $who }, { $span }
tape-same = { $room } hat der Aufenthalt schon.
tape-lower = { $room } ist von einer niedrigeren Art ({ $type }). Das geht nicht durch Ziehen.
tape-occupied = { $room } ist noch belegt von { $who }
tape-is-locked = { $who } bleibt in diesem Zimmer. Heben Sie das zuerst auf.
tape-not-before = Nicht vor { $day }
tape-too-short = Ein Aufenthalt hat mindestens eine Nacht.
tape-leaves = Abreise { $day }, { $span }
tape-arrives = Anreise { $day }, { $span }
tape-upgrade-ask = { $room } ist ein Zimmer der Art { $type }, { $amount } mehr je Nacht. Der gebuchte Preis bleibt.
tape-upgrade-yes = Höherstufen
tape-upgrade-no = Belassen
tape-done-assign = { $who } hat Zimmer { $room }.
tape-done-unassign = Zimmer { $room } wurde { $who } wieder genommen.
tape-done-move = { $who } ist nach { $room } umgezogen.
tape-done-extend = { $who } reist am { $day } ab.
tape-done-amend = { $who } bleibt { $span }.
tape-done-lock = Der Gast bleibt in { $room }.
tape-done-unlock = Der Gast darf aus { $room } wieder verlegt werden.
tape-done-in = { $who } ist angereist, Zimmer { $room }.
tape-done-out = { $who } ist abgereist.
tape-unknown = Es ist noch nicht bekannt, was daraus für { $who } wurde. Dieselbe Anfrage wird noch einmal gestellt.
tape-half = Die Art ist jetzt { $type }, aber das Zimmer wurde nicht vergeben.
tape-card-free = Freie Zimmer
tape-card-keep = Belassen
tape-moved-meanwhile = { $who } wurde inzwischen verlegt und ist jetzt in { $room }. Verlegen Sie von dort aus noch einmal oder lassen Sie es dabei.
tape-target-taken = { $room } wurde soeben vergeben.
tape-left-chart = { $who } steht nicht mehr im Plan.
tape-many-changes = { $n } Aufenthalte geändert.
tape-date-rolled = Der Geschäftstag ist jetzt { $day }.
tape-stays-silent = Das Haus antwortet nicht. Der Plan zeigt, was zuletzt bekannt war.
tape-stays-back = Das Haus antwortet wieder.
tape-verb-a = Zuweisen
tape-verb-m = Verlegen
tape-verb-e = Daten ändern
tape-verb-i = Einchecken
tape-verb-o = Auschecken
tape-verb-l = Im Zimmer halten
tape-verb-unlock = Nicht mehr halten
tape-verb-open = Öffnen
tape-verb-unassign = Zimmer zurücknehmen
tape-key-today = Heute
tape-key-week = Eine Woche früher oder später
tape-key-zoom = 7, 14 oder 31 Nächte
tape-key-planned = Vorgesehenes aus- oder einblenden
tape-key-filter = Plan filtern
tape-undo = Rückgängig
tape-send-hint = Enter sendet · Esc bricht ab
tape-free-rooms = { $n } Zimmer sind für alle diese Nächte frei
tape-no-free-rooms = Kein Zimmer dieser oder einer höheren Art ist für alle diese Nächte frei.
# Die Hauslage.
status-arrivals = Noch erwartete Anreisen
status-departures = Offene Abreisen
status-in-house = Belegte Zimmer
status-rooms = Freie Zimmer, sauber
status-tonight = Heute Nacht verkauft
status-oversold = Überbucht in 14 Nächten
status-audit = Tagesabschluss
status-unknown = zurzeit nicht bekannt
status-with-room = { $n ->
    [0] noch niemand hat ein Zimmer
    [one] eine hat schon ein Zimmer
   *[other] { $n } haben schon ein Zimmer
}
status-all-arrived = Alle sind angereist
status-overdue = { $n ->
    [one] eine Abreise ist überfällig
   *[other] { $n } Abreisen sind überfällig
}
status-gone = { $n ->
    [0] noch niemand ist abgereist
    [one] ein Gast ist abgereist
   *[other] { $n } sind abgereist
}
status-all-gone = Alle fälligen Gäste sind abgereist
status-stay-over = { $n ->
    [one] ein Gast bleibt
   *[other] { $n } bleiben
}
status-dirty = { $n ->
    [one] eines ist zu reinigen
   *[other] { $n } sind zu reinigen
}
status-all-clean = Alle freien Zimmer sind sauber
status-held = { $n } gehalten
status-nights-word = { $n ->
    [one] Nacht
   *[other] Nächte
}
status-none-over = Keine Nacht ist über die Grenze verkauft
status-house = das Haus
status-auditing = Läuft
status-auditing-text = Der Tag wird abgeschlossen
status-ready = Bereit
status-ready-text = Der Tag kann abgeschlossen werden
status-left-in = { $n ->
    [one] eine Anreise offen
   *[other] { $n } Anreisen offen
}
status-left-out = { $n ->
    [one] eine Abreise offen
   *[other] { $n } Abreisen offen
}
status-nights = Die nächsten 14 Nächte
status-nights-unknown = Was verkauft ist, ist zurzeit nicht bekannt.
status-sold = verkauft
status-sold-over = über die Grenze verkauft
status-held-word = gehalten
status-limit = verkaufbar
status-free = frei
status-night = Nacht
status-as-table = Als Tabelle zeigen
status-over-word = überbucht
status-fullest = Am vollsten ist { $day }: { $sold } von { $limit } verkauft.
status-over-nights = { $n ->
    [0] Keine Nacht ist überbucht.
    [one] Eine Nacht ist überbucht.
   *[other] { $n } Nächte sind überbucht.
}
status-first-auditing = Zum Tagesabschluss
status-first-overdue = { $n ->
    [one] Überfällige Abreise ansehen
   *[other] { $n } überfällige Abreisen ansehen
}
status-first-arrivals = { $n ->
    [one] Einen Gast einchecken
   *[other] { $n } Gäste einchecken
}
status-first-departures = { $n ->
    [one] Einen Gast auschecken
   *[other] { $n } Gäste auschecken
}
status-first-audit = Den Tag abschließen
# Anreisen, im Haus, Abreisen.
list-title-arrivals = Anreisen
list-title-in-house = Im Haus
list-title-departures = Abreisen
list-as-of = Stand { $time }
list-print = Drucken
list-no-names = Die Gästenamen antworten nicht: Nummern stehen für Namen.
list-auditing = Der Tag wird abgeschlossen: Zurzeit kann niemand ein- oder auschecken.
list-which = Welche Aufenthalte gezeigt werden
list-arrivals-due = Erwartet
list-arrivals-done = Angereist
list-arrivals-all = Alle
list-in-house-due = Abreisend
list-in-house-done = Bleibend
list-in-house-all = Alle
list-departures-due = Offen
list-departures-done = Abgereist
list-departures-all = Alle
list-type = Art
list-all-types = Alle Arten
list-sort = Reihenfolge
list-sort-due = Fälliges zuerst
list-sort-room = Nach Zimmer
list-ready = nur mit bereitem Zimmer
list-filter = Name, Nummer oder Zimmer
list-filter-do = Zeigen
list-col-state = Lage
list-col-guest = Gast
list-col-number = Nummer
list-col-type = Art
list-col-stay = Aufenthalt
list-col-guests = Gäste
list-col-room = Zimmer
list-col-price = Betrag
list-col-posted = Gebucht
list-col-next = Nächster Schritt
list-col-notes = Notizen
list-missed-in = nicht angereist
list-missed-out = Abreise überfällig
list-due-in = reist an
list-due-out = reist ab
list-in-house = im Haus
list-past = abgereist
list-mark = { $who } markieren
list-sold-as = verkauft als { $type }
list-planned = nur vorgesehen
list-clean = sauber
list-dirty = zu reinigen
list-locked = bleibt in diesem Zimmer
list-none-ready = kein Zimmer bereit
list-n-dirty = { $n } zu reinigen
list-room-for = Zimmer für { $who }
list-given-waits = das vergebene Zimmer ist nicht bereit
list-check-in = Einchecken
list-check-out = Auschecken
list-unknown = Das Haus antwortet nicht, die Liste ist zurzeit nicht bekannt.
list-none-arrivals-due = Heute wird niemand mehr erwartet.
list-none-arrivals-done = Noch ist niemand angereist.
list-none-arrivals-all = Heute reist niemand an.
list-none-in-house-due = Heute reist niemand ab.
list-none-in-house-done = Niemand bleibt über Nacht.
list-none-in-house-all = Niemand ist im Haus.
list-none-departures-due = Heute reist niemand mehr ab.
list-none-departures-done = Noch ist niemand abgereist.
list-none-departures-all = Heute reist niemand ab.
list-see-all = Alle zeigen
list-see-tape = Zum Belegungsplan
list-many = Markierte Aufenthalte
list-unmark = Markierung aufheben
list-ask-check-in = { $who }, { $n }, einchecken in
list-ask-check-out = { $who } aus { $room } auschecken?
list-confirm-hint = 1 bis 5 wählen · Enter führt aus · Esc bricht ab
list-key-check-in = Einchecken
list-key-check-out = Auschecken
list-key-mark = Mehrere markieren
list-key-filter = Liste filtern
list-leave = Abbrechen
list-new-one = 1 neuer: zeigen
list-new-many = { $n } neue: zeigen
list-marked = { $n } markiert
list-many-check-in = { $n } einchecken
list-many-check-out = { $n } auschecken
list-many-came = { $done } von { $n } erledigt
list-sending = Speichert…
list-unknown-yet = noch nicht bekannt
list-unknown-who = Es ist noch nicht bekannt, was daraus für { $who } wurde. Senden Sie noch einmal: Es ist dieselbe Anfrage.
list-shown = { $n } gezeigt

# Availability and its limits.
availability-title = Verfügbarkeit
availability-grid = Verkaufte Zimmer nach Nacht und Art
availability-nights = Gezeigte Nächte
availability-before = Sieben Nächte früher
availability-after = Sieben Nächte später
availability-today = Heute
availability-n-nights = { $n ->
    [one] { $n } Nacht
   *[other] { $n } Nächte
}
availability-type = Art
availability-house = Haus
availability-free = { $n } frei
availability-held = { $n } gehalten
availability-over = { $n } mehr, als es geben darf
availability-closed = Das Hotel verkauft zurzeit nichts: Nichts ist frei, was immer die Grenzen sagen.
availability-hint = Verkauft und Grenze. Enter ändert eine Grenze, Umschalt und Pfeile wählen mehrere, Leertaste öffnet die Liste hinter einer Zahl.
availability-readonly = Verkauft und Grenze. Grenzen setzt das Erlösmanagement: Melden Sie sich dafür mit dieser Rolle an.
availability-set = Grenze setzen
availability-set-hint = Für eine Art oder das Haus, für alle Nächte von der ersten bis zur letzten oder nur an bestimmten Wochentagen.
availability-set-do = Grenze setzen
availability-first = Erste Nacht
availability-last = Letzte Nacht
availability-limit = Grenze
availability-reason = Grund
availability-reason-usual = Am Empfang gesetzt
availability-weekdays = Nur an diesen Wochentagen (keiner gewählt: alle)
availability-save = Änderungen speichern
availability-discard = Verwerfen
availability-js-editing = Grenze für { $a }
availability-js-unsaved = Nicht gespeichert: { $a }
availability-js-saving = Wird gespeichert…
availability-js-saved = Gespeicherte Zellen: { $a }.
availability-js-refused = Abgelehnte Zellen: { $a }. { $b }
availability-js-some-refused = Gespeicherte Zellen: { $a }, abgelehnt: { $b }.
availability-js-not-number = Eine Grenze ist eine Zahl von 0 bis 100.000.
availability-js-readonly-past = Diese Nacht ist vorbei.
availability-js-readonly-role = Grenzen setzt das Erlösmanagement.
availability-js-theirs = jetzt { $a }
availability-js-later = Gerade nicht möglich; es wurde nichts geändert. { $a }
availability-js-unknown = Es ist noch nicht bekannt, was daraus wurde. Speichern Sie noch einmal: Es wird nur einmal verlangt.
availability-js-free = { $a } frei
availability-js-held = { $a } gehalten
availability-js-over = { $a } mehr, als es geben darf
availability-js-range = Gewählte Zellen: { $a }
availability-js-discarded = Änderungen verworfen.
did-limits = Die Grenze ist gesetzt. Geänderte Nächte: { $what }.
oversold-title = Unter dem, was verkauft ist
oversold-text = { $n ->
    [one] In { $n } Nacht ist mehr verkauft als diese Grenze. Verkauftes bleibt verkauft; die Nacht wird als überbucht gekennzeichnet.
   *[other] In { $n } Nächten ist mehr verkauft als diese Grenze. Verkauftes bleibt verkauft; die Nächte werden als überbucht gekennzeichnet.
}
oversold-line = { $sold } verkauft, Grenze { $limit }
oversold-more = { $n ->
    [one] und { $n } weitere Nacht
   *[other] und { $n } weitere Nächte
}
oversold-do = Trotzdem setzen
oversold-keep = Lassen, wie es war
night-title = Eine Nacht
night-heading = Nacht vom { $day }
night-heading-type = Nacht vom { $day }, { $type }
night-sold = verkauft, und Grenze
night-free = noch verkäuflich
night-held = in Warenkörben gehalten, noch ohne Namen
night-number = Nummer
night-stay = Aufenthalt
night-state = Stand
night-empty = Für diese Nacht hat niemand gebucht.
night-to-grid = Alle Nächte
# The rack.
nav-rooms = Zimmer
rooms-title = Zimmer
rooms-show = Gezeigte Zimmer
rooms-all = Alle Zimmer
rooms-all-types = Alle Arten
rooms-dirty = Schmutzig
rooms-clean = Sauber
rooms-occupied = Belegt
rooms-due-out = Reist heute ab
rooms-due-in = Vergeben, reist an
rooms-head-floor = { $type }, { $floor }. Stock
rooms-until = bis { $day }
rooms-mark = { $room } markieren
rooms-mark-hint = Markieren Sie Zimmer, um mehrere auf einmal zu ändern.
rooms-mark-clean = Markierte sind sauber
rooms-mark-dirty = Markierte sind schmutzig
rooms-to-clean = Ist sauber
rooms-to-dirty = Ist schmutzig
rooms-to-clean-room = Ist sauber: Zimmer { $room }
rooms-to-dirty-room = Ist schmutzig: Zimmer { $room }
rooms-none = Kein Zimmer ist so.
rooms-unknown = Es ist noch nicht bekannt, was daraus wurde. Drücken Sie noch einmal: Es wird nur einmal verlangt.
did-room-clean = Zimmer { $what } ist sauber.
did-room-dirty = Zimmer { $what } ist schmutzig.
did-rooms-clean = { $what } Zimmer sind sauber.
did-rooms-dirty = { $what } Zimmer sind schmutzig.
# Der Tagesabschluss.
audit-title = { $date } abschließen
audit-title-running = { $date } wird abgeschlossen
audit-title-closed = { $date } ist abgeschlossen
audit-turned = { $date } ist wieder offen: Der Abschluss ging nicht durch.
audit-steps = Was gerade geschieht
audit-what = Was der Abschluss tut
audit-step-close-sales = Für { $date } reist niemand mehr an
audit-step-close-night = Verkaufte und belegte Zimmer stimmen für { $date } überein
audit-step-open-day = { $date } wird eröffnet
audit-step-post = Die Nacht { $date } wird auf jeden Aufenthalt gebucht
audit-state-waiting = wartet
audit-state-running = läuft
audit-state-done = erledigt
audit-state-undone = zurückgenommen
audit-state-failed = kommt nicht weiter
audit-by = Abgeschlossen von { $who }
audit-took = Dauer { $time }
audit-took-seconds = { $s } s
audit-took-moment = weniger als 0,1 s
audit-took-minutes = { $m } min { $s } s
audit-hangs = Es dauert länger als sonst; nichts ist verloren, und es geht von selbst weiter.
audit-hangs-open = Ansehen, worauf er wartet
audit-hangs-who = Geht es nicht weiter, kann der Betrieb sehen, worauf er wartet.
audit-may-close = Sie können diese Seite schließen: Der Abschluss läuft weiter.
audit-look = Noch einmal ansehen
audit-opened = { $date } ist eröffnet
audit-rooms = { $n ->
    [one] Zimmer über Nacht
   *[other] Zimmer über Nacht
}
audit-revenue = Logisumsatz gebucht
audit-rate = je Zimmer im Schnitt
audit-to-status = Hausübersicht
audit-to-arrivals = Anreisen { $date }
audit-arrivals-left = Anreisen offen
audit-departures-left = Abreisen offen
audit-occupied = Zimmer belegt
audit-of = { $done } von { $all } erledigt
audit-sold = { $n } für heute Nacht verkauft
audit-nobody-left = Alle sind angereist oder abgereist. Vor dem Abschluss ist nichts mehr zu tun.
audit-title-no-shows = Heute erwartet, nicht da
audit-title-check-outs = Abreise heute, noch im Haus
audit-effect-no-shows = Ihre Nächte werden wieder zum Verkauf frei. Das kann nicht zurückgenommen werden.
audit-effect-check-outs = Die Aufenthalte enden, die Zimmer können gereinigt werden.
audit-do-no-shows = { $n ->
    [one] { $n } als nicht angereist eintragen
   *[other] { $n } als nicht angereist eintragen
}
audit-do-check-outs = { $n ->
    [one] { $n } auschecken
   *[other] { $n } auschecken
}
audit-do-none = Niemand ausgewählt
audit-came-no-shows = { $done } von { $all } als nicht angereist eingetragen
audit-came-check-outs = { $done } von { $all } ausgecheckt
audit-did-no-shows = nicht angereist
audit-did-check-outs = ausgecheckt
audit-did-not = nicht erledigt
audit-pick = Ausgewählt
audit-pick-one = { $who } auswählen
audit-who = Gast
audit-number = Nummer
audit-room = Zimmer
audit-stay = Aufenthalt
audit-guarantee = Garantie
audit-late = überfällig
audit-not-known = Es ist nicht bekannt, wer noch offen ist; der Tag kann jetzt nicht abgeschlossen werden.
audit-not-departures = { $n ->
    [one] { $n } Gast mit Abreise heute ist noch im Haus.
   *[other] { $n } Gäste mit Abreise heute sind noch im Haus.
}
audit-not-arrivals = { $n ->
    [one] { $n } Gast wird noch erwartet.
   *[other] { $n } Gäste werden noch erwartet.
}
audit-not-even = { $sold } Zimmer sind für heute Nacht verkauft, { $taken } sind belegt. Beides muss übereinstimmen.
audit-cannot-undo = { $date } kann danach nicht wieder geöffnet werden.
audit-run = { $date } abschließen
audit-busy = Wird gesendet…
audit-said-done = Der Tag ist abgeschlossen.
audit-said-rolled = Das Hoteldatum hat gewechselt.
guarantee-card = Karte
guarantee-direct-bill = Rechnung
guarantee-prepaid = vorausbezahlt
# Das Blatt einer Reservierung.
sheet-title = Reservierung
sheet-none-title = Hier gibt es diese Reservierung nicht
sheet-none-text = Im Hotel { $hotel } gibt es diese Reservierung nicht. Vielleicht gehört sie zu einem anderen Hotel: Wählen Sie es oben, oder suchen Sie nach Name oder Nummer.
sheet-back = Zurück zur Liste
sheet-changed = Inzwischen geändert:
sheet-changed-by = { $who } hat dies inzwischen geändert:
sheet-keep = So lassen
sheet-saving = Wird gespeichert …
sheet-locked = Bleibt in diesem Zimmer
sheet-changing = Eine Änderung läuft
sheet-upgraded = Upgrade von { $type }
sheet-sold-as = verkauft als { $type }
sheet-room = Zimmer
sheet-any-room = Irgendein sauberes Zimmer
sheet-given = vergeben
sheet-not-ready = Zimmer { $room } ist vergeben und noch nicht bereit.
sheet-stay = Aufenthalt
sheet-arrival = Anreise
sheet-departure = Abreise
sheet-length = Dauer
sheet-type = Zimmertyp
sheet-guests = Gäste
sheet-adults = { $n ->
    [one] { $n } Erwachsener
   *[other] { $n } Erwachsene
}
sheet-children = { $n ->
    [one] { $n } Kind
   *[other] { $n } Kinder
}
sheet-babies = { $n ->
    [one] { $n } Baby
   *[other] { $n } Babys
}
sheet-price = Pro Nacht
sheet-total = Aufenthalt
sheet-guarantee = Garantie
sheet-prepaid = { $amount } bezahlt
sheet-refund = { $amount } zurückgegeben
sheet-segment = Segment
sheet-channel = Kanal
sheet-reference = Nummer des Buchers
sheet-guest = Gast
sheet-name = Name
sheet-mail = E-Mail
sheet-phone = Telefon
sheet-nobody = Die Reservierung nennt niemanden.
sheet-guest-silent = Wer es ist, ist jetzt nicht bekannt. Die Nummer steht für den Namen.
sheet-folio = Gästekonto
sheet-balance = Saldo
sheet-folio-silent = Das Gästekonto ist jetzt nicht bekannt.
sheet-folio-none = Ein Gästekonto wird beim Check-in eröffnet.
sheet-folio-empty = Es ist noch nichts gebucht.
sheet-date = Datum
sheet-what = Wofür
sheet-amount = Betrag
posting-room = Zimmer
posting-prepaid = Im Voraus bezahlt
posting-city-ledger = Auf Rechnung gestellt
sheet-acts = Was getan werden kann
sheet-acts-silent = { $service }: keine Antwort, daher ist manches jetzt nicht möglich.
sheet-rooms-none = Kein Zimmer dieses Typs ist in allen Nächten frei.
sheet-rooms-none-now = Kein sauberes Zimmer ist in allen übrigen Nächten frei.
sheet-assign-means = Das Zimmer wird für diese Nächte freigehalten. Bis zur Anreise kann es zurückgenommen werden.
sheet-move = In ein anderes Zimmer umziehen
sheet-move-to = In Zimmer
sheet-rooms-own = { $type }: gleicher Typ
sheet-rooms-upgrade = { $type }: Upgrade, { $amount } mehr pro Nacht wert
sheet-rooms-other = { $type }: kein höherer Typ
sheet-move-means = Der Preis bleibt wie gebucht. Das verlassene Zimmer muss gereinigt werden.
sheet-reason = Grund
sheet-extend = Abreise ändern
sheet-new-departure = Neue Abreise
sheet-extend-means = Weitere Nächte kosten so viel wie die anderen; ausgelassene Nächte werden zurückgegeben.
sheet-amend = Daten ändern
sheet-amend-means = Der Preis pro Nacht bleibt. Ein vergebenes Zimmer bleibt, wenn es in den neuen Nächten frei ist, sonst wird es zurückgenommen.
sheet-amend-prepaid = Im Voraus bezahlt: Der Aufenthalt kann verschoben, aber nicht verlängert oder verkürzt werden.
sheet-retype = Zimmertyp ändern
sheet-new-type = Neuer Typ
sheet-retype-means = Der Preis pro Nacht bleibt.
sheet-retype-room = Das vergebene Zimmer wird zurückgenommen.
sheet-early = Vorzeitig auschecken
sheet-early-means = { $n ->
    [one] Der Gast reist heute ab. { $n } Nacht wird zurückgegeben und kann wieder verkauft werden.
   *[other] Der Gast reist heute ab. { $n } Nächte werden zurückgegeben und können wieder verkauft werden.
}
sheet-no-show = Als No-Show vermerken
sheet-no-show-means = Niemand ist gekommen. Die Nächte werden zurückgegeben; das lässt sich nicht rückgängig machen.
sheet-cancel = Reservierung stornieren
sheet-cancel-means = Der Aufenthalt von { $from } bis { $to } wird zurückgegeben und kann nicht zurückgeholt werden.
sheet-cancel-refund = { $amount } werden vollständig erstattet.
sheet-cancel-forfeit = { $amount } wurden im Voraus bezahlt und werden nicht erstattet.
sheet-cancel-void = Nichts wird berechnet; die Reservierung auf der Karte wird aufgehoben.
sheet-cancel-free = Es fällt keine Gebühr an.
sheet-history = Verlauf
sheet-all-steps = Jeder Schritt
sheet-trace = Zeitachse aller Dienste
sheet-history-gap = { $service }: keine Antwort, dieser Teil des Verlaufs fehlt.
sheet-history-none = Davon ist jetzt nichts bekannt.
sheet-day = Hoteldatum { $date }
sheet-by-house = das Haus
sheet-raw = Ereignis
event-reservations-Requested = Buchung angefragt
event-reservations-Declined = Nicht gebucht
event-reservations-Booked = Gebucht: { $type }, { $span }, { $amount } pro Nacht
event-reservations-ChangeStarted = Eine Änderung hat begonnen
event-reservations-ChangeFailed = Die Änderung wurde nicht gemacht
event-reservations-TypeChanged = Zimmertyp geändert
event-reservations-Amended = Daten geändert
event-reservations-RoomEarmarked = Ein Zimmer wird zurückgelegt
event-reservations-Cancelled = Storniert
event-reservations-NoShowed = Als No-Show vermerkt
event-reservations-Arrived = Der Gast steht am Empfang
event-reservations-Unarrived = Die Anreise wurde zurückgenommen
event-reservations-StayExtended = Reservierung folgt: Abreise geändert
event-reservations-Departed = Reservierung folgt: Der Gast ist abgereist
event-stays-CheckInStarted = Check-in beginnt
event-stays-CheckInFailed = Der Check-in fand nicht statt
event-stays-CheckedIn = Eingecheckt, Zimmer { $room }
event-stays-CheckOutStarted = Check-out beginnt
event-stays-CheckedOut = Ausgecheckt
event-stays-ChangeStarted = Eine Änderung hat begonnen
event-stays-ChangeFailed = Die Änderung wurde nicht gemacht
event-stays-RoomMoved = Umgezogen in Zimmer { $room }
event-stays-Extended = Abreise geändert
event-stays-RoomAsked = Ein Zimmer wird erbeten
event-stays-ReservationHeard = Eine Änderung der Reservierung wurde gehört
event-stays-Opened = Gästekonto eröffnet, { $amount } pro Nacht
event-stays-Posted = Nacht vom { $date } gebucht: { $amount }
event-stays-Credited = { $amount } gutgeschrieben: { $what }
event-stays-Settled = { $amount } beglichen
event-stays-Occupied = Zimmer { $room } ist belegt
event-stays-Vacated = Zimmer { $room } ist verlassen
event-stays-Kept = Zimmer { $room } wird kurz freigehalten
event-stays-LetGo = Zimmer { $room } wird freigegeben
event-stays-Assigned = Zimmer { $room } vergeben
event-stays-Unassigned = Zimmer { $room } zurückgenommen
event-stays-Locked = Zimmer gesperrt oder entsperrt
event-stays-GivingStarted = Zimmer { $room } wird erbeten
event-stays-GivingDone = Zimmer { $room } vergeben
event-stays-GivingUndone = Zimmer { $room } wurde nicht vergeben: { $why }
event-stays-GivingTurnedBack = Zimmer { $room } wird nicht vergeben: { $why }
event-stays-GivingStuck = Die Vergabe von Zimmer { $room } hängt
event-stays-GivingPivotIntended = Zimmer { $room } wird gerade vergeben
event-stays-GivingNudged = Ein Betreiber hat bei Zimmer { $room } nachgeholfen
event-stays-GivingTriedAgain = Zimmer { $room } wird noch einmal erbeten
event-inventory-Held = Nächte gehalten
event-inventory-HoldExtended = Nächte länger gehalten
event-inventory-Unheld = Gehaltene Nächte zurückgegeben
event-inventory-HoldExpired = Die Vormerkung ist abgelaufen
event-inventory-Sold = Nächte verkauft
event-inventory-Released = Nächte freigegeben
event-inventory-Moved = Nächte zum anderen Typ verschoben
event-inventory-Amended = Nächte geändert
event-inventory-hold = Nächte gehalten
event-inventory-hold-undo = Gehaltene Nächte zurückgegeben
event-inventory-confirm = Nächte verkauft
event-inventory-amend = Nächte geändert
event-inventory-move = Nächte zum anderen Typ verschoben
event-inventory-release = Nächte freigegeben
event-payments-Asked = Die Bank wird um { $amount } gebeten
event-payments-Authorised = { $amount } auf der Karte reserviert
event-payments-Declined = Die Bank lehnt ab: { $why }
event-payments-Voided = Die Reservierung auf der Karte ist aufgehoben
event-payments-CaptureStarted = Das Geld wird eingezogen
event-payments-Captured = { $amount } eingezogen
event-payments-CaptureFailed = Nicht eingezogen: { $why }
event-payments-RefundStarted = Das Geld wird zurückgegeben
event-payments-Refunded = { $amount } zurückgegeben
event-payments-RefundFailed = Nicht zurückgegeben: { $why }
# Ohne Buchung, und Buchen im Voraus.
nav-walk-in = Walk-in
walkin-title = Gast ohne Buchung
walkin-title-ahead = Im Voraus buchen
walkin-for-today = Für heute, { $date }
walkin-stay = Aufenthalt
walkin-guest = Gast
walkin-pays = Bezahlung
walkin-arrival = Erste Nacht
walkin-departure = Abreise
walkin-adults = Erwachsene
walkin-children = Kinder
walkin-look = Zimmer zeigen
walkin-room = Gewünschtes Zimmer
walkin-type = Zimmerart
walkin-no-types = Das Hotelverzeichnis antwortet nicht, daher sind keine Arten bekannt.
walkin-sleeps = { $n ->
    [one] für { $n } Gast
   *[other] für { $n } Gäste
}
walkin-free = { $n ->
    [one] { $n } Zimmer frei
   *[other] { $n } Zimmer frei
}
walkin-ready = { $n ->
    [one] { $n } jetzt bereit
   *[other] { $n } jetzt bereit
}
walkin-none-ready = keines bereit
walkin-sold-out = ausverkauft
walkin-not-sold = nicht im Verkauf
walkin-a-night = { $price } je Nacht
walkin-name = Vollständiger Name
walkin-email = E-Mail (freiwillig)
walkin-phone = Telefon (freiwillig)
walkin-how-card = Karte
walkin-how-card-text = Die erste Nacht wird auf der Karte reserviert.
walkin-how-prepaid = Zahlt jetzt
walkin-how-prepaid-text = Der ganze Aufenthalt wird der Karte belastet.
walkin-how-direct-bill = Rechnung
walkin-how-direct-bill-text = Firma oder Agentur erhält eine Rechnung; es wird nichts abgebucht.
walkin-choose = Art wählen
walkin-do = Buchen und einchecken
walkin-do-text = Bucht den Aufenthalt und gibt das niedrigste bereite Zimmer.
walkin-do-ahead = Buchen
walkin-do-ahead-text = Bucht den Aufenthalt. Das Zimmer wird bei der Anreise oder am Aufenthalt vergeben.
walkin-busy = Wird gebucht…
walkin-nothing-done = Es wurde nichts gebucht.
walkin-guest-done = Es wurde nichts gebucht. Der Gast ist erfasst; ändern Sie den Aufenthalt und senden Sie erneut.
walkin-no-name = Geben Sie den Namen des Gastes ein
walkin-wrong-name = Der Name ist zu lang oder hat Zeichen, die kein Name hat
walkin-wrong-email = Geben Sie eine E-Mail-Adresse wie ana@example.org ein, oder lassen Sie sie leer
walkin-wrong-phone = Geben Sie eine Telefonnummer mit Ziffern ein, oder lassen Sie sie leer
walkin-no-arrival = Geben Sie die erste Nacht ein
walkin-past = Die erste Nacht liegt vor dem Hoteldatum
walkin-no-departure = Geben Sie den Abreisetag ein
walkin-no-nights = Die Abreise muss nach der ersten Nacht liegen
walkin-many-nights = Ein Aufenthalt hat höchstens 60 Nächte
walkin-wrong-adults = Geben Sie 1 bis 9 Erwachsene ein
walkin-wrong-children = Geben Sie 0 bis 9 Kinder ein
walkin-too-many = Die gewählte Art ist nicht für so viele
walkin-no-type = Wählen Sie eine Zimmerart
walkin-other-type = Dieses Zimmer ist von einer anderen Art als der gewählten
walkin-no-guarantee = Wählen Sie, wie bezahlt wird
walkin-new-price = Der Preis hat sich seit dem Öffnen geändert; sehen Sie den neuen an
walkin-half-title = Gebucht, nicht eingecheckt
walkin-half-guest = Der Gast ist erfasst.
walkin-half-booked = Der Aufenthalt ist gebucht:
walkin-half-not = Nicht eingecheckt.
walkin-half-on = Öffnen Sie den Aufenthalt, um ein Zimmer zu geben und dort einzuchecken. Es muss nichts neu eingegeben werden.
walkin-half-open = Aufenthalt öffnen
did-book = Der Aufenthalt ist gebucht: { $what }.
# Jemanden finden.
find-title = Finden
find-label = Name, Nummer oder Zimmer
find-do = Finden
find-state = Status
find-none = Es wurde niemand gefunden.
find-more = Es gibt mehr. Geben Sie mehr vom Namen oder von der Nummer ein.
find-where = Zimmer und Nummern werden immer gefunden, Namen unter den Gästen im Haus und denen der nächsten 31 Nächte.
