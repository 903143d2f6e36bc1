"""How long it takes to sort and to show names and money, as a page of 500 rows does."""

from __future__ import annotations

import os
import time
from decimal import Decimal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sapar.site.settings")

import django

django.setup()

from django.utils import translation  # noqa: E402 - after the settings

from sapar.kernel.languages import formats  # noqa: E402
from sapar.values.money import Money  # noqa: E402

ROWS = 500

for language in formats.LOCALES:
    with translation.override(language):
        names = [name for _, name in formats.countries(language)] * 2
        began = time.perf_counter()
        sorted(names[:ROWS], key=lambda name: formats.sort_key(name, language))
        sorting = time.perf_counter() - began
        began = time.perf_counter()
        for number in range(ROWS):
            formats.money(Money(Decimal(number) * 1000, "KZT"))
        showing = time.perf_counter() - began
    print(f"  {language}: sort {ROWS} names {sorting * 1e3:.1f} ms, money {showing * 1e3:.1f} ms")
