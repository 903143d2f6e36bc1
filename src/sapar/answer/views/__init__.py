"""The pages of the answer room: the referral form, worklists, the case, the patient's page."""
