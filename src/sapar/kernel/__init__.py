"""The kernel: what every room stands on.

Accounts and roles, policy, actions and audit, tracks, clocks, documents, jobs, languages
and FHIR plumbing. It knows nothing of patients, centres or cases.
"""
