"""The outside world of the room: telephone numbering plans."""
