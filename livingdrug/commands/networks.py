"""`livingdrug networks`: the library of networks, and how centers stand on a day; `show` prints a network whole from here."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from livingdrug.errors import BadInput, UnknownName

if TYPE_CHECKING:
    from livingdrug.network.renewals import Standing
    from livingdrug.network.schema import Certificate, Network, Person, Training

__all__ = ["networks", "print_network"]

COLUMNS = ("name", "title", "centers", "sites", "payers", "from")
SOON = 90
"""Days before the end when a renewal is due."""


def networks(
    network: str | None = None,
    /,
    *,
    on: str | None = None,
    therapy: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> None:
    """List the networks; with a name, how each of its centers stands on a day, and what is to be renewed within 90 days.

    Parameters
    ----------
    network
        A network of the library, or the path of a network file (….toml).
    on
        The day, as 2019-03-01; without it, today.
    therapy
        The therapy; without it, every therapy that the network manufactures.
    as_json
        Print one JSON array instead of tables.
    """
    if network is None:
        if on or therapy:
            raise BadInput.at("--on, --therapy", "need a network; write livingdrug networks NAME --on 2019-03-01")
        _print_list(as_json)
        return
    from livingdrug.network.load import load

    found = load(network)
    day = _day(on) if on else date.today()
    shown = {each: _standings(found, each, day) for each in _chosen(found, therapy)}
    if as_json:
        print(json.dumps([_as_object(name, each) for name, rows in shown.items() for each in rows], indent=2))
        return
    for name, rows in shown.items():
        _print_standings(name, day, rows)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput.at("--on", f"{text!r} is not a day; write one as 2019-03-01") from error


def _made(network: Network) -> list[str]:
    """The therapies that the sites of a network make."""
    return list(dict.fromkeys(name for site in network.sites for name in site.therapies))


def _chosen(network: Network, therapy: str | None) -> list[str]:
    made = _made(network)
    if therapy and therapy not in made:
        raise UnknownName.among("therapy", therapy, made, where="--therapy")
    return [therapy] if therapy else made


# The list -------------------------------------------------------------------------------------------------------------


def _print_list(as_json: bool) -> None:
    from livingdrug.network.load import names

    rows = [_in_brief(name) for name in names()]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from livingdrug.commands.tables import print_table

    cells = [tuple(str(row[column]) for column in COLUMNS) for row in rows]
    print_table(COLUMNS, cells, right=("centers", "sites", "payers"))
    print("\nlivingdrug show NAME prints a network whole; livingdrug networks NAME --on DAY how its centers stand that day.")


def _in_brief(name: str) -> dict[str, Any]:
    from livingdrug.network.load import load

    found = load(name)
    begins = [each.valid_from for center in found.centers for each in center.certificates if each.therapy]
    return {
        "name": name,
        "title": found.title,
        "centers": len(found.centers),
        "sites": len(found.sites),
        "lanes": len(found.lanes),
        "payers": len(found.payers),
        "from": str(min(begins, default="")),
        "therapies": _made(found),
    }


# One network on a day -------------------------------------------------------------------------------------------------


def _standings(network: Network, therapy: str, on: date) -> list[Standing]:
    from livingdrug.network.renewals import standing

    return [standing(network, center, therapy, on, SOON) for center in network.centers]


def _as_object(therapy: str, each: Standing) -> dict[str, Any]:
    return {
        "therapy": therapy,
        "center": each.center,
        "certificates": {kind: last and str(last) for kind, last in each.certificates.items()},
        "trained": {role: {"trained": able, "staff": staff} for role, (able, staff) in each.trained.items()},
        "lacking": list(each.lacking),
        "ending": {what: str(last) for what, last in each.ending},
    }


def _print_standings(therapy: str, on: date, rows: list[Standing]) -> None:
    from livingdrug.commands.tables import print_table

    cells = [
        (
            each.center,
            *(_until(each, kind) for kind in ("REMS", "manufacturer")),
            _accreditation(each),
            "/".join(map(str, each.trained.get("physician", (0, 0)))),
            "/".join(str(sum(pair[i] for pair in each.trained.values())) for i in (0, 1)),
            "; ".join(each.lacking) or "–",
            "; ".join(f"{what} {last}" for what, last in each.ending) or "–",
        )
        for each in rows
    ]
    columns = ("center", "REMS", "manufacturer", "accredited", "physicians", "staff", "why", "when")
    print_table(columns, cells, right=("physicians", "staff"), title=f"{therapy} on {on}")
    print(
        f"\nCertificates by the last day without a gap; physicians and staff trained of all who work there; why something "
        f"is not valid that day; when something ends within {SOON} days and is not renewed."
    )


def _until(each: Standing, kind: str) -> str:
    return str(each.certificates[kind] or "open") if kind in each.certificates else "no"


def _accreditation(each: Standing) -> str:
    held = [f"{kind} {_until(each, kind)}" for kind in ("FACT", "JACIE") if kind in each.certificates]
    return ", ".join(held) or "no"


# One network whole ----------------------------------------------------------------------------------------------------


def print_network(network: Network) -> None:
    """Everything that a network states, patterns written out."""
    from livingdrug.commands.tables import print_table

    print(network.title)
    if network.deviations:
        print("\nAssumptions and deviations\n")
    for each in network.deviations:
        print(f"  - {each}")
    _print_places(network)
    _print_certificates(network)
    _print_people(network)
    _print_lanes(network)
    rows = [(each.id, each.title, each.country, each.kind) for each in network.payers]
    print_table(("id", "title", "country", "kind"), rows, title="Payers [payers]")
    print_table(("key", "source"), list(network.sources.items()), title="Sources")


def _print_places(network: Network) -> None:
    from livingdrug.commands.tables import print_table

    columns = ("id", "title", "city", "rules", "time zone", "values", "source")
    for head, places in (("Centers [centers]", network.centers), ("Sites [sites]", network.sites)):
        rows = [
            (
                each.id,
                each.title,
                f"{each.city}, {each.country}",
                each.jurisdiction,
                each.timezone,
                _treats(each),
                _sourced(each),
            )
            for each in places
        ]
        print_table(columns, rows, title=head)


def _treats(place: Any) -> str:
    """What a place is for: whom a center treats, what a site makes."""
    return ", ".join(place.therapies) if hasattr(place, "therapies") else "children" if place.pediatric else "adults"


def _sourced(stated: Any) -> str:
    return stated.source + ("" if stated.confirmed else ", unconfirmed")


def _print_certificates(network: Network) -> None:
    from livingdrug.commands.tables import print_table

    rows = [_certified(place.id, each) for place in (*network.centers, *network.sites) for each in place.certificates]
    columns = ("place", "kind", "therapy", "number", "first day", "last day", "revoked", "source")
    print_table(columns, rows, title="Certificates")


def _certified(place: str, each: Certificate) -> tuple[str, ...]:
    days = (str(each.valid_from), str(each.valid_until or "open"), str(each.revoked or ""))
    return (place, each.kind, each.therapy or "all", each.number, *days, _sourced(each))


def _print_people(network: Network) -> None:
    from livingdrug.commands.tables import print_table
    from livingdrug.network.schema import people

    rows = [(where, each.id, ", ".join(each.roles), _trainings(each)) for where, each in people(network)]
    print_table(("place", "person", "roles", "values"), rows, title="Staff, with training and its last day")


def _trainings(someone: Person) -> str:
    says = "; ".join(map(_training, someone.training)) or "no training"
    return f"{says}; last day of work {someone.until}" if someone.until else says


def _training(each: Training) -> str:
    return f"{each.therapy or 'all'} {each.valid_from} to {each.valid_until or 'open'}"


def _print_lanes(network: Network) -> None:
    from livingdrug.commands.tables import print_table, shown

    rows = [
        (
            each.id,
            each.mode,
            shown(each.hours.value),
            shown(each.hours_maximum.value),
            each.shipper,
            _sourced(each.hours),
        )
        for each in network.lanes
    ]
    columns = ("lane", "mode", "hours", "at most", "shipper", "source")
    print_table(columns, rows, right=("hours", "at most"), title="Lanes [lanes]")
