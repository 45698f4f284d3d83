"""Every number a population file must state: its key, unit, the values it may take, and what it means.

Kinds: "share" lies between 0 and 1, "positive" is above 0, "any" is any finite number.
"""

from typing import NamedTuple

__all__ = ["KNOWN", "Known"]


class Known(NamedTuple):
    """One number of a population: unit of `units.py`, kind of value, and meaning."""

    unit: str
    kind: str
    about: str


TABLE = """
patient.age_lowest | years | any | youngest age
patient.age_highest | years | positive | oldest age
patient.age_median | years | positive | median age
patient.age_spread | 1 | positive | spread of age on the logit scale
patient.weight_spread | 1 | positive | log-SD of weight around the median for age
patient.female | 1 | share | share of female patients
patient.down_syndrome | 1 | share | share with Down syndrome
patient.prior_transplant | 1 | share | share with a prior allogeneic transplant
patient.prior_lines_mean | 1 | positive | mean number of prior lines, at least 1
patient.burden_undetectable | 1 | share | share of patients without detectable disease at enrollment
patient.burden_below_5 | 1 | share | share with less than 5 % blasts
patient.burden_5_to_50 | 1 | share | share with 5 to 50 % blasts
patient.burden_above_50 | 1 | share | share with 50 % blasts or more
patient.blasts_lowest | 1 | positive | smallest burden of a patient without detectable disease
patient.burden_packed | 1 | positive | exponent that packs burdens above 50 % towards full marrow
patient.lymphocytes_median | cells/uL | positive | lymphocytes before collection
patient.lymphocytes_spread | 1 | positive | their log-SD
patient.fitness_per_line | 1 | any | fitness lost per prior line beyond three, in SD
patient.low_fitness | 1 | share | share whose cells expand and persist poorly
tumor.capacity | cells | positive | tumor cells of a full compartment (for leukemia: the marrow)
tumor.growth_median | 1/day | positive | growth rate of the tumor
tumor.growth_spread | 1 | positive | its log-SD
tumor.negative_share | 1 | share | patients with 50 % blasts who have an antigen-negative clone at enrollment
tumor.negative_decades | 1 | positive | the clone's size is log-uniform from 1 cell to this power of ten
tumor.protected_share | 1 | share | part of the tumor that is reached less well
tumor.protected_spread | 1 | positive | its log-SD between patients
tumor.protected_reach | 1 | share | killing of that part relative to the rest
tumor.reach_spread | 1 | positive | its log-SD between patients
tumor.extinction_mean | cells | positive | mean of the exponential number of cells below which a tumor dies out
collection.cd3_share | 1 | share | T cells among lymphocytes
collection.efficiency_median | 1 | share | T cells collected of those processed
collection.efficiency_spread | 1 | positive | its log-SD
manufacture.slot_median | day | positive | from accepted collection to the start of manufacture, shipping included
manufacture.slot_spread | 1 | positive | its log-SD
manufacture.duration_spread | 1 | positive | log-SD of the duration of a run
manufacture.growth_median | 1 | positive | fold expansion in culture
manufacture.growth_spread | 1 | positive | its log-SD between runs
manufacture.growth_fitness | 1 | any | log fold per SD of fitness
manufacture.growth_low_fitness | 1 | positive | factor on the fold of low-fitness cells
manufacture.multiplicity_median | 1 | positive | vector copies per cell offered and taken up
manufacture.multiplicity_spread | 1 | positive | its log-SD
manufacture.viability_median | 1 | share | viable share of the product
manufacture.viability_spread | 1 | positive | its spread on the logit scale
manufacture.other_failure | 1 | share | runs that fail sterility, mycoplasma, virus or potency tests
dose.spread | 1 | positive | log-SD of the formulated around the intended dose
waiting.ready_median | day | positive | from release until the center begins lymphodepletion
waiting.ready_spread | 1 | positive | its log-SD
waiting.rest_power | 1 | positive | exponent that pulls the rest after lymphodepletion to the start of its window
waiting.bridging_share | 1 | share | patients who get bridging therapy
waiting.bridging_kill | 1/day | positive | growth rate that bridging takes away
waiting.bridging_spread | 1 | positive | its log-SD
waiting.hazard | 1/day | positive | loss while waiting without tumor
waiting.hazard_burden | 1/day | positive | additional loss with a full compartment
waiting.death_share | 1 | share | deaths among those lost while waiting
lymphodepletion.fludarabine_auc_median | mg*h/L | positive | cumulative fludarabine exposure
lymphodepletion.fludarabine_auc_spread | 1 | positive | its log-SD
lymphodepletion.kill_median | 1 | positive | natural log of the tumor kill by lymphodepletion
lymphodepletion.kill_spread | 1 | positive | its log-SD
course.f_eng | 1 | share | share of the dose that engrafts
course.f_eng_spread | 1 | positive | its log-SD
course.rho | 1/day | positive | expansion at full antigen
course.rho_fitness | 1 | any | log growth per SD of fitness
course.rho_fludarabine | 1 | any | exponent of fludarabine exposure on growth
course.kap | 1/day | positive | largest killing rate
course.kap_fitness | 1 | any | log killing per SD of fitness
course.kap_spread | 1 | positive | its own log-SD
course.tau_r | day | positive | age at which the product's expansion halves
course.K_Ag | cells | positive | antigen load at half signal
course.K_C | cells | positive | CAR-T capacity
course.K_C_spread | 1 | positive | its log-SD
course.alpha | 1/day | positive | contraction
course.alpha_spread | 1 | positive | its log-SD
course.FB | 1 | share | share that becomes memory
course.FB_spread | 1 | positive | its log-SD
course.FB_fludarabine | 1 | any | exponent of fludarabine exposure on memory
course.FB_fitness | 1 | any | log memory share per SD of fitness
course.beta | 1/day | positive | loss of memory
course.beta_spread | 1 | positive | its log-SD
course.k_EX | 1/day | positive | exhaustion
course.k_EX_spread | 1 | positive | its log-SD
course.K_E | cells | positive | CAR-T cells at half killing
course.K_E_spread | 1 | positive | its log-SD
course.m_M | 1 | positive | killing by memory relative to effector cells
course.C50P | cells | positive | CAR-T cells that halve the renewal of healthy antigen-bearing cells
course.C50P_spread | 1 | positive | its log-SD
course.B0 | cells | positive | healthy antigen-bearing cells after lymphodepletion
course.B_ss | cells | positive | the same in health
course.S_q | copies/ug_DNA/cells | positive | transgene signal per CAR-T cell
course.S_q_spread | 1 | positive | its log-SD
course.p_IFN | pg/mL/day/cells | positive | IFN-γ per effector cell
course.p_IFN_spread | 1 | positive | its log-SD
course.p_IL6 | pg/mL/day | positive | IL-6 per unit of macrophage activation
course.p_IL6_spread | 1 | positive | its log-SD
course.w_D | 1 | share | share of macrophage activation by dying target cells
course.R_ref | cells/day | positive | dying target cells of unit activation
course.A_ref | cells | positive | engaged CAR-T cells of unit activation
course.k_Phi | 1/day | positive | activation of macrophages
course.d_Phi | 1/day | positive | their deactivation
course.w_I | 1 | share | share of the organ drive that needs no IL-6 receptor
course.w_I_spread | 1 | positive | its log-SD
course.k_R | 1/day | positive | organs following inflammation
course.k_N | 1/day | positive | nervous system following inflammation
course.low_kap | 1 | positive | factor on killing of low-fitness cells
course.low_alpha | 1 | positive | factor on their contraction
course.low_tau_r | 1 | positive | factor on the age at which their expansion halves
course.low_k_EX | 1 | positive | factor on their exhaustion
toxicity.frailty_spread | 1 | positive | log-SD of what moves all levels of need of a patient
toxicity.fever | pg/mL | positive | inflammation at 38 °C in the median patient
toxicity.fever_spread | 1 | positive | its own log-SD
toxicity.fluids | pg/mL | positive | organ response at which the median patient needs fluids
toxicity.fluids_spread | 1 | positive | its own log-SD
toxicity.low_dose_step | 1 | positive | log step from fluids to low-dose vasopressor
toxicity.high_dose_step | 1 | positive | log step on to high-dose vasopressor
toxicity.several_step | 1 | positive | log step on to several vasopressors
toxicity.oxygen | pg/mL | positive | organ response at which the median patient needs oxygen
toxicity.oxygen_spread | 1 | positive | its own log-SD
toxicity.high_flow_step | 1 | positive | log step from low to high flow
toxicity.positive_pressure_step | 1 | positive | log step on to positive pressure
toxicity.ventilator_step | 1 | positive | log step on to a ventilator
toxicity.intensive_care_step | 1 | any | log step from fluids to admission to intensive care
toxicity.intensive_care_after | day | positive | days in intensive care after the last need for it
toxicity.kidney | pg/mL | positive | organ response at which the median patient needs dialysis
toxicity.kidney_spread | 1 | positive | its own log-SD
toxicity.neurotoxicity | 1 | positive | neurological drive at the first sign in the median patient
toxicity.neurotoxicity_spread | 1 | positive | its own log-SD
toxicity.neurotoxicity_2_step | 1 | positive | log step to grade 2
toxicity.neurotoxicity_3_step | 1 | positive | log step on to grade 3
toxicity.neurotoxicity_4_step | 1 | positive | log step on to grade 4
toxicity.death_hazard | 1/day | positive | risk of death per day on a ventilator or several vasopressors
counts.neutrophils_median | day | positive | neutrophils above 1,000/µL for good
counts.neutrophils_spread | 1 | positive | its log-SD
counts.platelets_median | day | positive | platelets above 50,000/µL for good
counts.platelets_spread | 1 | positive | its log-SD
counts.shared | 1 | share | correlation of each recovery with the marrow that both share
counts.platelets_full | 1 | positive | factor from there to 100,000/µL
counts.burden | 1 | any | log delay per decade of burden
counts.inflammation | 1 | any | log delay per decade of ferritin
counts.ferritin_reference | ng/mL | positive | ferritin peak without delay
response.globulin_days | day | positive | aplasia of this length lowers immunoglobulins
after.failure_day | day | positive | day on which failure to respond is acted on
after.other_before_failure | 1 | share | patients without remission who get other therapy before failure is recorded
after.transplant_share | 1 | share | patients in remission meant for transplant
after.transplant_median | day | positive | day of that transplant
after.transplant_spread | 1 | positive | its log-SD
after.transplant_cures | 1 | share | transplants after which the tumor does not return
after.transplant_death | 1 | share | deaths from transplant
after.transplant_death_within | day | positive | days after transplant over which those deaths are spread
after.other_share | 1 | share | patients in remission who get other therapy
after.other_median | day | positive | day of that therapy
after.other_spread | 1 | positive | its log-SD
after.lineage_switch | 1 | share | antigen-negative relapses that are a lineage switch
after.rescued_share | 1 | share | patients rescued for good after failure or relapse
after.survival_median | day | positive | survival after failure of the others
after.survival_spread | 1 | positive | its log-SD
after.other_hazard | 1/year | positive | death from other causes
"""

KNOWN = {
    key: Known(unit, kind, about)
    for key, unit, kind, about in (tuple(part.strip() for part in line.split("|")) for line in TABLE.strip().splitlines())
}
