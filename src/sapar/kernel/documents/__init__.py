"""Documents: files streamed to storage, typed by content, hashed, scanned, kept unchanged."""
