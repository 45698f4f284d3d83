"""A program to try the service on: invented patients at every stage, whose latest act was lately, and an account per role."""
