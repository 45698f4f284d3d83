"""The pages of the care service: each is a function that gives its content, a template that shows it, and a `.json` twin."""
