"""docs/performance.md and its picture, from the measurements `engine.py` stored: `python benchmarks/page.py`."""

import json
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

ROOT = Path(__file__).parent.parent
STORED = ROOT / "benchmarks" / "engine.json"
PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "images" / "performance.svg"
WANTED = 1e-5
COLORS = {
    "livingdrug": "#003f6b",
    "SciPy odeint": "#c8590a",
    "SciPy solve_ivp LSODA": "#8a6d00",
    "libRoadRunner (CVODE)": "#5b2a86",
    "diffrax Kvaerno5 vmap": "#4a4a4a",
}
Row = dict[str, Any]


def best(rows: list[Row], model: str, program: str, keeps: str = "every day", threads: int = 1) -> Row | None:
    """The fastest run of a program whose error is not above the one wanted."""
    good = [
        row
        for row in rows
        if (row["model"], row["program"], row["keeps"], row["threads"]) == (model, program, keeps, threads)
        and row["error"] <= WANTED
    ]
    return max(good, key=lambda row: row["per_second"], default=None)


def at_equal_error(rows: list[Row], models: list[str]) -> list[str]:
    """A table per model: what each program needs for the same error; one that never gets there shows its most exact run."""
    lines = [
        "| model | program | rtol | largest error | patients/s, one thread | livingdrug is |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for model in models:
        ours = best(rows, model, "livingdrug")
        assert ours, "livingdrug reaches the wanted error at some tolerance"
        for program in COLORS:
            tried = [row for row in rows if (row["model"], row["program"]) == (model, program)]
            if not tried:
                continue
            run = best(rows, model, program) or min(tried, key=lambda row: row["error"])
            more = "" if run["error"] <= WANTED else "more than "
            ratio = "" if run is ours else f"{more}{ours['per_second'] / run['per_second']:,.0f} ×"
            facts = f"{run['rtol']:.0e} | {run['error']:.0e} | {run['per_second']:,.0f} | {ratio}"
            lines.append(f"| {model} | {program} | {facts} |")
    return lines


def what_is_kept(rows: list[Row], models: list[str]) -> list[str]:
    lines = ["| model | kept | one thread, patients/s | two threads, patients/s | ratio |", "|---|---|---:|---:|---:|"]
    for model in models:
        for keeps in ("every day", "summaries", "the end"):
            one, two = (best(rows, model, "livingdrug", keeps, threads) for threads in (1, 2))
            if one and two:
                speed, double = one["per_second"], two["per_second"]
                lines.append(f"| {model} | {keeps} | {speed:,.0f} | {double:,.0f} | {double / speed:.2f} |")
    return lines


def first_calls(rows: list[Row], models: list[str]) -> list[str]:
    lines = ["| program | " + " | ".join(models) + " |", "|---|" + "---:|" * len(models)]
    for program in ("livingdrug, never compiled before", "livingdrug, compiled before", *list(COLORS)[1:]):
        took = [{row["first_call"] for row in rows if (row["model"], row["program"]) == (model, program)} for model in models]
        if all(took):
            lines.append(f"| {program} | " + " | ".join(f"{min(each):.1f} s" for each in took) + " |")
    return lines


def picture(rows: list[Row], models: list[str]) -> str:
    """Work and precision: one panel per model, one line per program."""
    shown = [row for row in rows if row["keeps"] == "every day" and row["threads"] == 1 and row["error"] < 1]
    panels = [_panel([row for row in shown if row["model"] == model], model) for model in models]
    chart = alt.hconcat(*panels, spacing=8).properties(
        title=alt.TitleParams(
            "How many patients a second, at what error",
            subtitle="365 daily values of every state, one thread; up and to the left is better",
            anchor="start", fontSize=16, subtitleFontSize=12, offset=14,
        )
    )  # fmt: skip
    chart = chart.configure_view(stroke=None).configure(font="system-ui, sans-serif")
    return vl_convert.vegalite_to_svg(chart.to_json())


def _panel(rows: list[Row], model: str) -> alt.LayerChart:
    color = alt.Color("program:N", legend=None, scale=alt.Scale(domain=list(COLORS), range=list(COLORS.values())))
    quiet = {"grid": True, "gridColor": "#eee", "domainColor": "#999", "tickColor": "#999"}
    x = alt.X("error:Q", title="largest relative error", axis=alt.Axis(format=".0e", tickCount=4, **quiet))
    x = x.scale(type="log", domain=[1e-7, 1])
    y = alt.Y("per_second:Q", title="patients per second", axis=alt.Axis(format="~s", tickCount=6, **quiet))
    y = y.scale(type="log", domain=[5, 200_000])
    base = alt.Chart(alt.Data(values=rows))
    lines = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=color, order="rtol:Q")
    points = base.mark_point(filled=True, size=30).encode(x=x, y=y, color=color)
    text = alt.Chart(alt.Data(values=_names(rows))).mark_text(align="left", dx=8, fontSize=11)
    names = text.encode(x=x, y=y, color=color, text="program:N")
    return alt.layer(lines, points, names).properties(width=260, height=320, title=alt.TitleParams(model, anchor="start"))


def _names(rows: list[Row]) -> list[Row]:
    """Each program's name at its line's right end, pushed down where it would touch the one above."""
    ends = {row["program"]: row for row in sorted(rows, key=lambda row: row["error"])}
    placed: list[Row] = []
    for end in sorted(ends.values(), key=lambda row: -row["per_second"]):
        top = placed[-1]["per_second"] / 1.55 if placed else float("inf")
        placed.append({"program": end["program"], "error": end["error"], "per_second": min(end["per_second"], top)})
    return placed


def page(about: Row, rows: list[Row]) -> str:
    models = list(dict.fromkeys(row["model"] for row in rows))
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- measured: written by benchmarks/page.py -->")
    _, _, after = rest.partition("<!-- end of what was measured -->")
    measured = [
        f"{about['date']}: {about['machine']}, {about['cores']} cores, Python {about['python']}; medians of repeats.",
        "",
        "![Work and precision of livingdrug and four other programs on three models](images/performance.svg)",
        "",
        f"At an error of at most {WANTED:.0e} (where a program never got there, its most exact run):",
        "",
        *at_equal_error(rows, models),
        "",
        "What is kept decides the rest; the same error, the same runs:",
        "",
        *what_is_kept(rows, models),
        "",
        "Before the first answer (compiling or translating the model; livingdrug keeps the result on disk):",
        "",
        *first_calls(rows, models),
    ]
    marks = ("<!-- measured: written by benchmarks/page.py -->", "<!-- end of what was measured -->")
    return f"{before}{marks[0]}\n\n" + "\n".join(measured) + f"\n\n{marks[1]}{after}"


def main() -> None:
    stored = json.loads(STORED.read_text())
    rows = stored["measured"]
    PICTURE.write_text(picture(rows, list(dict.fromkeys(row["model"] for row in rows))), encoding="utf-8")
    PAGE.write_text(page(stored["about"], rows), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}, {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
