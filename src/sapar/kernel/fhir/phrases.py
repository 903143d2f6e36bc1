"""What is wrong with a FHIR file, and what to do, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_SENDER = _("Tell the sending system's owner. What could be read was taken.")

PHRASES = {
    "fhir.too_large": _("The file is larger than {limit} MB."),
    "fhir.too_large.remedy": _("Send the images and large documents as files beside the referral."),
    "fhir.not_text": _("The file is not text in UTF-8 ({where})."),
    "fhir.not_text.remedy": _("Save it as JSON in UTF-8 and send it again."),
    "fhir.empty_file": _("The file is empty."),
    "fhir.empty_file.remedy": _("Export it again and send the new file."),
    "fhir.xml": _("The file is XML."),
    "fhir.xml.remedy": _("Export FHIR as JSON and send that."),
    "fhir.not_json": _(
        "The file is not JSON. The first mistake is in line {line}, column {column}."
    ),
    "fhir.not_json.remedy": _("Send FHIR R4 as JSON. A PDF or a photo goes into the form instead."),
    "fhir.truncated": _("The file ends too early, in line {line}, column {column}."),
    "fhir.truncated.remedy": _(
        "Part of it was lost on the way. Export it again and send it whole."
    ),
    "fhir.too_deep": _("The file is nested deeper than {limit} levels."),
    "fhir.too_deep.remedy": _(
        "No medical document needs that. Ask the sender for a correct export."
    ),
    "fhir.bad_line": _("This line is not JSON: {where}. The other lines were read."),
    "fhir.bad_line.remedy": _("Correct the line and send it again."),
    "fhir.duplicate_key": _(
        "The name “{value}” is given twice in one object. The first was taken."
    ),
    "fhir.duplicate_key.remedy": _("Compare with the original before you decide anything on it."),
    "fhir.not_a_number": _("“{value}” is no number in JSON. The value was left out."),
    "fhir.not_a_number.remedy": _("Enter the value by hand if it matters."),
    "fhir.absurd_number": _("A number is too long to be real. It was left out."),
    "fhir.absurd_number.remedy": _("Enter the value by hand if it matters."),
    "fhir.byte_order_mark": _("The file begins with a byte order mark. It was read all the same."),
    "fhir.byte_order_mark.remedy": _("Nothing to do. FHIR wants UTF-8 without the mark."),
    "fhir.other_encoding": _("The file is in {value}. It was read all the same."),
    "fhir.other_encoding.remedy": _("Nothing to do. FHIR wants UTF-8."),
    "fhir.no_resource_type": _("There is no resourceType: {where}."),
    "fhir.no_resource_type.remedy": _("Send FHIR R4 resources. Each one names its type."),
    "fhir.unknown_resource_type": _("FHIR R4 has no resource type “{value}”."),
    "fhir.unknown_resource_type.remedy": _SENDER,
    "fhir.nothing_readable": _("A file of type “{value}” is not a referral or a summary."),
    "fhir.nothing_readable.remedy": _(
        "Send a patient summary, a Bundle with a ServiceRequest, or single clinical resources."
    ),
    "fhir.empty_bundle": _("There is no resource in the file."),
    "fhir.empty_bundle.remedy": _("Export it again with its entries."),
    "fhir.entry_without_resource": _("An entry has no resource: {where}."),
    "fhir.entry_without_resource.remedy": _("Ask the sender for it, or enter it by hand."),
    "fhir.duplicate_entry": _("Two entries have the same address: {value}. Both were read."),
    "fhir.duplicate_entry.remedy": _("Compare both. References mean the first."),
    "fhir.dangling_entry": _("A section names an entry that was not sent: {value}."),
    "fhir.dangling_entry.remedy": _("Ask the sender for it, or enter it by hand."),
    "fhir.dangling_reference": _("A reference leads to something that was not sent: {value}."),
    "fhir.dangling_reference.remedy": _("Ask the sender for it if it matters."),
    "fhir.other_version": _(
        "The file is FHIR {value}, not R4. What has the same meaning was read."
    ),
    "fhir.other_version.remedy": _("Check what was read. Ask the sender for FHIR R4 (4.0.1)."),
    "fhir.unknown_element": _("FHIR R4 has no element “{value}” here: {where}. It was not read."),
    "fhir.unknown_element.remedy": _SENDER,
    "fhir.missing_element": _("The element “{value}” is missing: {where}."),
    "fhir.missing_element.remedy": _("Enter it by hand if the case needs it."),
    "fhir.wrong_code": _("“{value}” is not one of the codes here: {where}. Allowed: {allowed}."),
    "fhir.wrong_code.remedy": _("Choose the right one in the form."),
    "fhir.wrong_type": _("“{value}” has the wrong form here: {where}. Expected: {expected}."),
    "fhir.wrong_type.remedy": _("Enter it by hand if the case needs it."),
    "fhir.wrong_value": _("“{value}” is not a right value here: {where}."),
    "fhir.wrong_value.remedy": _("Enter it by hand if the case needs it."),
    "fhir.more_problems": _("There are more than {limit} problems. The others are not listed."),
    "fhir.more_problems.remedy": _SENDER,
    "fhir.impossible_date": _("No calendar has the day {value}: {where}. It was left out."),
    "fhir.impossible_date.remedy": _("Ask the sender for the right date and enter it."),
    "fhir.narrative_stripped": _("Something active was taken out of the text: {value}."),
    "fhir.narrative_stripped.remedy": _("Nothing to do. The words and tables are still there."),
    "fhir.no_narrative": _("The section “{value}” has no text of its own."),
    "fhir.no_narrative.remedy": _("Nothing to do. Its entries were read."),
    "fhir.narrative_too_long": _("A text is longer than {limit} characters. It is not shown."),
    "fhir.narrative_too_long.remedy": _("Read it in the original, which is kept."),
}
