"""Other people's formats. `tables`: cohorts of observed patients as CSV and Parquet, every bad cell named, none used."""
