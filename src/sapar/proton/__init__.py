"""The proton room: when a patient starts, and how rooms, beam and people are shared.

Engines that plan the days and the year (`engine/scheduling`), the records of what was promised and
delivered, and the pages of those who schedule and treat.
"""
