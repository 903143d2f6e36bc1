"""The network: who can treat what, where, under which agreement and by which visa.

Countries, organisations, centres, programmes, equipment, accreditations, agreements with quotas,
tariffs, visa routes and indications: dated records with a source and a mark, kept as files
under data/, edited by their owners. Other rooms read them as one frozen `Snapshot`
(network.queries.snapshot).
"""
