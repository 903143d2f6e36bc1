"""How a case reads FHIR R4: clinical items by section, what a ServiceRequest asks, and files.

Mapping only: resources in, the dataclasses of `cases.engine.referral` out. No records.
"""

from sapar.cases.fhir.files import Files, ReceivedFile, files
from sapar.cases.fhir.gather import Gathered, gather, subject_of
from sapar.cases.fhir.request import Asked, asked

__all__ = [
    "Asked",
    "Files",
    "Gathered",
    "ReceivedFile",
    "asked",
    "files",
    "gather",
    "subject_of",
]
