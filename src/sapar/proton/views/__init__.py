"""Pages of the proton centre: the plan (year, week, day) and the work with it."""
