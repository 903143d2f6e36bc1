"""The HL7 FHIR R4 face, filled by the rooms' registration."""
