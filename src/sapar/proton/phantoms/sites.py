"""The anatomy of four phantoms, in mm about a point in the target. Invented, like no person."""

from __future__ import annotations

from dataclasses import dataclass, field

from sapar.proton.phantoms.shapes import Ellipsoid, Sector, Several, Shape, Stack


@dataclass(frozen=True, slots=True)
class Organ:
    """A structure.

    Attributes:
        name: of AAPM TG-263.
        shape: where it is.
        hu: what it is painted with, or None for what lies under it.
        role: RT ROI interpreted type.
    """

    name: str
    shape: Shape
    hu: int | None = 40
    role: str = "ORGAN"


@dataclass(frozen=True, slots=True)
class Site:
    """A patient and how it is to be irradiated.

    Attributes:
        name: of the site.
        organs: in the order of painting; the first is the body.
        z: from where to where, mm.
        half: half of the width of the image, mm.
        targets: prescription of each target, Gy over the course.
        spare: weight of the organs to be spared.
        photon_angles, proton_angles: of the gantry, degrees.
        fractions: of the course.
    """

    name: str
    organs: tuple[Organ, ...]
    z: tuple[float, float]
    half: float
    targets: dict[str, float]
    photon_angles: tuple[float, ...]
    proton_angles: tuple[float, ...]
    fractions: int
    spare: dict[str, float] = field(default_factory=dict)


def _pair(name: str, shape: Ellipsoid | Stack, hu: int | None = 40) -> tuple[Organ, Organ]:
    """An organ of the left and its mirror image on the right."""
    if isinstance(shape, Ellipsoid):
        x, y, z = shape.centre
        other: Shape = Ellipsoid((-x, y, z), shape.radii)
    else:
        other = Stack(tuple((k[0], -k[1], k[2], k[3], k[4]) for k in shape.knots), shape.power)
    return Organ(f"{name}_L", shape, hu), Organ(f"{name}_R", other, hu)


_NINE = tuple(float(angle) for angle in range(0, 360, 40))

HEAD_AND_NECK = Site(
    name="head-and-neck",
    organs=(
        Organ(
            "BODY",
            Stack(
                (
                    (-110, 0, 10, 130, 78),
                    (-75, 0, 8, 74, 68),
                    (-30, 0, 0, 66, 78),
                    (10, 0, -4, 72, 92),
                    (110, 0, -2, 74, 94),
                ),
                2.3,
            ),
            20,
            "EXTERNAL",
        ),
        Organ("Brain", Stack(((55, 0, 5, 52, 60), (75, 0, 0, 62, 78), (110, 0, 0, 64, 82))), 35),
        Organ("Cavity_Oral", Ellipsoid((0, -48, 8), (26, 27, 20)), 25),
        Organ("Bone_Mandible", Sector(-8, 14, (0, -38), (32, 34), (41, 44), (175, 365)), 800),
        Organ("Lips", Ellipsoid((0, -88, 6), (22, 6, 11)), 20),
        *_pair("Parotid", Ellipsoid((57, 12, 22), (12, 19, 27)), -10),
        *_pair("Glnd_Submand", Ellipsoid((33, -14, -17), (9, 13, 14)), 30),
        Organ("Musc_Constrict_S", Stack(((2, 0, 22, 19, 4), (38, 0, 24, 19, 4))), 55),
        Organ("Musc_Constrict_M", Stack(((-20, 0, 20, 17, 4), (1.5, 0, 22, 18, 4))), 55),
        Organ("Musc_Constrict_I", Stack(((-46, 0, 18, 15, 4), (-20.5, 0, 20, 17, 4))), 55),
        Organ("Larynx_SG", Ellipsoid((0, -8, -32), (14, 15, 11)), 45),
        Organ("Larynx", Ellipsoid((0, -10, -48), (17, 18, 20)), None),
        Organ("Cricopharyngeus", Stack(((-56, 0, 18, 12, 5), (-46.5, 0, 18, 13, 5))), 55),
        Organ("Esophagus_S", Stack(((-86, 2, 22, 9, 7), (-56.5, 0, 18, 9, 6))), 30),
        Organ(
            "Glnd_Thyroid",
            Several((Ellipsoid((18, 0, -70), (9, 11, 20)), Ellipsoid((-18, 0, -70), (9, 11, 20)))),
            90,
        ),
        Organ("SpinalCord", Stack(((-110, 0, 44, 6.5, 5.5), (48, 0, 46, 6.5, 5.5))), 35),
        Organ("Brainstem", Stack(((48.5, 0, 38, 9, 8), (72, 0, 22, 15, 13), (88, 0, 16, 13, 11)))),
        Organ("OpticChiasm", Ellipsoid((0, -22, 88), (8, 5, 4)), 38),
        *_pair("Cochlea", Ellipsoid((36, 14, 62), (4.5, 4.5, 4.5)), 400),
        *_pair("Eye", Ellipsoid((31, -66, 76), (12, 12, 12)), 10),
        Organ("GTVp", Ellipsoid((12, 8, 8), (14, 13, 20)), 50, "GTV"),
        Organ("CTV_7000", Ellipsoid((12, 8, 8), (19, 18, 25)), None, "CTV"),
        Organ("PTV_7000", Ellipsoid((12, 8, 8), (23, 22, 30)), None, "PTV"),
        Organ(
            "PTV_5425",
            Several(
                (
                    Stack(((-78, 40, 10, 14, 22), (-20, 42, 12, 12, 24), (28, 44, 18, 8, 16))),
                    Stack(((-78, -40, 10, 14, 22), (-20, -42, 12, 12, 24), (28, -44, 18, 8, 16))),
                )
            ),
            None,
            "PTV",
        ),
    ),
    z=(-105, 100),
    half=140,
    targets={"PTV_5425": 54.25, "PTV_7000": 70.0},
    spare={
        "Parotid_L": 0.06,
        "Parotid_R": 0.072,
        "SpinalCord": 0.12,
        "Brainstem": 0.06,
        "Cavity_Oral": 0.03,
        "Larynx": 0.024,
        "Glnd_Submand_R": 0.024,
        "Musc_Constrict_I": 0.024,
    },
    photon_angles=_NINE,
    proton_angles=(60.0, 180.0, 300.0, 0.0),
    fractions=35,
)

BREAST = Site(
    name="breast",
    organs=(
        Organ("BODY", Stack(((-130, 0, 0, 158, 100), (130, 0, 0, 158, 100)), 2.4), 0, "EXTERNAL"),
        *_pair(
            "Lung", Stack(((-100, 72, 8, 46, 62), (0, 70, 6, 50, 64), (110, 55, 15, 30, 40))), -750
        ),
        Organ("Heart", Ellipsoid((28, -30, -42), (44, 40, 42)), 45),
        Organ("A_LAD", Stack(((-74, 48, -56, 3.5, 3.5), (-12, 26, -66, 3.5, 3.5))), 60),
        Organ("Esophagus", Stack(((-130, 2, 30, 8, 7), (130, 0, 34, 8, 7))), 30),
        Organ("SpinalCord", Stack(((-130, 0, 66, 7, 6), (130, 0, 62, 7, 6))), 35),
        Organ("Breast_R", Sector(-62, 55, (0, 0), (122, 76), (148, 94), (205, 262)), -60),
        Organ("CTV_4005", Sector(-58, 51, (0, 0), (125, 78), (146, 92), (282, 331)), -60, "CTV"),
        Organ("PTV_4005", Sector(-63, 56, (0, 0), (120, 74), (148, 94), (278, 335)), None, "PTV"),
    ),
    z=(-125, 120),
    half=190,
    targets={"PTV_4005": 40.05},
    spare={"Heart": 0.048, "Lung_L": 0.03, "A_LAD": 0.048, "Breast_R": 0.048},
    photon_angles=(305.0, 315.0, 335.0, 0.0, 100.0, 120.0, 130.0),
    proton_angles=(20.0, 50.0),
    fractions=15,
)

BRAIN_CHILD = Site(
    name="brain-child",
    organs=(
        Organ(
            "BODY",
            Stack(
                ((-80, 0, 2, 50, 62), (-20, 0, 0, 66, 84), (60, 0, 0, 62, 78), (85, 0, 0, 40, 50))
            ),
            0,
            "EXTERNAL",
        ),
        Organ(
            "Brain",
            Stack(
                ((-45, 0, 20, 42, 46), (-10, 0, 0, 58, 75), (55, 0, 0, 54, 68), (78, 0, 0, 30, 38))
            ),
            35,
        ),
        *_pair("Lobe_Temporal", Ellipsoid((43, -18, -10), (13, 30, 16)), 36),
        *_pair("Hippocampus", Ellipsoid((26, 2, -6), (5, 16, 6)), 38),
        Organ("Brainstem", Stack(((-55, 0, 30, 7, 6), (-25, 0, 14, 13, 11), (0, 0, 4, 14, 10)))),
        Organ("SpinalCord", Stack(((-80, 0, 38, 6, 5), (-55.5, 0, 31, 6, 5))), 35),
        Organ("Pituitary", Ellipsoid((0, -22, -14), (6, 5, 4)), 45),
        Organ("OpticChiasm", Ellipsoid((0, -27, -4), (8, 5, 3.5)), 38),
        *_pair("OpticNrv", Stack(((-12, 26, -58, 2.5, 2.5), (-4, 10, -32, 2.5, 2.5))), 38),
        *_pair("Eye", Ellipsoid((29, -64, -18), (11, 11, 11)), 10),
        *_pair("Lens", Ellipsoid((29, -73, -18), (4, 2, 4)), 70),
        *_pair("Cochlea", Ellipsoid((33, 8, -34), (4, 4, 4)), 400),
        Organ("GTVp", Ellipsoid((3, 36, -22), (13, 12, 15)), 42, "GTV"),
        Organ("CTV_5400", Ellipsoid((3, 36, -22), (18, 17, 20)), None, "CTV"),
        Organ("PTV_5400", Ellipsoid((3, 36, -22), (21, 20, 23)), None, "PTV"),
    ),
    z=(-78, 80),
    half=100,
    targets={"PTV_5400": 54.0},
    spare={
        "Brainstem": 0.036,
        "Hippocampus_L": 0.06,
        "Hippocampus_R": 0.06,
        "Cochlea_L": 0.06,
        "Cochlea_R": 0.06,
    },
    photon_angles=_NINE,
    proton_angles=(120.0, 180.0, 240.0),
    fractions=30,
)

CONCAVE_CORE = Site(
    name="concave-core",
    organs=(
        Organ("BODY", Stack(((-80, 0, 0, 150, 100), (80, 0, 0, 150, 100)), 3.0), 0, "EXTERNAL"),
        Organ("Core", Stack(((-50, 0, 0, 10, 10), (50, 0, 0, 10, 10))), 0),
        Organ("PTV_5000", Sector(-40, 40, (0, 0), (15, 15), (37, 37), (-225, 45)), 0, "PTV"),
    ),
    z=(-78, 78),
    half=170,
    targets={"PTV_5000": 50.0},
    spare={"Core": 0.12},
    photon_angles=_NINE,
    proton_angles=(90.0, 270.0),
    fractions=25,
)
