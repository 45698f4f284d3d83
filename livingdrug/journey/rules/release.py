"""REL: from test results to the decision of quality, and no unreleased product on the road."""

from __future__ import annotations

from livingdrug.journey import events as e
from livingdrug.journey.limits import latest, limits_of, missed, same_unit, untested
from livingdrug.journey.rules import words
from livingdrug.journey.rules.base import Act, rule
from livingdrug.journey.state import Journey, Product, find
from livingdrug.network import ask
from livingdrug.therapy.schema import Therapy

SPECIFICATION = "The release specification of the therapy file, for the product, the country and the day"


@rule(
    "REL-001",
    on=(e.ReleaseTested,),
    why="A result of a test nobody asked for, or in another unit, is compared with the wrong limit.",
    source=SPECIFICATION,
    example='Viability is entered as 85 "%", and the specification is a share of 1.',
)
def results_fit_the_specification(act: Act[e.ReleaseTested]) -> str | None:
    """A result is of a test of the specification, in its unit, and can be true."""
    event, limits = act.event, limits_of(act.therapy, act.jurisdiction, act.journey)
    if event.test not in limits:
        return f"{event.test!r} is no release test of {act.therapy.name}; it has: {', '.join(limits)}"
    wanted = limits[event.test].unit
    if not same_unit(event.unit, wanted):
        return f"its unit is {event.unit!r}, and the specification is in {wanted!r}; convert the result"
    if event.value < 0 or (event.test in SHARES and event.value > 1):
        return (
            f"a {event.test} of {event.value:g} cannot be; give it as a share from 0 to 1"
            if event.test in SHARES
            else (f"a {event.test} of {event.value:g} cannot be; it is 0 or more")
        )
    return None


SHARES = ("viability", "transduced")


@rule(
    "REL-002",
    on=(e.ReleaseTested,),
    why="Testing until it fits is not testing. A result stands until a laboratory error is shown.",
    source="FDA guidance on out-of-specification results (2022); 21 CFR 211.192",
    example="A second viability is entered because the first one was 0.78.",
)
def a_retest_follows_an_invalidated_result(act: Act[e.ReleaseTested]) -> str | None:
    """A test is repeated only after its result was invalidated, and says that it is a retest."""
    product = find(act.journey.products, act.event.product)
    if product is None:
        return None
    earlier = [each for each in product.results if each.test == act.event.test]
    if any(each.valid for each in earlier):
        return f"there is a result of {act.event.test} already; invalidate it, with a reason, before a retest"
    if bool(earlier) != act.event.retest:
        return "it is a retest and must say so" if earlier else "it says it is a retest, and there is no earlier result"
    return None


@rule(
    "REL-003",
    on=(e.ResultInvalidated,),
    why="A result is only set aside for an error that was found, not for what it says.",
    source="FDA guidance on out-of-specification results (2022)",
    example="A result is invalidated without a reason.",
)
def a_result_is_invalidated_for_a_reason(act: Act[e.ResultInvalidated]) -> str | None:
    """An invalidated result exists, counts, and is set aside for a reason that is written down."""
    product = find(act.journey.products, act.event.product)
    if product is None:
        return None
    fits = [each for each in product.results if each.position == act.event.position and each.test == act.event.test]
    if not fits or not fits[0].valid:
        return f"there is no valid result of {act.event.test} at position {act.event.position}"
    return None if act.event.reason.strip() else "it gives no reason; say which error was found"


@rule(
    "REL-004",
    on=(e.ProductReleased,),
    why="A product in specification has every test, and every test inside its limits.",
    source=SPECIFICATION,
    example="Released in specification with a viability of 0.78, where 0.80 is the limit.",
)
def released_in_specification_means_all_tests(act: Act[e.ProductReleased]) -> str | None:
    """A release in specification has every result, each inside its limits, and nothing pending."""
    product = find(act.journey.products, act.event.product)
    if product is None or act.event.release != "in specification":
        return None
    lacks, outside = untested(act.therapy, product), missed(act.therapy, act.jurisdiction, act.journey, product)
    if lacks:
        return f"there is no result of {', '.join(lacks)}; test, or release conditionally if only cultures are open"
    if outside:
        return f"{', '.join(outside)} missed the specification; it takes an exceptional release"
    return "nothing may be pending in a release in specification" if act.event.pending else None


@rule(
    "REL-005",
    on=(e.ProductReleased,),
    why="Cultures take two weeks that some patients do not have. Everything else can be known before.",
    source="21 CFR 610.12 and published practice: sterility negative to date, the final result after release",
    example="A conditional release while the viability is not known.",
)
def a_conditional_release_waits_only_for_cultures(act: Act[e.ProductReleased]) -> str | None:
    """A conditional release names what is pending: cultures only; all else is inside its limits."""
    product = find(act.journey.products, act.event.product)
    if product is None or act.event.release != "conditional":
        return None
    lacks, outside = untested(act.therapy, product), missed(act.therapy, act.jurisdiction, act.journey, product)
    if outside:
        return f"{', '.join(outside)} missed the specification; it takes an exceptional release"
    if sorted(lacks) != sorted(act.event.pending) or not lacks:
        pending, open_ones = ", ".join(act.event.pending) or "nothing", ", ".join(lacks) or "nothing"
        return f"pending is {pending}, and without a result is {open_ones}; name exactly that"
    late = [each for each in lacks if each not in words.CULTURES]
    return f"{late[0]} cannot be pending; only {words.listed(words.CULTURES)} can" if late else None


@rule(
    "REL-006",
    on=(e.ProductReleased,),
    why="A product that misses its specification can still be a patient's best chance: by a formal way, with open eyes.",
    source="The therapy file (out_of_specification): managed access or a single-patient protocol, at the physician's request",
    example="A lot with a viability of 0.72 is released because everybody agreed on the phone.",
)
def an_exceptional_release_has_every_paper(act: Act[e.ProductReleased]) -> str | None:
    """An exceptional release has the finding, the physician's request, the approval and the patient's consent to it."""
    product = find(act.journey.products, act.event.product)
    if product is None or act.event.release != words.EXCEPTIONAL:
        return None
    return exceptional_lacks(act.therapy, act.jurisdiction, act.journey, product)


def exceptional_lacks(therapy: Therapy, jurisdiction: str, journey: Journey, product: Product) -> str | None:
    """What an exceptional release lacks, or nothing. The gate asks this again."""
    outside, found = missed(therapy, jurisdiction, journey, product), latest(product)
    limits = limits_of(therapy, jurisdiction, journey)
    if not outside:
        return "every result is inside its limits; release it in specification"
    if lacks := untested(therapy, product):
        return f"there is no result of {', '.join(lacks)}; test first"
    if too_far := [each for each in outside if not limits[each].may_be_given(found[each].value)]:
        return f"{too_far[0]} of {found[too_far[0]].value:g} misses the specification by more than may be given; reject it"
    if set(product.missed) != set(outside):
        return f"quality has not stated that it misses {', '.join(outside)}; record the out-of-specification finding"
    if not product.requested:
        return "no physician has requested it; record the request"
    if not product.approved:
        return f"it is not approved ({therapy.out_of_specification.path}); record the approval"
    if words.OWN not in journey.consents:
        return f"the patient has not consented to an {words.OWN}; record the consent"
    return None


@rule(
    "REL-007",
    on=(e.ProductReleased,),
    why="Who made a product looks at it with the maker's eyes.",
    source="21 CFR 211.22 and EU GMP Annex 16: an independent quality unit decides",
    example="The operator who harvested the cells releases them in the evening.",
)
def the_releaser_did_not_make_it(act: Act[e.ProductReleased]) -> str | None:
    """Whoever releases a product has worked on none of its steps."""
    product = find(act.journey.products, act.event.product)
    run = find(act.journey.runs, product.run) if product else None
    if run is not None and act.event.by in run.operators:
        return f"{act.event.by} worked on the run {run.run}; somebody else releases it"
    return None


@rule(
    "REL-008",
    on=(e.ProductReleased,),
    why="European law names the person who answers for a batch.",
    source="Directive 2001/83/EC, article 51, and EU GMP Annex 16: certification by a qualified person",
    example="A product for Leipzig is released by a member of quality who is no qualified person.",
    jurisdiction="EU",
)
def a_qualified_person_releases(act: Act[e.ProductReleased]) -> str | None:
    """In the European Union a qualified person releases."""
    if ask.has_role(act.network, act.event.by, "qualified person", act.day):
        return None
    return f"{act.event.by} is no qualified person; let one certify the batch"


@rule(
    "REL-009",
    on=(e.ProductReleased, e.ExceptionalReleaseApproved),
    why="A rejection is final; cells do not become better by being looked at again.",
    source="21 CFR 211.110(c) and 211.165(f): rejected products are quarantined and not used",
    example="A rejected product is released to make up for a lost week.",
)
def rejected_stays_rejected(act: Act[e.ProductReleased | e.ExceptionalReleaseApproved]) -> str | None:
    """A rejected product is never released, and a release is given once."""
    product = find(act.journey.products, act.event.product)
    if product is None:
        return None
    if product.rejected:
        return f"{product.product} was rejected (position {product.rejected}); make a new one"
    expected = product.release == "conditional" and not product.pending and isinstance(act.event, e.ProductReleased)
    if product.released and not expected and isinstance(act.event, e.ProductReleased):
        return f"{product.product} was released already (position {product.released})"
    return None


@rule(
    "REL-010",
    on=(e.Shipped,),
    why="A product on the road is out of the hands of those who would stop it.",
    source="21 CFR 211.142 and 601.2: no distribution before release",
    example="The courier comes at five, so the product leaves before quality has signed.",
)
def no_unreleased_product_is_shipped(act: Act[e.Shipped]) -> str | None:
    """A product is shipped only after its release, and as what it was released."""
    for item in act.event.items:
        product = find(act.journey.products, item)
        if product is None:
            continue
        if not product.released or product.rejected:
            return f"{item} is {'rejected' if product.rejected else 'not released'}; it stays where it is"
        right = "conditional" if product.release == "conditional" else "released"
        if act.event.status != right:
            return f"its status is {act.event.status!r}, and the product is {right}; say so on the parcel"
    return None


@rule(
    "REL-011",
    on=(e.OutOfSpecificationFound,),
    why="The finding is what the results say, no more and no less.",
    source=SPECIFICATION,
    example="Quality states a missed viability, and the result was 0.85.",
)
def the_finding_is_what_the_results_say(act: Act[e.OutOfSpecificationFound]) -> str | None:
    """The tests that a finding names are those that missed their limits."""
    product = find(act.journey.products, act.event.product)
    if product is None:
        return None
    outside = missed(act.therapy, act.jurisdiction, act.journey, product)
    if set(outside) == set(act.event.tests) and outside:
        return None
    return f"outside the limits: {', '.join(outside) or 'nothing'}; name exactly these tests"


@rule(
    "REL-012",
    on=(e.ExceptionalReleaseRequested, e.ExceptionalReleaseApproved),
    why="First it is known what is missed, then somebody asks, then somebody approves.",
    source="The therapy file (out_of_specification)",
    example="An approval is filed for a product that nobody asked for.",
)
def exceptional_papers_come_in_order(
    act: Act[e.ExceptionalReleaseRequested | e.ExceptionalReleaseApproved],
) -> str | None:
    """A request follows the finding, and an approval with its reference follows the request."""
    product = find(act.journey.products, act.event.product)
    if product is None:
        return None
    if not product.missed:
        return "quality has not stated what the product misses; record the finding first"
    if isinstance(act.event, e.ExceptionalReleaseRequested):
        return None if act.event.reason.strip() else "it gives no reason; say why the benefit outweighs the risk"
    if not product.requested:
        return "no physician has requested it; record the request first"
    return None if act.event.reference.strip() else "it has no reference; give the number of the approval"
