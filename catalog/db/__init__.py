"""Writing and reading rows in bulk, locks of the database."""
