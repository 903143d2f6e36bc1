"""Jobs: long work on the database, with leases, retries, a tick and visible progress."""
