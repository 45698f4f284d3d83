"""What acts are called on buttons, in which group they stand, where they are done, and which come first at each stage."""

from __future__ import annotations

__all__ = ["AT_THE_GATE", "GROUPS", "LIKELY", "WHERE", "verb"]

GROUPS: dict[str, dict[str, str]] = {
    "Before collection": {
        "described": "Describe the patient",
        "eligibility assessed": "Assess eligibility",
        "consent given": "Record consent",
        "consent withdrawn": "Withdraw consent",
        "coverage authorized": "Authorize coverage",
        "coverage denied": "Deny coverage",
        "ordered": "Order the therapy",
        "chain issued": "Issue the chain of identity",
        "slot held": "Hold a place",
        "slot booked": "Book a place",
        "slot released": "Give a place back",
    },
    "Cells and custody": {
        "collected": "Collect",
        "collection accepted": "Accept the collection",
        "collection rejected": "Reject the collection",
        "handed over": "Hand over",
        "shipped": "Ship",
        "received": "Receive",
        "stored": "Store",
        "temperature logged": "Log temperatures",
        "mismatch found": "Report a mismatch",
        "deviation opened": "Open a deviation",
        "deviation closed": "Close a deviation",
    },
    "Manufacture and release": {
        "manufacture started": "Start a run",
        "step finished": "Finish a step",
        "in-process tested": "Record an in-process result",
        "manufacture finished": "Finish the run",
        "manufacture failed": "End the run without a product",
        "release tested": "Record a release test",
        "result invalidated": "Invalidate a result",
        "out of specification": "State out of specification",
        "exceptional release requested": "Ask for exceptional release",
        "exceptional release approved": "Approve exceptional release",
        "released": "Release the product",
        "rejected": "Reject the product",
    },
    "Patient": {
        "bridging given": "Record bridging",
        "contraindication found": "Report a contraindication",
        "contraindication resolved": "Resolve a contraindication",
        "lymphodepletion started": "Start lymphodepletion",
        "lymphodepletion finished": "Finish lymphodepletion",
        "tocilizumab reserved": "Reserve tocilizumab",
        "gate passed": "Go to the gate",
        "thawed": "Thaw",
        "infused": "Infuse",
        "not infused": "End without infusion",
    },
    "Bedside": {
        "admitted": "Admit",
        "discharged": "Discharge",
        "vitals charted": "Chart vitals",
        "neurology assessed": "Assess neurology",
        "tocilizumab given": "Give tocilizumab",
        "steroids given": "Give steroids",
        "dialysis started": "Start dialysis",
        "intensive care entered": "Enter intensive care",
        "intensive care left": "Leave intensive care",
        "adverse event": "Report an adverse event",
        "laboratory reported": "Report laboratory values",
        "exposure reported": "Report exposure",
        "grade overridden": "Override a grade",
    },
    "Response and after": {
        "response assessed": "Assess the response",
        "b cells recovered": "Record B-cell recovery",
        "relapsed": "Record a relapse",
        "further therapy given": "Record further therapy",
        "seen": "Record a visit",
        "died": "Record the death",
        "milestone settled": "Settle a milestone",
        "milestone disputed": "Dispute a milestone",
    },
    "Record": {
        "overridden": "Override a rule",
    },
}
"""Every act that has a form, by the stored name of its event."""

VERBS = {event: words for group in GROUPS.values() for event, words in group.items()}

WHERE = {
    **dict.fromkeys(("collected", "handed over", "shipped", "received", "stored", "temperature logged"), "custody"),
    **dict.fromkeys(("manufacture started", "step finished", "manufacture finished", "manufacture failed"), "manufacture"),
    **dict.fromkeys(("release tested", "out of specification", "released"), "release"),
    **dict.fromkeys(("gate passed", "thawed", "infused"), "gate"),
    **dict.fromkeys(("vitals charted", "neurology assessed", "tocilizumab given"), "bedside"),
    "response assessed": "response",
}
"""Acts that are done on a page of their own."""

AT_THE_GATE = tuple(event for event, page in WHERE.items() if page == "gate")
"""Acts that have no other form: there is one way to infuse."""

LIKELY = {
    "referred": ("described", "eligibility assessed", "consent given"),
    "eligible": ("consent given", "coverage authorized"),
    "authorized": ("ordered", "consent given"),
    "ordered": ("chain issued", "slot held", "slot booked", "collected"),
    "collected": ("handed over", "shipped", "received", "collection accepted"),
    "accepted": ("manufacture started",),
    "in manufacture": ("step finished", "manufacture finished", "in-process tested"),
    "manufactured": ("release tested", "released"),
    "released": ("handed over", "shipped", "received", "stored", "slot held"),
    "on site": ("lymphodepletion started", "tocilizumab reserved", "bridging given"),
    "lymphodepletion": ("lymphodepletion finished", "tocilizumab reserved", "gate passed"),
    "gate passed": ("thawed", "infused"),
    "infused": ("vitals charted", "neurology assessed", "tocilizumab given", "response assessed"),
    "response assessed": ("response assessed", "seen", "b cells recovered", "relapsed"),
    "relapsed": ("further therapy given", "seen"),
    "ended": ("seen",),
}
"""Stage → what usually comes next, in this order."""


def verb(event: str) -> str:
    """What an act is called on a button."""
    return VERBS.get(event, event.capitalize())
