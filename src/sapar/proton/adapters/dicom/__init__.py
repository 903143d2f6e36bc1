"""DICOM studies: scanned, read, checked, written. Only jobs and commands load pydicom."""
