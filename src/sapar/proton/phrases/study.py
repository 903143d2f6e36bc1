"""What is said of a planning study's files when they are read and checked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_SAYS = {
    # Files and folders.
    "no_study": (
        _("There is no planning study among the files (files: {value})."),
        _("Send the DICOM export of the plan: CT, structure set, plan and dose."),
    ),
    "several_studies": (
        _("The files hold several separate studies: {count}."),
        _("Each is shown by itself. Send only what belongs to this patient."),
    ),
    "too_many_files": (
        _("There are more than {most} files; the rest was not read."),
        _("Send only the files of this plan."),
    ),
    "unreadable": (
        _("The file is damaged and was not read."),
        _("Export and send it again."),
    ),
    "not_understood": (
        _("The study could not be read, for a reason that was not foreseen ({value})."),
        _("Export it again; if it fails again, tell those who run this system."),
    ),
    "no_identity": (
        _("The file does not say what it is (no SOP class or instance UID)."),
        _("Export it again from the planning system."),
    ),
    "ignored": (
        _("Left alone: {kind_phrase} ({count})."),
        _("Nothing need be done."),
    ),
    "copies": (
        _("Copies of other files, taken once: {count}."),
        _("Nothing need be done."),
    ),
    "conflict": (
        _("Two files claim to be the same object and differ. Neither was taken."),
        _("Find out which is right and send only that one."),
    ),
    "truncated": (
        _("The file ends before its content does."),
        _("The transfer broke off: send the file again."),
    ),
    "burned_in": (
        _("Images may show a person's name in their pixels (files: {count})."),
        _("Look at them before they are shown to anybody; send none that are not needed."),
    ),
    "size_refused": (
        _("The size {value} is larger than any planning study and was refused."),
        _("Check the export; the file may be damaged."),
    ),
    # Patients.
    "no_patient": (
        _("The files do not say of whom they are."),
        _("Make sure that they belong to this patient."),
    ),
    "other_patient": (
        _("A file belongs to another patient ({what_phrase}) and was not taken."),
        _("Send the file of this patient."),
    ),
    "plan_of_other_patient": (
        _("The plan carries the ID of another patient."),
        _("Make sure that the plan is this patient's."),
    ),
    "patient_differs": (
        _("The files do not agree about the patient ({what_phrase})."),
        _("Make sure that all of them belong to this patient."),
    ),
    # CT.
    "no_ct": (
        _("There is no planning CT."),
        _("Send the CT series on which the plan was made."),
    ),
    "two_ct": (
        _("There are several CT series ({count}), and none is named as the plan's: {value}."),
        _("Send only the planning CT, or a structure set that refers to it."),
    ),
    "ct_chosen": (
        _("Of several CT series ({count}) “{label}” was taken: the structure set refers to it."),
        _("Nothing need be done."),
    ),
    "overview": (
        _("Overview images (scouts) were left out: {count}."),
        _("Nothing need be done."),
    ),
    "slices_not_sent": (
        _("Slices of the CT on which the structures were drawn were not sent: {count} of {of}."),
        _("Send the whole series."),
    ),
    "set_of_other_ct": (
        _("The structure set was drawn on another CT series than the one sent."),
        _("Send the CT of the structure set, or make sure that both are the same."),
    ),
    "enhanced": (
        _("The CT is in a form of several frames in one file, which is not read."),
        _("Export it as single slices (CT Image Storage)."),
    ),
    "no_position": (
        _("The file does not say where its image lies."),
        _("Export it again from the planning system."),
    ),
    "pixel_spacing": (
        _("The spacing of pixels is missing or impossible: {value}."),
        _("Export it again from the planning system."),
    ),
    "mixed_slices": (
        _("The slices of the CT differ in size, spacing or orientation."),
        _("Send the planning CT alone, as one series."),
    ),
    "tilted": (
        _("The slices of the CT are tilted or not axial: {value}."),
        _("Send a CT made without a gantry tilt, or resampled to axial slices."),
    ),
    "sheared": (
        _("The slices of the CT are shifted against each other by {value}: a gantry tilt."),
        _("Send a CT made without a gantry tilt, or resampled to straight slices."),
    ),
    "tilt_said": (
        _("The CT says that the gantry was tilted by {value} degrees; its slices lie straight."),
        _("Make sure that the CT was resampled."),
    ),
    "turned": (
        _("The patient lies otherwise than usual ({position}); image and dose were turned."),
        _("Nothing need be done."),
    ),
    "one_slice": (
        _("The CT has one slice only."),
        _("Send the whole series."),
    ),
    "double_slice": (
        _("Two slices of the CT lie in one place, at {z} mm."),
        _("Send one series of one scan."),
    ),
    "missing_slice": (
        _("A slice of the CT is missing between {low} and {high} mm."),
        _("Send the missing slices."),
    ),
    "uneven": (
        _("The distance of slices changes at {z} mm from {before} to {after} mm."),
        _("Make sure that this is how the patient was scanned."),
    ),
    "compressed": (
        _("The pixels are compressed in a way that is not read here: {syntax}."),
        _("Export them without compression (Explicit VR Little Endian)."),
    ),
    "pixel_layout": (
        _("The pixels are not one grey value each, or not as many as said."),
        _("Export the file again from the planning system."),
    ),
    "rescale": (
        _("The numbers of the CT cannot be turned into Hounsfield units: {value}."),
        _("Export the CT as it came from the scanner."),
    ),
    # Structures.
    "no_structures": (
        _("There is no structure set."),
        _("Send the structure set (RTSTRUCT) of the plan."),
    ),
    "two_sets": (
        _("There are several structure sets ({count}), and no plan says which one is meant."),
        _("Send only the structure set of the plan."),
    ),
    "set_chosen": (
        _("Of several structure sets the one that the plan refers to was taken."),
        _("Nothing need be done."),
    ),
    "unnamed": (
        _("A structure without name or number was left out."),
        _("Name it in the planning system if it is needed."),
    ),
    "same_name": (
        _("Several structures are called “{value}”."),
        _("Rename them, so that it is clear which one is meant."),
    ),
    "empty": (
        _("The structure “{value}” has no closed contour and was left out."),
        _("Delineate it if it is needed."),
    ),
    "open_contour": (
        _("“{value}”: open contours were left out ({count})."),
        _("Close them in the planning system if they are needed."),
    ),
    "points": (
        _("“{value}”: points without extent were left out ({count})."),
        _("Nothing need be done."),
    ),
    "few_points": (
        _("“{value}”: contours of fewer than three points were left out ({count})."),
        _("Delete or complete them in the planning system."),
    ),
    "slanted_contour": (
        _("“{value}”: contours not in an axial plane were left out ({count})."),
        _("Delineate in axial planes."),
    ),
    "broken_contour": (
        _("“{value}”: damaged contours were left out ({count})."),
        _("Export the structure set again."),
    ),
    "no_contours": (
        _("The structure set holds no closed contour that can be used."),
        _("Export the structure set with its contours."),
    ),
    "too_many_points": (
        _("The structure set has more points than can be handled."),
        _("Thin out the contours and send it again."),
    ),
    "outside_image": (
        _("The structure “{value}” lies outside the CT."),
        _("Check whether it belongs to this CT."),
    ),
    "partly_outside_image": (
        _("{percent} % of the structure “{value}” lies outside the CT."),
        _("Check it, or send the whole CT."),
    ),
    "all_outside_image": (
        _("All structures lie outside the CT."),
        _("Send the CT on which they were delineated."),
    ),
    "wrong_side": (
        _("The name of “{value}” says one side, and it lies on the other."),
        _("Check the name and the side."),
    ),
    "sides_swapped": (
        _("Left and right are exchanged: {value}."),
        _("Correct the names, or export again without mirroring."),
    ),
    # Frames of reference and links.
    "frame_differs": (
        _("A file is in another frame of reference than the CT ({what_phrase}); not used."),
        _("Export CT, structures and dose together from one plan."),
    ),
    "other_frame": (
        _("The structure “{value}” is in another frame of reference and was left out."),
        _("Delineate it on the planning CT."),
    ),
    "no_frame": (
        _("A file does not say in which frame of reference it lies ({what_phrase})."),
        _("Make sure that it was made on this CT."),
    ),
    "no_plan": (
        _("There is no plan."),
        _("Send the plan (RTPLAN): it says fractions and prescription."),
    ),
    "no_fractions": (
        _("The plan does not say in how many fractions it is given."),
        _("State the number of fractions."),
    ),
    "no_prescription": (
        _("The plan does not say what dose is prescribed."),
        _("State the prescription."),
    ),
    "rejected_plan": (
        _("The plan “{value}” is marked as rejected."),
        _("Send the plan that is meant to be given."),
    ),
    "dose_without_plan": (
        _("The dose does not say to which plan it belongs."),
        _("Make sure that it is the dose of this plan."),
    ),
    "dose_of_other_plan": (
        _("The dose refers to a plan that was not sent."),
        _("Send that plan, or the dose of this one."),
    ),
    "plan_of_other_set": (
        _("The plan “{value}” refers to another structure set than the one sent."),
        _("Send the structure set of the plan, or make sure that they agree."),
    ),
    # Doses.
    "no_dose": (
        _("There is no dose. Nothing is estimated in its place."),
        _("Export the dose of the plan (RTDOSE, summation type PLAN)."),
    ),
    "no_grid": (
        _("The dose file holds no dose grid."),
        _("Export the dose as a volume of several planes."),
    ),
    "no_course_dose": (
        _("There is no dose of the whole plan, only: {value}. Nothing is summed by guess."),
        _("Export the dose of the course (RTDOSE of type PLAN; of several plans MULTI_PLAN)."),
    ),
    "several_doses": (
        _("There are several plan doses ({count}); nothing says whether they are to be summed."),
        _("Export the sum of the course (summation type MULTI_PLAN), or one plan only."),
    ),
    "too_many_doses": (
        _("There are more dose grids than can be held; this one was left out."),
        _("Nothing need be done if it is the dose of one beam."),
    ),
    "relative_dose": (
        _("The dose is in per cent, not in Gy. It was not taken: the reference is not known."),
        _("Export the dose as absolute dose (DoseUnits GY)."),
    ),
    "dose_units": (
        _("The unit of the dose is not Gy but “{value}”."),
        _("Export the dose as absolute dose (DoseUnits GY)."),
    ),
    "dose_scaling": (
        _("The scaling of the dose is missing or impossible: {value}."),
        _("Export the dose again."),
    ),
    "summation": (
        _("The dose does not say what it is the sum of: “{value}”."),
        _("Export it with a summation type (PLAN for the whole plan)."),
    ),
    "dose_type": (
        _("The dose does not say whether it is physical or effective; physical was assumed."),
        _("Make sure that no RBE is in the numbers."),
    ),
    "error_dose": (
        _("The grid holds the uncertainty of a dose, not a dose."),
        _("Send the dose itself."),
    ),
    "dose_tilted": (
        _("The dose grid does not lie along the patient's axes: {value}."),
        _("Export the dose on an axial grid."),
    ),
    "dose_planes": (
        _("The planes of the dose grid are missing, in disorder, or cannot be understood."),
        _("Export the dose again as a volume of several planes."),
    ),
    "negative_dose": (
        _("The dose has negative values."),
        _("Export the dose of a plan, not a difference."),
    ),
    "absurd_dose": (
        _("The largest dose is {value}: a scaling or a unit is wrong."),
        _("Export the dose again."),
    ),
    "zero_dose": (
        _("The dose is zero everywhere."),
        _("Calculate the plan and export the dose again."),
    ),
    "proton_physical": (
        _("The proton dose says that it is physical: no RBE is in the numbers."),
        _("Make sure of it; a factor of 1.1 will be applied once."),
    ),
    "proton_type": (
        _("The proton dose does not say whether the RBE is in its numbers."),
        _("Export it again with its dose type: PHYSICAL or EFFECTIVE."),
    ),
    "photon_effective": (
        _("The photon dose says that it is effective."),
        _("Make sure that nothing but absorbed dose is in the numbers."),
    ),
    "modality": (
        _("It is not known whether the dose is of photons or protons ({value})."),
        _("Send the plan that belongs to it."),
    ),
    "all_outside_dose": (
        _("No structure lies within the dose grid."),
        _("Send the dose that was calculated on this CT."),
    ),
    "outside_dose": (
        _("The structure “{value}” lies outside the dose grid."),
        _("Calculate the dose on a larger grid if the structure is needed."),
    ),
    "partly_outside_dose": (
        _("{percent} % of the structure “{value}” lies outside the dose grid."),
        _("Calculate the dose on a larger grid if the structure is needed."),
    ),
    "beams_add_up": (
        _("Checked: the doses of the beams ({count}) add up to the plan dose within {value}."),
        _("Nothing need be done."),
    ),
    "beams_do_not_add_up": (
        _("The sum of the beam doses ({count}) differs from the plan dose by up to {value}."),
        _("Find out which is right and export all of them together."),
    ),
    "beams_incomplete": (
        _("Beam doses came for {count} of {wanted} beams; they were not compared with the plan."),
        _("Send all or none of them."),
    ),
    "beams_not_compared": (
        _("The beam doses ({count}) lie on other grids and were not compared with the plan."),
        _("Nothing need be done."),
    ),
}

PHRASES = {
    **{f"proton.study.{name}": says for name, (says, _remedy) in _SAYS.items()},
    **{f"proton.study.{name}.remedy": remedy for name, (_says, remedy) in _SAYS.items()},
    "proton.study.kind.not_dicom": _("files that are no DICOM"),
    "proton.study.kind.record": _("treatment records"),
    "proton.study.kind.secondary": _("screenshots and scanned pages"),
    "proton.study.kind.directory": _("tables of contents"),
    "proton.study.kind.other": _("other images and documents"),
    "proton.study.what.ct": _("CT"),
    "proton.study.what.structures": _("structure set"),
    "proton.study.what.dose": _("dose"),
    "proton.study.what.plan": _("plan"),
    "proton.study.what.enhanced": _("CT"),
    "proton.study.what.birth": _("date of birth"),
    "proton.study.what.sex": _("sex"),
}
