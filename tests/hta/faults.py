"""Mistakes that people make in models, planted one at a time into the models of the shelf.

Each is an edit of a document's text. They were written down before the tests of
`sapar.hta.engine.verification`, and no test knows any of them; those that stay hidden are listed in
docs/reference/hta-verification.md.
"""

from __future__ import annotations

from dataclasses import dataclass

SICK, RESIDENCE, HIP = "sick-sicker", "sick-sicker-residence", "hip-replacement"
HIV, MIGRAINE = "hiv", "migraine"


@dataclass(frozen=True, slots=True)
class Fault:
    """A planted mistake.

    Attributes:
        model: the document's name in data/hta.
        says: what is wrong.
        edits: pairs of a text that stands in the document once, and what stands there instead.
    """

    name: str
    model: str
    says: str
    edits: tuple[tuple[str, str], ...]

    def planted(self, text: str) -> str:
        """The document with the mistake."""
        for old, new in self.edits:
            if text.count(old) != 1:
                msg = f"{self.name}: {old!r} stands {text.count(old)} times"
                raise ValueError(msg)
            text = text.replace(old, new)
        return text


def _one(name: str, model: str, says: str, old: str, new: str) -> Fault:
    return Fault(name, model, says, ((old, new),))


_UTILITIES = 'states: {H: u_H, S1: "if(on_A, u_A, u_S1)", S2: u_S2}'
_COSTS = "states: {H: c_H, S1: c_S1 + c_treatment, S2: c_S2 + c_treatment}"
_S1 = "S1: {H: (1 - p_S1D) * p_S1H, S2: (1 - p_S1D) * p_S1S2, D: p_S1D}"

_VALUES = (
    _one("utility-above-one", SICK, "a utility of 1.2",
         'value: 1, unit: "1", distribution: "beta(a=200',
         'value: 1.2, unit: "1", distribution: "beta(a=200'),
    _one("utility-times-ten", SICK, "a decimal point slipped", "value: 0.75", "value: 7.5"),
    _one("utility-in-percent", MIGRAINE, "90 in place of 0.9", "value: 0.9,", "value: 90,"),
    _one("negative-cost", SICK, "a minus before a cost", "value: 4000,", "value: -4000,"),
    _one("monthly-cost", SICK, "the cost of a month in a yearly cycle", "value: 4000,",
         "value: 333.33,"),
    _one("ratio-times-ten", HIV, "5.09 in place of 0.509", "value: 0.509", "value: 5.09"),
    _one("ratio-inverted", SICK, "sick people die a third as often",
         'value: 3, unit: "1", distribution: "lognormal(meanlog=ln(3), ',
         'value: 0.333, unit: "1", distribution: "lognormal(meanlog=ln(0.333), '),
    _one("treatment-harms", SICK, "a hazard ratio of 1.6 in place of 0.6",
         'value: 0.6, unit: "1", distribution: "lognormal(meanlog=ln(0.6), ',
         'value: 1.6, unit: "1", distribution: "lognormal(meanlog=ln(1.6), '),
    _one("coefficient-sign", HIP, "the coefficient of the new prosthesis has lost its sign",
         "value: -1.344474", "value: 1.344474"),
    _one("loss-is-a-gain", RESIDENCE, "falling sick gains QALYs", "value: -0.01", "value: 0.01"),
    _one("table-typing-error", RESIDENCE, "one rate of the life table is ten times too large",
         "60: 0.008974", "60: 0.08974"),
)  # fmt: skip

_DRAWN = (
    _one("mean-off", SICK, "a distribution with twice the mean",
         "gamma(shape=100, scale=20)", "gamma(shape=100, scale=40)"),
    _one("utility-normal", SICK, "a normal distribution that goes above one",
         "beta(a=300, b=15)", "normal(mean=0.95, sd=0.05)"),
    _one("beta-swapped", SICK, "a and b of a beta distribution swapped",
         "beta(a=130, b=45)", "beta(a=45, b=130)"),
    _one("rate-for-scale", SICK, "the rate of a gamma distribution taken as its scale",
         "gamma(shape=30, rate=200)", "gamma(shape=30, scale=200)"),
    _one("logarithm-forgotten", SICK, "the ratio in place of its logarithm",
         "lognormal(meanlog=ln(0.6), ", "lognormal(meanlog=0.6, "),
    _one("value-outside", SICK, "the value lies outside of its triangle",
         "lognormal(meanlog=ln(3), sdlog=0.01)", "triangular(least=3.1, mode=3.5, most=4)"),
    _one("cost-normal", SICK, "a cost whose draws fall below zero",
         "gamma(shape=73.5, scale=163.3)", "normal(mean=12000, sd=6000)"),
    _one("fixed-cost", SICK, "an uncertain price without a distribution",
         'distribution: "gamma(shape=73.5, scale=163.3)", ', ""),
    _one("source-missing", SICK, "a price without a source",
         'label: "Cost of treatment A",\n     source: "Alarid-Escudero et al., MDM 2023;43:3-20", ',
         'label: "Cost of treatment A",\n     '),
)  # fmt: skip

_FLOWS = (
    _one("nobody-dies-in-s2", SICK, "mortality of the sicker left out", "S2: {D: p_S2D}",
         "S2: {D: 0}"),
    _one("death-left-out-of-a-row", SICK, "the sick do not die", ", D: p_S1D}", "}"),
    _one("one-arm-immortal", SICK, "no deaths of the sicker under B",
         "probability(r_HD * hr_S2)", "probability(r_HD * hr_S2 * if(on_B, 0, 1))"),
    _one("mortality-mixed-up", SICK, "the healthy have the mortality of the sick",
         "p_HD: probability(r_HD)", "p_HD: probability(r_HD * hr_S1)") ,
    _one("resurrection", SICK, "some of the dead come back",
         "S2: {D: p_S2D}", "S2: {D: p_S2D}\n  D: {H: 0.01}"),
    _one("dead-not-marked", SICK, "the state of the dead is not marked",
         "D: {label: Dead, dead: true}", "D: {label: Dead}"),
    _one("dead-at-the-start", SICK, "a tenth of the cohort starts dead",
         "start: {H: 1}", "start: {H: 0.9, D: 0.1}"),
    _one("state-never-reached", SICK, "nobody gets sicker",
         _S1, "S1: {H: (1 - p_S1D) * p_S1H, D: p_S1D}"),
    _one("rate-as-probability", SICK, "a rate times the cycle in place of a probability",
         "p_HS1: probability(r_HS1)", "p_HS1: r_HS1 * cycle_length"),
    _one("ratio-on-probability", SICK, "a hazard ratio multiplies a probability",
         "probability(r_HD * hr_S2)", "hr_S2 * probability(r_HD)"),
    _one("wrong-ratio", SICK, "the sicker have the hazard ratio of the sick",
         "probability(r_HD * hr_S2)", "probability(r_HD * hr_S1)"),
    _one("background-only", RESIDENCE, "the sicker have the mortality of all people",
         "probability(mortality(age) * hr_S2)", "probability(mortality(age))"),
    _one("table-one-year-on", RESIDENCE, "the healthy have the mortality of the next year",
         "p_HD: probability(mortality(age))", "p_HD: probability(mortality(age + 1))"),
    _one("young-start", RESIDENCE, "the cohort begins younger than the life table",
         "start_age: 25", "start_age: 20"),
    _one("memory-short", RESIDENCE, "the time in the state is forgotten after three years",
         "memory: 75", "memory: 3"),
    _one("memory-idle", RESIDENCE, "the rate does not ask for the time in the state",
         "(w_scale * sojourn)^w_shape - (w_scale * (sojourn - 1))^w_shape", "w_scale^w_shape"),
    _one("revision-without-risk", HIP, "nobody dies of a revision",
         "dead: p_reoperative + p_death}", "dead: p_death}"),
    _one("one-table-for-both", HIP, "women die as men do",
         "death_women(age + 1))", "death_men(age + 1))"),
    _one("wrong-denominator", HIV, "those who went from B to C divided by those in A",
         "512 / 1258", "512 / 1734"),
    _one("chances-above-one", MIGRAINE, "a plus in place of a minus",
         "chance: 1 - p_admitted", "chance: 1 + p_admitted"),
    _one("branches-swapped", MIGRAINE, "relief has the chance of no relief",
         "chance: p_relief", "chance: 1 - p_relief"),
)  # fmt: skip

_PAID = (
    _one("treated-when-dead", SICK, "the treatment is paid for the dead",
         "S2: c_S2 + c_treatment}", "S2: c_S2 + c_treatment, D: c_treatment}"),
    _one("utility-of-the-dead", SICK, "the dead gain QALYs", "S2: u_S2}}", "S2: u_S2, D: u_S2}}"),
    _one("dead-years", HIV, "the dead gain life years", "states: {A: 1, B: 1, C: 1}",
         "states: {A: 1, B: 1, C: 1, D: 1}"),
    _one("dead-hip", HIP, "the dead have the utility of the revised",
         "revised: u_revised}}", "revised: u_revised, dead: u_revised}}"),
    _one("state-without-years", HIV, "years with AIDS do not count", "states: {A: 1, B: 1, C: 1}",
         "states: {A: 1, B: 1}"),
    _one("treatment-of-the-healthy", SICK, "the healthy are treated, the sicker are not", _COSTS,
         "states: {H: c_H + c_treatment, S1: c_S1 + c_treatment, S2: c_S2}"),
    _one("utilities-swapped", SICK, "the sick and the sicker have each other's utility", _UTILITIES,
         'states: {H: u_H, S1: u_S2, S2: "if(on_A, u_A, u_S1)"}'),
    _one("treated-utility-in-both", SICK, "A also helps the sicker", _UTILITIES,
         'states: {H: u_H, S1: "if(on_A, u_A, u_S1)", S2: "if(on_A, u_A, u_S2)"}'),
    _one("minus-for-plus", SICK, "the treatment is taken off the costs",
         "S1: c_S1 + c_treatment", "S1: c_S1 - c_treatment"),
    _one("one-price-for-both", SICK, "B has the price of A", "c_A * on_A + c_B * on_B",
         "c_A * on_A + c_A * on_B"),
    _one("dying-from-one-state", RESIDENCE, "dying costs something in one state only",
         '"* -> D": c_dying', '"S2 -> D": c_dying'),
    _one("year-in-a-day", MIGRAINE, "a utility is not divided by the days of a year",
         "qaly: u_recurrence / 365", "qaly: u_recurrence"),
    _one("wrong-branch", MIGRAINE, "those who are relieved pay the admission",
         "pays: {qaly: u_department / 365}", "pays: {cost: c_admission, qaly: u_department / 365}"),
    _one("drug-paid-once", MIGRAINE, "the second dose is free",
         "pays: {cost: c_drug, qaly: u_recurrence / 365}", "pays: {qaly: u_recurrence / 365}"),
)  # fmt: skip

_ARMS = (
    _one("effect-on-the-wrong-arm", SICK, "the effect of B is given to A",
         "if(on_B, hr_B, 1)", "if(on_A, hr_B, 1)"),
    Fault("effect-on-recovery", SICK, "the ratio of getting sicker acts on recovery",
          (("p_S1H: probability(r_S1H)", "p_S1H: probability(r_S1H * if(on_B, hr_B, 1))"),
           ("p_S1S2: probability(r_S1S2 * if(on_B, hr_B, 1))", "p_S1S2: probability(r_S1S2)"))),
    _one("arm-not-treated", SICK, "both treatments lack B", "{soc: 0, a: 0, b: 1, ab: 1}",
         "{soc: 0, a: 0, b: 1, ab: 0}"),
    _one("comparator-treated", SICK, "standard of care is treated with A",
         "{soc: 0, a: 1, b: 0, ab: 1}", "{soc: 1, a: 1, b: 0, ab: 1}"),
    _one("arms-swapped", HIV, "the one drug is given to the other arm",
         "by_strategy: {mono: 0, combined: 1}", "by_strategy: {mono: 1, combined: 0}"),
    _one("prices-swapped", HIP, "each prosthesis has the price of the other",
         "{standard: c_standard, np1: c_np1}", "{standard: c_np1, np1: c_standard}"),
    _one("effect-without-cost", HIV, "the second drug acts for ever and is paid for two years",
         "factor: if(lamivudine, rr, 1)", "factor: if(combined, rr, 1)"),
    _one("cost-without-effect", HIV, "the second drug is paid for ever and acts for two years",
         "c_lamivudine * lamivudine", "c_lamivudine * combined"),
    _one("late-effect", HIV, "the second drug begins after the second year",
         "combined * (cycle <= 2)", "combined * (cycle > 2)"),
)  # fmt: skip

_SETTINGS = (
    _one("effects-undiscounted", SICK, "effects are not discounted",
         "discount: {costs: 0.03, effects: 0.03}", "discount: {costs: 0.03, effects: 0}"),
    _one("rate-times-ten", SICK, "30 % in place of 3 %",
         "discount: {costs: 0.03, effects: 0.03}", "discount: {costs: 0.3, effects: 0.3}"),
    _one("effects-at-the-rate-of-costs", HIP, "QALYs take the rate of costs",
         "unit: QALY, discount: effects", "unit: QALY, discount: costs"),
    _one("short-horizon", SICK, "ten years in place of a life", "cycles: 75", "cycles: 10"),
    _one("month-for-a-year", SICK, "the cycle became a month, and nothing else", "cycle: 1 year",
         "cycle: 1 month"),
    Fault("yearly-chances-by-month", HIP, "chances of a year in cycles of a month",
          (("cycles: 60", "cycles: 720"), ("cycle: 1 year", "cycle: 1 month"))),
    _one("every-point-whole", SICK, "one cycle too many is counted", "within_cycle: darth",
         "within_cycle: both"),
    _one("half-a-prosthesis", HIP, "the half-cycle correction halves what is paid once",
         "within_cycle: begin", "within_cycle: half-cycle"),
    _one("decision-swapped", SICK, "costs and effects have changed places",
         "decision: {cost: cost, effect: qaly}", "decision: {cost: qaly, effect: cost}"),
)  # fmt: skip

FAULTS: tuple[Fault, ...] = (*_VALUES, *_DRAWN, *_FLOWS, *_PAID, *_ARMS, *_SETTINGS)
