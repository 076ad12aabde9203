"""Find personal and secret content in columns, say why, and mask it. Free of Django."""
