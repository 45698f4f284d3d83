"""Where and by whom patients are treated: a value that states centers, sites, staff and dates, read from a file."""
