"""What a fraction costs: capital, staff, running costs and capacity of a treatment centre."""
