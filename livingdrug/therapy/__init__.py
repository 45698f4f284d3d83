"""What a therapy is: a value with every number's unit and source, read from a file, never a program."""
