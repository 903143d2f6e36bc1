"""What an answer needs to be worked out again: its plain form, its digest, what counted."""
