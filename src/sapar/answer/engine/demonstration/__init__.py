"""The demonstration's demand: people, referrals and the roads their cases take, from a seed."""
