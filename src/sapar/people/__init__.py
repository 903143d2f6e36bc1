"""People: patients with their names in several scripts, identifiers, guardians, consent."""
