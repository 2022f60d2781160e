// The tape chart comes here.
