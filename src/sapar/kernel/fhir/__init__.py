"""FHIR plumbing: the R4 schema, bundles and references, sanitised narrative."""
