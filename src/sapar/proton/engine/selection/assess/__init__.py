"""From a question (two plans, a patient) to a verdict with its reasons, and its checker."""
