"""The outside world of the proton room: DICOM studies, archives, a planning package."""
