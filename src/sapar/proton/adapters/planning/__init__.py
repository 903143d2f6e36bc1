"""Automatic proton plans by pyRadPlan, in an environment of its own, beside the product's.

`plan` asks and reads the answer; `worker` runs in that environment (`make planning` builds it).
"""
