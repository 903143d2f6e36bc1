"""How sure the answer is: draws, acceptability, the value of knowing more."""
