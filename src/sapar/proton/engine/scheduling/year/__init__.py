"""A year of arrivals, treatment, replans, no-shows and outages, by seed: by the minute or fast."""

from sapar.proton.engine.scheduling.year.answer import (
    YearAnswer,
    compare,
    many_years,
    simulate_year,
)

__all__ = ["YearAnswer", "compare", "many_years", "simulate_year"]
