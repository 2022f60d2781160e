search-title = Find a room
