"""What stands against taking a planning study in, or was found on the way."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    # Uploads.
    "proton.study.too_large": _("One upload may have up to {limit} GB and at least one byte."),
    "proton.study.too_large.remedy": _(
        "Send CT, structures, plan and dose only, without other series."
    ),
    "proton.study.too_many_open": _("You have {limit} unfinished uploads for this case."),
    "proton.study.too_many_open.remedy": _("Go on with one of them, or give it up."),
    "proton.study.no_room": _("The disk of this installation is full."),
    "proton.study.no_room.remedy": _("Nothing was lost. Tell those who run the installation."),
    "proton.study.person_erased": _("The patient's data was erased."),
    "proton.study.person_erased.remedy": _("Begin a new referral."),
    "proton.study.upload_over": _("This upload is complete, or was given up."),
    "proton.study.upload_over.remedy": _("Begin a new one."),
    "proton.study.upload_short": _("{value} of {total} bytes are here."),
    "proton.study.upload_short.remedy": _("Go on with the upload until all bytes are here."),
    "proton.study.no_file": _("No file was chosen."),
    "proton.study.no_file.remedy": _("Choose one zip file with the whole study."),
    "proton.study.gone": _("The uploaded package is no longer here."),
    "proton.study.gone.remedy": _("Send it again."),
    "proton.study.changed": _("What arrived is not what was sent: the checksums differ."),
    "proton.study.changed.remedy": _(
        "Send it again; if it happens again, use another line or a disc."
    ),
    # Packages.
    "proton.study.package_kind": _("The package is of the kind {value}, which is not opened."),
    "proton.study.package_kind.remedy": _("Send a zip, or the folder itself."),
    "proton.study.package_empty": _("There is no file in the package."),
    "proton.study.package_empty.remedy": _("Look into it, and send the folder with the study."),
    "proton.study.package_broken": _(
        "The package is damaged, or packed in a way that cannot be read ({value})."
    ),
    "proton.study.package_broken.remedy": _(
        "Make the zip again with the usual compression, or send the folder."
    ),
    "proton.study.encrypted": _("The package is protected by a password."),
    "proton.study.encrypted.remedy": _(
        "Send it without a password: the line is encrypted already."
    ),
    "proton.study.escape": _(
        "A name in the package points outside of it. Nothing of it was taken."
    ),
    "proton.study.escape.remedy": _("Make the zip again with the usual program of your computer."),
    "proton.study.bomb_size": _("The package holds more than {limit} GB. Nothing of it was taken."),
    "proton.study.bomb_size.remedy": _("Send CT, structures, plan and dose only."),
    "proton.study.bomb_ratio": _(
        "The package is {value} times larger inside than outside, which no study is. Nothing "
        "of it was taken."
    ),
    "proton.study.bomb_ratio.remedy": _("Send the folder itself."),
    "proton.study.bomb_count": _("There are more than {limit} files. Nothing of them was taken."),
    "proton.study.bomb_count.remedy": _("Send the planning CT, structures, plan and dose only."),
    "proton.study.bomb_overlap": _(
        "Files in the package share their bytes, which no usual program does. Nothing of it "
        "was taken."
    ),
    "proton.study.bomb_overlap.remedy": _(
        "Make the zip again with the usual program of your computer."
    ),
    "proton.study.nested": _("There is an archive inside the package; it was not opened."),
    "proton.study.nested.remedy": _("If it has a part of the study, send that folder itself."),
    "proton.study.link": _("An entry is a link or a device and no file; it was left out."),
    "proton.study.link.remedy": _("If it is a part of the study, send the file it points to."),
    "proton.study.odd_name": _("A file name has letters that cannot be shown; the file was kept."),
    "proton.study.odd_name.remedy": _("Nothing has to be done."),
    "proton.study.file_twice": _("The same file came twice; it was kept once."),
    "proton.study.file_twice.remedy": _("Nothing has to be done."),
    "proton.study.and_more": _("{count} more of this kind: {what_phrase}"),
    "proton.study.and_more.remedy": _("See the first ones."),
    # Reading.
    "proton.study.hashing": _("Holding the checksums against each other"),
    "proton.study.unpacking": _("Unpacking"),
    "proton.study.reading": _("Reading images, structures, plan and dose"),
    "proton.study.several_patients": _("There are complete studies of {count} patients."),
    "proton.study.several_patients.remedy": _("Send only what belongs to this patient."),
    "proton.study.several": _(
        "There are {count} complete studies; the one with the most doses is used."
    ),
    "proton.study.several.remedy": _("If it is another one, send that one alone."),
    "proton.study.other_birth": _("The birth date in the files is not the patient's."),
    "proton.study.other_birth.remedy": _(
        "Make sure that it is the study of this patient. If not, send the right one."
    ),
    "proton.study.other_age": _(
        "By the files the patient was {sent} years old at the study, by the case {known}. Another"
        " patient's study?"
    ),
    "proton.study.other_age.remedy": _(
        "Make sure that it is the study of this patient. If it is, have the date of birth of the"
        " case put right. Where one is a child's age and the other is not, models of adults decide"
        " nothing until then."
    ),
    "proton.study.other_sex": _(
        "By the files the patient is {sent_phrase}, by the case {known_phrase}. Another patient's"
        " study?"
    ),
    "proton.study.other_sex.remedy": _(
        "Make sure that it is the study of this patient. If it is, have the record of the case put"
        " right."
    ),
    "proton.study.sex.male": _("male"),
    "proton.study.sex.female": _("female"),
    # The DICOM network.
    "proton.study.peer_unknown": _("The system that sends is not known here, or not trusted."),
    "proton.study.peer_unknown.remedy": _(
        "An administrator or physicist of the centre adds it, with title and address."
    ),
    "proton.study.no_case": _(
        "Neither the accession number nor the patient id is the number of an open case of the"
        " sender."
    ),
    "proton.study.no_case.remedy": _(
        "Say to which case it belongs. Next time, send it with the case's number as accession"
        " number."
    ),
    "proton.study.two_cases": _("Its numbers are those of two cases."),
    "proton.study.two_cases.remedy": _("Say to which case it belongs."),
    "proton.study.birth_differs": _(
        "The birth date in the study is not that of the patient of {number}."
    ),
    "proton.study.birth_differs.remedy": _(
        "Look at both. If it is this patient, say that you are sure."
    ),
    "proton.study.case_unknown": _("Your centre has no open case {value}."),
    "proton.study.case_unknown.remedy": _(
        "Write the number as it stands on the case, such as S-2026-000123."
    ),
    "proton.study.still_arriving": _("The study is still arriving."),
    "proton.study.still_arriving.remedy": _("Wait a minute after the last file, then look again."),
    "proton.peer.title": _("{value} is no AE title."),
    "proton.peer.title.remedy": _("Use up to 16 letters, digits and signs, without a backslash."),
    "proton.peer.address": _("{value} is no address."),
    "proton.peer.address.remedy": _("Use an IP address, or a network such as 10.20.0.0/16."),
    "proton.peer.organisation": _("This organisation sends no studies."),
    "proton.peer.organisation.remedy": _("Choose the hospital or centre whose system it is."),
    "proton.peer.taken": _("Another system has the title {value}."),
    "proton.peer.taken.remedy": _("Give one of them another title, or remove the old one."),
    "proton.peer.stopped": _("The system was removed."),
    "proton.peer.stopped.remedy": _("Add it anew."),
    "proton.receive_port": _("Port {value} cannot be listened on: {what}"),
    "proton.receive_port.remedy": _("Choose another port, or stop what listens there."),
    "proton.send_refused": _("The archive did not take it, or was not reached."),
    "proton.send_refused.remedy": _(
        "Look at its address and title, and whether it knows us. Nothing was lost here."
    ),
}
