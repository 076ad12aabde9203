"""A source is read in a process of its own: without the server's secrets, bounded, and killable. Free of Django."""
