"""How a case reads FHIR R4: clinical items by section, what a ServiceRequest asks, and files.

Mapping only: resources in, the dataclasses of `cases.engine.referral` out. No records.
"""

from sapar.cases.fhir.files import Files, ReceivedFile, files
from sapar.cases.fhir.items import clinical_items, empty_item, home_section, section_of
from sapar.cases.fhir.request import Asked, asked

__all__ = [
    "Asked",
    "Files",
    "ReceivedFile",
    "asked",
    "clinical_items",
    "empty_item",
    "files",
    "home_section",
    "section_of",
]
