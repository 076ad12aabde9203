"""Results of quality tools in one form: datacontract-cli, Great Expectations, Soda, dbt, OpenLineage. Free of Django.

Only counts, numbers and what was asked for are read: values of rows never leave the document.
"""
