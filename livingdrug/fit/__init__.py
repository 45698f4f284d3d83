"""Learning from cohorts: virtual populations calibrated to published tables."""
