"""Published scales as pure functions of plain numbers, standard library only; each cites its table.

`crs`: ASTCT, Penn, Lee 2014. `icans`: ICE and CAPD. `response`: CR, CRi, partial, and residual disease. `cytopenia`: CTCAE
grades of neutrophils and platelets, CAR-HEMATOTOX.
"""
