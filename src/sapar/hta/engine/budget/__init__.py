"""What a payer pays year by year, with and without a new technology."""
