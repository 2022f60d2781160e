overview-title = Überblick
nav-overview = Überblick
nav-breakers = Schutzschalter
nav-sagas = Sagas
nav-feeds = Feeds
nav-trace = Weg einer Buchung
