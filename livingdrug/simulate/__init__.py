"""Virtual patients: what a scenario is, what happens to them step by step, and running many of them."""
