"""How values look on a page: words, marks and small figures. Free of the database."""
