"""Transfer syntaxes that we take in: all that a planning study may come in, compressed ones too.

Taking is not reading: what the reader cannot read is a finding with its remedy.
"""

from __future__ import annotations

from pydicom import uid

TAKEN = [
    uid.ExplicitVRLittleEndian,
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.JPEGBaseline8Bit,
    uid.JPEGExtended12Bit,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEGLSNearLossless,
    uid.JPEG2000Lossless,
    uid.JPEG2000,
    uid.RLELossless,
]
"""In the order in which we prefer them."""
