"""What the pages show, read in sets for the person who asks."""
