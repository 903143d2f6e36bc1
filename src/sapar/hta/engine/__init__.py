"""Models for health economics: a readable document in, costs and effects out.

Begin with `model.read_model` and `run.run_model`.
"""
