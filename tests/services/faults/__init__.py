"""What breaks, and what is left of it: real engines, real processes, real SIGKILL."""
