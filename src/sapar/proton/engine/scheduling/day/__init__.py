"""The sequence of one day: shortest day first, then the least idle beam, with a bound and reasons.

`solve.solve_day` is the entrance. Importing this package loads no solver.
"""
