"""Who may record what: the roles for every kind of event (21 CFR 11.10(d) and (g): authority to perform the act at hand)."""

from __future__ import annotations

from livingdrug.journey import events as e
from livingdrug.journey.kinds import Event

__all__ = ["ROLES", "TRAINED"]

WARD = ("physician", "bedside nurse")
PLANNING = ("coordinator", "physician", "operator", "collection nurse")
CUSTODY = ("collection nurse", "courier", "operator", "quality", "pharmacist", "bedside nurse", "physician")
ANYONE = (*CUSTODY, "coordinator")

ROLES: dict[type[Event], tuple[str, ...]] = {
    e.PatientReferred: ("coordinator", "physician"),
    e.BaselineDescribed: ("coordinator", *WARD),
    e.EligibilityAssessed: ("physician",),
    e.ConsentGiven: ("physician", "coordinator"),
    e.ConsentWithdrawn: ("physician", "coordinator"),
    e.CoverageAuthorized: ("payer", "coordinator"),
    e.CoverageDenied: ("payer", "coordinator"),
    e.TherapyOrdered: ("physician",),
    e.ChainIssued: ("coordinator", "quality"),
    e.SlotHeld: PLANNING,
    e.SlotBooked: PLANNING,
    e.SlotReleased: PLANNING,
    e.CellsCollected: ("collection nurse",),
    e.CollectionAccepted: ("quality",),
    e.CollectionRejected: ("quality",),
    e.HandedOver: CUSTODY,
    e.Shipped: CUSTODY,
    e.TemperatureLogged: CUSTODY,
    e.Received: CUSTODY,
    e.Stored: CUSTODY,
    e.MismatchFound: ANYONE,
    e.DeviationOpened: ANYONE,
    e.DeviationClosed: ("quality",),
    e.ManufactureStarted: ("operator",),
    e.StepFinished: ("operator",),
    e.InProcessTested: ("operator", "quality"),
    e.ManufactureFailed: ("operator", "quality"),
    e.ManufactureFinished: ("operator",),
    e.ReleaseTested: ("quality",),
    e.ResultInvalidated: ("quality",),
    e.OutOfSpecificationFound: ("quality",),
    e.ExceptionalReleaseRequested: ("physician",),
    e.ExceptionalReleaseApproved: ("quality",),
    e.ProductReleased: ("quality",),
    e.ProductRejected: ("quality",),
    e.BridgingGiven: WARD,
    e.ContraindicationFound: WARD,
    e.ContraindicationResolved: ("physician",),
    e.LymphodepletionStarted: WARD,
    e.LymphodepletionFinished: WARD,
    e.TocilizumabReserved: ("pharmacist",),
    e.ProductThawed: ("pharmacist", "bedside nurse"),
    e.GatePassed: ("physician",),
    e.ProductInfused: WARD,
    e.NotInfused: ("physician", "coordinator"),
    e.PatientAdmitted: WARD,
    e.PatientDischarged: WARD,
    e.VitalsCharted: WARD,
    e.NeurologyAssessed: WARD,
    e.TocilizumabGiven: WARD,
    e.SteroidsGiven: WARD,
    e.DialysisStarted: WARD,
    e.IntensiveCareEntered: WARD,
    e.IntensiveCareLeft: WARD,
    e.AdverseEventReported: (*WARD, "coordinator"),
    e.LaboratoryReported: (*WARD, "quality"),
    e.ExposureReported: ("physician", "quality"),
    e.GradeOverridden: ("physician",),
    e.ResponseAssessed: ("physician",),
    e.BCellsRecovered: ("physician",),
    e.Relapsed: ("physician",),
    e.FurtherTherapyGiven: ("physician",),
    e.PatientSeen: ("physician", "coordinator"),
    e.Died: ("physician", "coordinator"),
    e.MilestoneSettled: ("payer",),
    e.MilestoneDisputed: ("payer",),
    e.Corrected: ("quality", "physician", "coordinator"),
    e.Overridden: ("physician", "quality"),
    e.Signed: ("payer", *ANYONE),
}
"""A missing kind is a kind that nobody may record; a test holds that there is none."""

TRAINED: tuple[type[Event], ...] = (
    e.TherapyOrdered,
    e.CellsCollected,
    e.ManufactureStarted,
    e.StepFinished,
    e.ManufactureFinished,
    e.ProductReleased,
    e.ProductThawed,
    e.TocilizumabGiven,
)
"""Tasks that need current training with the therapy (21 CFR 11.10(i)); the gate asks for the physician's by itself."""
