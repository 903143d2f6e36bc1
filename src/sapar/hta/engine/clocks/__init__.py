"""The clock of a process: steps with days as data, stops, and when everything is due."""
