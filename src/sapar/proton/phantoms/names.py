"""What clinics call their structures: the same organs under the names that senders use.

Keys are names of AAPM TG-263 (2018). The others are what a planner would type; none is a standard.
"""

from __future__ import annotations

from enum import StrEnum


class Naming(StrEnum):
    """In whose manner a phantom's structures are named."""

    TG263 = "tg263"
    ENGLISH = "english"
    RUSSIAN = "russian"
    KAZAKH = "kazakh"


ENGLISH = {
    "BODY": "Outer Contour",
    "Parotid_L": "L parotid",
    "Parotid_R": "Rt Parotid",
    "Glnd_Submand_L": "left submandib",
    "Glnd_Submand_R": "SMG right",
    "Cavity_Oral": "oral cav",
    "Musc_Constrict_S": "sup constrictor",
    "Musc_Constrict_M": "mid constrictor",
    "Musc_Constrict_I": "PCM inf",
    "Larynx": "larynx",
    "Larynx_SG": "supraglottic",
    "SpinalCord": "Cord",
    "Brainstem": "brain stem",
    "Bone_Mandible": "mandibula",
    "Esophagus_S": "oesophagus inlet",
    "Cricopharyngeus": "cricophar.",
    "Glnd_Thyroid": "thyroid",
    "Cochlea_L": "cochlea left",
    "Cochlea_R": "cochlea rt",
    "Eye_L": "left eye",
    "Eye_R": "eye R",
    "Lips": "lips",
    "Brain": "whole brain",
    "OpticChiasm": "chiasm",
    "Heart": "heart",
    "Esophagus": "oesoph.",
    "Lens_L": "lens left",
    "Lens_R": "R lens",
    "Lung_L": "lung left",
    "Lung_R": "R lung",
    "A_LAD": "LAD",
    "Breast_R": "contralat breast R",
    "Hippocampus_L": "hippocampus lt",
    "Hippocampus_R": "R hippo",
    "Pituitary": "hypophysis",
    "OpticNrv_L": "L optic nerve",
    "OpticNrv_R": "optic n. right",
    "Lobe_Temporal_L": "temporal lobe left",
    "Lobe_Temporal_R": "temp lobe R",
}

RUSSIAN = {
    "BODY": "Тело",
    "Parotid_L": "Околоушная левая",
    "Parotid_R": "Околоушная правая",
    "Glnd_Submand_L": "Подчелюстная сл. железа лев",
    "Glnd_Submand_R": "Подчелюстная сл. железа прав",
    "Cavity_Oral": "Полость рта",
    "Musc_Constrict_S": "Верхний констриктор",
    "Musc_Constrict_M": "Средний констриктор",
    "Musc_Constrict_I": "Нижний констриктор",
    "Larynx": "Гортань",
    "Larynx_SG": "Надсвязочный отдел гортани",
    "SpinalCord": "Спинной мозг",
    "Brainstem": "Ствол мозга",
    "Bone_Mandible": "Нижняя челюсть",
    "Esophagus_S": "Вход в пищевод",
    "Cricopharyngeus": "Перстнеглоточная мышца",
    "Glnd_Thyroid": "Щитовидная железа",
    "Cochlea_L": "Улитка левая",
    "Cochlea_R": "Улитка прав.",
    "Eye_L": "Левый глаз",
    "Eye_R": "Правый глаз",
    "Lips": "Губы",
    "Brain": "Головной мозг",
    "OpticChiasm": "Хиазма",
    "Heart": "Сердце",
    "Esophagus": "Пищевод",
    "Lens_L": "Хрусталик левый",
    "Lens_R": "Хрусталик правый",
    "Lung_L": "Левое лёгкое",
    "Lung_R": "Правое лёгкое",
    "A_LAD": "ПМЖВ",
    "Breast_R": "Молочная железа правая",
    "Hippocampus_L": "Гиппокамп лев.",
    "Hippocampus_R": "Гиппокамп прав.",
    "Pituitary": "Гипофиз",
    "OpticNrv_L": "Зрительный нерв левый",
    "OpticNrv_R": "Зрительный нерв правый",
    "Lobe_Temporal_L": "Левая височная доля",
    "Lobe_Temporal_R": "Правая височная доля",
}

KAZAKH = {
    "BODY": "Дене",
    "Parotid_L": "Сол жақ құлақ маңы безі",
    "Parotid_R": "Оң жақ құлақ маңы безі",
    "Glnd_Submand_L": "Сол жақасты безі",
    "Glnd_Submand_R": "Оң жақасты безі",
    "Cavity_Oral": "Ауыз қуысы",
    "Musc_Constrict_S": "Жұтқыншақтың жоғарғы қысқышы",
    "Musc_Constrict_M": "Жұтқыншақтың ортаңғы қысқышы",
    "Musc_Constrict_I": "Жұтқыншақтың төменгі қысқышы",
    "Larynx": "Көмей",
    "Larynx_SG": "Көмейдің жоғарғы бөлігі",
    "SpinalCord": "Жұлын",
    "Brainstem": "Ми бағанасы",
    "Bone_Mandible": "Төменгі жақ сүйегі",
    "Esophagus_S": "Өңеш кіреберісі",
    "Cricopharyngeus": "Жүзік-жұтқыншақ бұлшықеті",
    "Glnd_Thyroid": "Қалқанша без",
    "Cochlea_L": "Сол жақ иірім",
    "Cochlea_R": "Оң жақ иірім",
    "Eye_L": "Сол көз",
    "Eye_R": "Оң көз",
    "Lips": "Ерін",
    "Brain": "Ми",
    "OpticChiasm": "Көру жүйкелерінің қиылысы",
    "Heart": "Жүрек",
    "Esophagus": "Өңеш",
    "Lens_L": "Сол көз бұршағы",
    "Lens_R": "Оң көз бұршағы",
    "Lung_L": "Сол өкпе",
    "Lung_R": "Оң өкпе",
    "A_LAD": "Алдыңғы төмен түсетін артерия",
    "Breast_R": "Оң сүт безі",
    "Hippocampus_L": "Сол гиппокамп",
    "Hippocampus_R": "Оң гиппокамп",
    "Pituitary": "Гипофиз",
    "OpticNrv_L": "Сол жақ көру жүйкесі",
    "OpticNrv_R": "Оң жақ көру жүйкесі",
    "Lobe_Temporal_L": "Сол самай бөлігі",
    "Lobe_Temporal_R": "Оң самай бөлігі",
}

_TABLES: dict[Naming, dict[str, str]] = {
    Naming.TG263: {},
    Naming.ENGLISH: ENGLISH,
    Naming.RUSSIAN: RUSSIAN,
    Naming.KAZAKH: KAZAKH,
}


def called(name: str, naming: Naming) -> str:
    """What a clinic of that manner calls the organ; targets keep their name."""
    return _TABLES[naming].get(name, name)
