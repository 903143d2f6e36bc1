"""What the answer says, sentence by sentence. Short, plain, complete: families read them too."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LINES = {
    "line.completeness": _("Complete?"),
    "line.identity": _("Who?"),
    "line.indication": _("What for?"),
    "line.centre": _("Where?"),
    "line.payer": _("Who pays?"),
    "line.visa": _("Which visa?"),
    "line.calendar": _("When?"),
    "line.price": _("How much?"),
    "line.stay": _("Where do they stay?"),
    "line.rehabilitation": _("Rehabilitation?"),
    "line.letters": _("Which letters?"),
    "linestate.known": _("known"),
    "linestate.to-decide": _("to be decided"),
    "linestate.missing": _("missing"),
    "linestate.impossible": _("not possible"),
}

REFERRAL = {
    "answer.completeness.complete": _("The referral is complete."),
    "answer.completeness.missing": _("Still missing: {items_phrases}."),
    "answer.completeness.rule": _("The programme “{programme_name}” says what a referral needs."),
    "answer.identity.new": _("A patient who is new to us."),
    "answer.identity.known": _("A patient who is already known to us."),
    "answer.identity.possible": _("This may be a patient we know. A person must decide."),
    "answer.identity.different_birth_date": _(
        "The identifier is known, but with another date of birth. A person must decide."
    ),
    "answer.identity.too_little": _("Too little is given to know who this is."),
    "answer.identity.rule": _(
        "Identifiers are compared exactly, names in a common spelling together with the date of "
        "birth."
    ),
    "answer.indication.listed": _("{indication_name} ({icd10}) is on the list of indications."),
    "answer.indication.rule_list": _("The list of indications names {indication_name}."),
    "answer.indication.funded": _("{indication_name} is treated at public expense."),
    "answer.indication.not_funded": _("{indication_name} is not treated at public expense."),
    "answer.indication.funding_undecided": _(
        "Whether {indication_name} is treated at public expense is not decided."
    ),
    "answer.indication.unverified": _(
        "{indication_name} ({icd10}) is on the list, but the entry is not verified."
    ),
    "answer.indication.no_icd10": _("The ICD-10 code of the diagnosis is missing."),
    "answer.indication.no_icd10_as_sent": _(
        "The diagnosis was sent as “{sent}”. Its ICD-10 code is missing."
    ),
    "answer.indication.not_listed": _("{icd10} is not on the list of indications."),
    "answer.indication.rule_not_listed": _(
        "No entry of the list fits the code and the programme asked for."
    ),
    "answer.indication.age": _(
        "{indication_name}: the programme takes patients from {low} to {high} years, this patient "
        "is {age}."
    ),
    "answer.indication.rule_age": _("The list of indications sets the ages."),
    "answer.indication.change": _("Another diagnosis or programme would change this."),
    "answer.indication.change_programme": _("Another programme may take this patient."),
    "answer.indication.panel_may": _("The panel may accept a patient who is not on the list."),
    "answer.centre.no_programme": _("The programme is missing."),
    "answer.centre.fits": _("{centre_name}, programme “{programme_name}”."),
    "answer.centre.closed": _("{centre_name} does not receive patients on this day."),
    "answer.centre.lacks": _("{centre_name} cannot offer: {needs_phrases}."),
    "answer.centre.able": _("{centre_name} offers what is needed: {needs_phrases}."),
    "answer.centre.rule_reach": _("{centre_name} receives patients from abroad."),
    "answer.centre.accredited": _("Accredited by {scheme} until {until}."),
    "answer.centre.accredited_open": _("Accredited by {scheme}."),
    "answer.centre.accreditation_expired": _("The accreditation by {scheme} ended on {until}."),
    "answer.centre.capacity": _("{accepted} of {capacity} patients of this year are accepted."),
    "answer.centre.full": _("{centre_name} has accepted all patients it can treat this year."),
    "answer.centre.unverified": _("{centre_name} is named, but the entry is not verified."),
    "answer.centre.change": _("Other needs, or another centre with the same programme."),
}

MONEY = {
    "answer.payer.no_country": _("The country of residence or citizenship is missing."),
    "answer.payer.no_programme": _("Who pays depends on the programme, which is missing."),
    "answer.payer.quota": _(
        "{payer_name} pays under “{agreement_name}”. Places left in the quota: {left}."
    ),
    "answer.payer.agreement": _("{payer_name} pays under “{agreement_name}”."),
    "answer.payer.self_pay": _("The family pays, as it wishes."),
    "answer.payer.only_self_pay": _(
        "No agreement has a place for this patient. The family would pay."
    ),
    "answer.payer.unverified": _("An agreement may pay, but it is not verified."),
    "answer.payer.not_funded": _("The indication is not publicly funded. The payer must decide."),
    "answer.payer.rule_quota_left": _("“{agreement_name}”: {left} places left in its quota."),
    "answer.payer.rule_no_quota": _("“{agreement_name}” has no quota for this programme."),
    "answer.payer.rule_quota_full": _("“{agreement_name}”: the quota is used up."),
    "answer.payer.rule_unverified": _("“{agreement_name}” is not verified and decides nothing."),
    "answer.payer.rule_not_funded": _("The list of indications says: not at public expense."),
    "answer.payer.rule_self_pay": _("A family may always pay itself."),
    "answer.payer.change": _("Another residence, another programme, or a new place in a quota."),
    "answer.payer.change_funded": _(
        "A decision of health technology assessment would change this."
    ),
    "answer.price.no_programme": _("The price depends on the programme, which is missing."),
    "answer.price.no_tariff": _("No tariff is known for this programme."),
    "answer.price.total_covered": _("{low} to {high} in all. The payer pays everything listed."),
    "answer.price.total_with_family": _(
        "{low} to {high} in all, of which the family pays {family_low} to {family_high}."
    ),
    "answer.price.also": _("And {low} to {high} in another currency."),
    "answer.price.part_covered": _(
        "{item_phrase}: {units_low} to {units_high} × {each} ({unit_phrase}), {low} to {high}; "
        "the payer pays."
    ),
    "answer.price.part_family": _(
        "{item_phrase}: {units_low} to {units_high} × {each} ({unit_phrase}), {low} to {high}; "
        "the family pays."
    ),
    "answer.price.part_covered_fixed": _(
        "{item_phrase}: {units_low} × {each} ({unit_phrase}), {low}; the payer pays."
    ),
    "answer.price.part_family_fixed": _(
        "{item_phrase}: {units_low} × {each} ({unit_phrase}), {low}; the family pays."
    ),
    "answer.price.undecided": _("{item_phrase}: the tariff is not verified and is not counted."),
    "answer.price.change": _("The length of the course, the companions and who pays."),
}

JOURNEY = {
    "answer.visa.no_programme": _("The visa depends on the centre, which is not known yet."),
    "answer.visa.no_citizenship": _("The citizenship is missing."),
    "answer.visa.home": _("The centre is in the patient’s own country."),
    "answer.visa.not_needed": _("No visa is needed with a passport of: {citizen_country}."),
    "answer.visa.digital": _("A digital visa for treatment."),
    "answer.visa.digital_by": _("A digital visa for treatment. Apply by {apply_by}."),
    "answer.visa.consular": _("A visa from the consulate."),
    "answer.visa.consular_by": _("A visa from the consulate. Apply by {apply_by}."),
    "answer.visa.too_late": _(
        "A visa is needed. For this start it had to be applied for by {apply_by}."
    ),
    "answer.visa.too_short": _("The visa allows {max_days} days, the stay is longer."),
    "answer.visa.no_route": _("No visa rule is known for a passport of: {citizen_country}."),
    "answer.visa.unverified": _(
        "The visa rule for a passport of {citizen_country} is not verified."
    ),
    "answer.visa.rule_visa_free": _("Citizens enter without a visa: {citizen_country}."),
    "answer.visa.rule_digital": _(
        "Citizens receive the digital visa for treatment: {citizen_country}. Days to a decision: "
        "{days}."
    ),
    "answer.visa.rule_consular": _(
        "Citizens apply at the consulate: {citizen_country}. Days to a decision: {days}."
    ),
    "answer.visa.rule_states": _(
        "The digital visa for treatment is announced for {count} states; their list is not public "
        "here."
    ),
    "answer.visa.stay_too_long": _("The stay is longer than the {max_days} days that are allowed."),
    "answer.visa.stay_unknown": _(
        "How long one may stay without registration is not verified. Ask the migration service."
    ),
    "answer.visa.change": _("Another citizenship or residence permit, or another length of stay."),
    "answer.calendar.no_programme": _("The date depends on the programme, which is missing."),
    "answer.calendar.inside": _(
        "First treatment possible on {day}, in time: the latest acceptable day is {latest}."
    ),
    "answer.calendar.first": _("First treatment possible on {day}."),
    "answer.calendar.inside_course": _(
        "First treatment on {day} between {begins} and {ends}, inside the start window that ends "
        "on {latest}; {count} fractions until {last}."
    ),
    "answer.calendar.first_course": _(
        "First treatment on {day} between {begins} and {ends}; {count} fractions until {last}."
    ),
    "answer.calendar.no_course": _("The centre has no whole calendar for this course."),
    "answer.calendar.course": _(
        "Room {room}: {count} fractions from {day} to {last}, each beginning between {begins} and "
        "{ends} or as its line says."
    ),
    "answer.calendar.chain": _("Preparation in {count} steps from {first} to {day}."),
    "answer.calendar.anaesthesia": _("Each fraction is given under anaesthesia, in the morning."),
    "answer.calendar.late": _(
        "First treatment possible on {day}: {late} days after the latest acceptable day, {latest}."
    ),
    "answer.calendar.window_unverified": _(
        "First treatment possible on {day}. The start window is not verified."
    ),
    "answer.calendar.reference_missing": _(
        "First treatment possible on {day}. Whether that is in time cannot be said: the date it "
        "counts from is missing."
    ),
    "answer.calendar.none_open": _("The centre has opened no days for this programme."),
    "answer.calendar.full": _("No free place from {earliest} to {horizon}."),
    "answer.calendar.lead": _("Preparation takes {days} days, until {day}."),
    "answer.calendar.payer": _("The payer’s decision is expected by {day}."),
    "answer.calendar.payer_unknown": _("How long the payer takes is not known."),
    "answer.calendar.visa": _("The family can travel from {day}."),
    "answer.calendar.visa_unknown": _("How long the visa takes is not known."),
    "answer.calendar.place": _("{day} is the first free place on or after {earliest}."),
    "answer.calendar.window_referral": _(
        "The first treatment should begin within {window} days of the referral, by {latest}."
    ),
    "answer.calendar.window_surgery": _(
        "The first treatment should begin within {window} days of surgery, by {latest}."
    ),
    "answer.calendar.window_diagnosis": _(
        "The first treatment should begin within {window} days of diagnosis, by {latest}."
    ),
    "answer.option.calendar": _("Begin on {day}"),
    "answer.option.calendar_times": _("Room {room}, between {begins} and {ends}."),
    "answer.option.calendar_days": _("{count} fractions until {last}."),
    "answer.option.calendar_decides": _("What suits the patient and the family decides."),
    "answer.calendar.change_lead": _("A shorter preparation would bring it forward."),
    "answer.calendar.change_payer": _("A faster decision of the payer would bring it forward."),
    "answer.calendar.change_visa": _("A faster visa would bring it forward."),
    "answer.stay.no_programme": _("The stay depends on the programme, which is missing."),
    "answer.stay.unknown": _("How long the stay lasts is not known."),
    "answer.stay.alone": _("{low} to {high} days near the centre ({city_name})."),
    "answer.stay.with_companions": _(
        "{low} to {high} days near the centre ({city_name}), with companions: {companions}."
    ),
    "answer.stay.rule": _("The programme foresees {low} to {high} days."),
    "answer.stay.rule_child": _("A child travels with one adult."),
    "answer.stay.change": _("The length of the course and the number of companions."),
    "answer.rehabilitation.no_programme": _(
        "Rehabilitation depends on the programme, which is missing."
    ),
    "answer.rehabilitation.none": _("The programme foresees no rehabilitation stay."),
    "answer.rehabilitation.leg": _("{programme_name}, {centre_name}, when treatment ends."),
    "answer.rehabilitation.closed": _("The sanatorium foreseen does not receive patients now."),
    "answer.rehabilitation.age": _(
        "{centre_name} does not take patients of this age. Another place must be found."
    ),
    "answer.rehabilitation.unverified": _("{centre_name} is foreseen, but not verified."),
    "answer.rehabilitation.rule": _("The programme is followed by a stay at {centre_name}."),
    "answer.rehabilitation.accredited": _("{centre_name} is accredited by {scheme}."),
    "answer.letters.no_programme": _("The letters depend on the programme, which is missing."),
    "answer.letters.none": _("No letters are needed."),
    "answer.letters.needed": _("{letters_phrases}. Language: {language_language}."),
    "answer.letters.no_language": _("{letters_phrases}. The family’s language is missing."),
    "answer.letters.rule": _("The programme and the visa say which letters are needed."),
}

OPTIONS = {
    "answer.option.programme": _("Programme “{programme_name}”"),
    "answer.option.programme_indication": _("It treats {indication_name}."),
    "answer.option.programme_first": _("First treatment possible on {day}."),
    "answer.option.programme_no_day": _("No day is open now."),
    "answer.option.programme_decides": _(
        "The panel decides which treatment fits the tumour better."
    ),
    "answer.option.late": _("{late} days after the latest acceptable day, {latest}."),
    "answer.option.alternative_window": _("It can begin before {latest} if the referrer confirms."),
    "answer.option.alternative_no_travel": _("No journey, no visa, no stay abroad."),
    "answer.option.treatment_decides": _(
        "Whether {late} days of delay are worth the better treatment. The panel decides."
    ),
    "answer.option.payer": _("{payer_name}, “{agreement_name}”"),
    "answer.option.payer_covers": _("It pays: {covers_phrases}."),
    "answer.option.payer_left": _("Places left in the quota: {left}."),
    "answer.option.payer_days": _("Working days to a decision: {days}."),
    "answer.option.payer_decides_agreements": _(
        "What each agreement pays and how soon it decides."
    ),
    "answer.option.payer_decides_quota": _(
        "Whether one of the last {left} places goes to this patient. The payer decides."
    ),
    "answer.option.self_pay": _("The family pays"),
    "answer.option.self_pay_at_once": _("No decision to wait for."),
    "answer.option.self_pay_price": _("{low} to {high} in all."),
    "answer.unknown.items": _("Missing in the referral: {items_phrases}."),
    "alternative.photons-at-home": _("Radiotherapy with photons at home"),
    "alternative.chemotherapy-at-home": _("Chemotherapy at home"),
    "alternative.surgery-at-home": _("Surgery at home"),
    "alternative.dialysis-at-home": _("Dialysis at home"),
    "alternative.medical-treatment-at-home": _("Treatment with medicines at home"),
    "who.referrer": _("the referring doctor"),
    "who.coordinator": _("the coordinator of the centre"),
    "who.panel": _("the panel of the centre"),
    "who.centre": _("the centre"),
    "who.payer": _("the payer"),
    "who.travel": _("the visa and travel desk"),
    "who.sanatorium": _("the sanatorium"),
}

ITEMS = {
    "item.programme": _("programme"),
    "item.identity": _("name"),
    "item.identifier": _("identity number or passport"),
    "item.birth-date": _("date of birth"),
    "item.gender": _("sex"),
    "item.citizenship": _("citizenship"),
    "item.contact": _("telephone or e-mail"),
    "item.diagnosis": _("diagnosis"),
    "item.icd10": _("ICD-10 code"),
    "item.urgency": _("urgency"),
    "item.question": _("question to the centre"),
    "item.stage": _("stage"),
    "item.performance-status": _("performance status"),
    "item.treatment-so-far": _("treatment so far"),
    "item.fit-to-travel": _("fitness to travel"),
    "item.consent-transfer": _("consent to the transfer of data"),
    "item.guardian": _("parent or guardian"),
    "item.diagnosed-on": _("date of diagnosis"),
    "item.surgery-on": _("date of surgery"),
    "item.passport": _("passport"),
    "item.pathology": _("pathology report"),
    "item.mri": _("MRI"),
    "item.ct": _("CT"),
    "item.operation-note": _("operation note"),
    "item.blood-count": _("blood count"),
    "item.echocardiography": _("echocardiography"),
    "item.medical-summary": _("medical summary"),
    "item.virology": _("virology"),
    "letter.invitation": _("invitation"),
    "letter.acceptance": _("letter of acceptance"),
    "letter.estimate": _("estimate of cost"),
    "letter.consent": _("consent"),
    "letter.medical-summary": _("medical summary"),
    "cover.treatment": _("treatment"),
    "cover.travel": _("travel"),
    "cover.lodging": _("lodging"),
    "cover.companion": _("companion"),
    "cover.rehabilitation": _("rehabilitation"),
    "tariff.treatment": _("Treatment"),
    "tariff.consultation": _("Consultation"),
    "tariff.planning": _("Planning"),
    "tariff.anaesthesia": _("Anaesthesia"),
    "tariff.bed-day": _("Bed day"),
    "tariff.lodging-day": _("Lodging"),
    "tariff.companion-day": _("Lodging of a companion"),
    "tariff.rehabilitation-day": _("Rehabilitation"),
    "tariff.travel": _("Travel"),
    "unit.course": _("a course"),
    "unit.day": _("a day"),
    "unit.session": _("a session"),
    "unit.once": _("once"),
}

PROBLEMS = {
    "answer.unknown_doctor": _("Nobody signs in as {value}."),
    "answer.unknown_doctor.remedy": _("Give the e-mail of a referring doctor with --by."),
    "answer.no_doctor": _("Nobody is named in whose name the case is kept."),
    "answer.no_doctor.remedy": _("Add --by E-MAIL, or --answer-only to keep no case."),
    "answer.item_missing": _("Missing: {item_phrase}."),
    "answer.item_missing.remedy": _("Fill it in; the programme needs it to decide."),
    "answer.no_programme": _("There is no open programme “{value}”."),
    "answer.no_programme.remedy": _("Choose one of the programmes in the list."),
    "answer.none_given": _("This case has not been answered yet."),
    "answer.none_given.remedy": _("Ask for the answer first."),
    "answer.no_day": _("The answer proposes no day."),
    "answer.no_day.remedy": _("Choose a day in the calendar of the programme."),
}

PHRASES = PROBLEMS | LINES | REFERRAL | MONEY | JOURNEY | OPTIONS | ITEMS
