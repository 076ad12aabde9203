"""What is done with sources and runs."""
