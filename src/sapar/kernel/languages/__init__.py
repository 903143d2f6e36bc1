"""Languages: phrases for codes, numbers, dates, sorting, countries, in five languages."""
