"""How Uzbek writes dates and numbers in forms and in Django's own filters.

Pages show dates by kernel.languages. Years are typed in full: 06 may be 1906 or 2006.
"""

DATE_FORMAT = "j-E, Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j-E, Y, H:i"
YEAR_MONTH_FORMAT = "F, Y"
MONTH_DAY_FORMAT = "j-E"
SHORT_DATE_FORMAT = "d.m.Y"
SHORT_DATETIME_FORMAT = "d.m.Y H:i"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%d.%m.%Y", "%Y-%m-%d"]
DATETIME_INPUT_FORMATS = ["%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\N{NO-BREAK SPACE}"
NUMBER_GROUPING = 3
