"""Steps by which the tables of the accounts came to be."""
