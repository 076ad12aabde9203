"""What a team configures runs with that team's authority, not the server's. Free of Django."""
