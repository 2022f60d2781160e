search-title = Ein Zimmer finden
