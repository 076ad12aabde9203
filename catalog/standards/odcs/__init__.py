"""Open Data Contract Standard (Bitol) 2.2 to 3.2: read, judge, convert, compare. Free of Django."""
