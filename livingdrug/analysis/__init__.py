"""What a cohort says: survival, measures beside published targets, exposure, toxicity, waiting, payment; reads cohorts only."""
