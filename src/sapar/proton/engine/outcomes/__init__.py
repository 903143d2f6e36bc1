"""What became of patients: when they are asked, how answers are graded, whether models foretold.

Pure: texts and numbers in, values out. `library` reads the data files, `schedule` knows the days,
`scoring` grades, `observed` says whether a complication happened, `calibration` compares it with
what was foretold, `codex` and `pseudonyms` make what leaves the house.
"""
