"""Open Data Product Standard (Bitol) 0.9 to 1.1, `kind: DataProduct`. Free of Django.

Not to be confused with the Open Data Product *Specification* of the Linux Foundation (`catalog.standards.lf_odps`).
"""
