"""Everything in one archive, and back: from one database to another, SQLite or PostgreSQL."""
