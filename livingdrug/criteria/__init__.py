"""Published scales as pure functions of plain numbers; each cites its table."""
