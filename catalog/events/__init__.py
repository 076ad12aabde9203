"""The event log: written with each change, read by cursors, told as a feed."""
