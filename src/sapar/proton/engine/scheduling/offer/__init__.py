"""An offer for one new course in a web request: pure Python and numpy, nobody is moved."""

from sapar.proton.engine.scheduling.offer.answer import Offer, OfferAnswer
from sapar.proton.engine.scheduling.offer.make import make_offer, offer_for
from sapar.proton.engine.scheduling.offer.prepared import Prepared

__all__ = ["Offer", "OfferAnswer", "Prepared", "make_offer", "offer_for"]
