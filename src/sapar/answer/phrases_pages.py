"""Words of the trail: what each action and each page is called where readers see who did what."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "action.answer.give": _("An answer was computed"),
    "action.answer.hold_funding": _("Hold a place under the proposed agreement"),
    "action.answer.hold_place": _("Hold a place on the proposed day"),
    "action.answer.keep": _("Kept the draft"),
    "action.answer.send": _("Sent the referral"),
    "action.audit.seal_reads": _("Sealed the list of reads"),
    "action.booking.expire": _("Ended a hold that ran out"),
    "action.cases.create_draft": _("Began the referral"),
    "action.cases.save_draft": _("Kept the draft"),
    "action.cases.mark_thread_read": _("Read the thread"),
    "action.cases.close_thread": _("Closed the thread"),
    "action.cases.reopen_thread": _("Opened the thread again"),
    "action.cases.send_message": _("Wrote a message"),
    "action.cases.set_urgency": _("Changed the urgency"),
    "action.cases.break_glass": _("Opened the case in an emergency"),
    "action.documents.receive": _("Added a document"),
    "action.documents.set_verdict": _("Recorded what the virus scanner said"),
    "action.funding.hold": _("Held a place under an agreement"),
    "action.people.add_contact": _("Added a contact"),
    "action.people.add_identifier": _("Added a number"),
    "action.people.add_name": _("Added a spelling of the name"),
    "action.people.add_related": _("Added a guardian or companion"),
    "action.people.correct": _("Corrected facts of the person"),
    "action.people.decide_different": _("Decided: two different people"),
    "action.people.decide_same": _("Decided: the same person"),
    "action.people.end_access": _("Took back an access"),
    "action.people.end_related": _("Ended a guardian’s or companion’s part"),
    "action.people.erase": _("Erased the person’s data"),
    "action.people.give_access": _("Gave an account access to the person"),
    "action.people.invite": _("Invited the patient or a guardian"),
    "action.people.record_consent": _("Recorded a consent"),
    "action.people.register": _("Registered the person"),
    "action.people.remove_contact": _("Removed a contact"),
    "action.people.remove_identifier": _("Removed a number"),
    "action.people.remove_name": _("Removed a spelling of the name"),
    "action.people.withdraw_consent": _("Withdrew a consent"),
}

PAGES = {
    "page.worklist": _("A list with the name"),
    "page.case": _("The case’s page"),
    "page.case.print": _("The whole case, to print"),
    "page.my": _("The patient’s own page"),
    "page.oversight": _("The data protection officer’s page"),
    "page.documents": _("A document"),
    "page.people": _("The person’s page"),
    "page.people.panel": _("The person beside the case"),
    "page.people.duplicates": _("The list of possible duplicates"),
    "page.people.question": _("A comparison of two records"),
    "purpose.care": _("care"),
    "purpose.emergency": _("emergency"),
    "purpose.own": _("own record"),
    "purpose.oversight": _("data protection"),
}


SECTIONS = {
    "section.problems": _("Problems"),
    "section.medications": _("Medicines"),
    "section.allergies": _("Allergies"),
    "section.immunizations": _("Immunisations"),
    "section.results": _("Results"),
    "section.procedures": _("Procedures"),
    "section.devices": _("Devices"),
    "section.advance-directives": _("Advance directives"),
    "section.vital-signs": _("Vital signs"),
    "section.social-history": _("Social history"),
    "section.pregnancy": _("Pregnancy"),
    "section.functional-status": _("Functional status"),
    "section.plan-of-care": _("Plan of care"),
    "section.past-illness": _("Past illnesses"),
    "section.other": _("Other"),
}
"""Sections of the International Patient Summary."""

PHRASES = {**ACTIONS, **PAGES, **SECTIONS}
