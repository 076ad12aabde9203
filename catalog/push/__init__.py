"""Many statements in one call: read line by line, taken in batches, answered line by line."""
