"""Numbered steps from an empty database to the tables of today; written by Django, never edited after a release."""
