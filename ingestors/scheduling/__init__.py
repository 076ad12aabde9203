"""When things happen: schedules, chores, workers, the clock."""
