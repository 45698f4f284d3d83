"""All rules: importing this module registers them."""

from livingdrug.journey.rules import (
    collection,
    custody,
    depletion,
    general,
    infusion,
    manufacture,
    objects,
    payment,
    referral,
    release,
    response,
    safety,
)
from livingdrug.journey.rules.base import RULES, Act, Rule, Verdict, act_of, objections, rules_on

__all__ = ["RULES", "Act", "Rule", "Verdict", "act_of", "objections", "rules_on"]

assert all(
    (collection, custody, depletion, general, infusion, manufacture, objects, payment, referral, release, response, safety)
)
