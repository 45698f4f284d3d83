"""The pages themselves, a file for each part of the work."""
