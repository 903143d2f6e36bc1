"""The dose that protons could achieve: a quick estimate, and what a planned dose is made of.

`estimate` needs no planning system; `optimise`, `volumes`, `curves` and `rbe` are also what the
planning package is driven with (`proton.adapters.planning`).
"""
