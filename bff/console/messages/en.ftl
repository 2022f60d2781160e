overview-title = Overview
nav-overview = Overview
nav-breakers = Breakers
nav-sagas = Sagas
nav-feeds = Feeds
nav-trace = Booking timeline
