"""The report as a document: whole, self-contained, readable by everybody, and saying what its run folder says."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from livingdrug.analysis.contract import settle
from livingdrug.analysis.measures import evaluate
from livingdrug.analysis.survival import MONTH, endpoints
from livingdrug.analysis.waiting import flow
from livingdrug.cohort import frame
from livingdrug.errors import BadInput
from livingdrug.report.document import NAME, SECTIONS, page, write
from livingdrug.report.look import PALETTE
from livingdrug.report.material import Material, read
from livingdrug.report.words import THIN_SPACE, count, unit_of
from tests.report.made_up import run_folder, targets
from tests.synthetic import synthetic_cohort

VOID = {"meta", "link", "br", "hr", "img", "input"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_folder(tmp_path_factory.mktemp("runs") / "eliana", patients=900, courses=80, replicates=6)


@pytest.fixture(scope="module")
def material(folder: Path) -> Material:
    return read(folder)


@pytest.fixture(scope="module")
def html(material: Material) -> str:
    """Drawn with Altair's own checks on, which `write` turns off: every mark of every figure is valid Vega-Lite."""
    return page(material)


@pytest.fixture(scope="module")
def uncalibrated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a run that is not calibrated, has no courses, and was compared with nothing."""
    made = run_folder(
        tmp_path_factory.mktemp("runs") / "zuma", patients=60, courses=0, calibrated=False, therapy="somebody-else's"
    )
    (made / "targets.json").unlink()
    return write(made).read_text(encoding="utf-8")


class Reader(HTMLParser):
    """Walks a page: tags that do not close, the text of every element by tag, identifiers and addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.named_by: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if facts.get("id"):
            self.ids.append(facts["id"] or "")
        self.named_by += (facts.get("aria-labelledby") or "").split()
        self.addresses += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset", "data", "action")
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def pictures(text: str) -> list[ET.Element]:
    return [ET.fromstring(each) for each in re.findall(r"<svg xmlns.*?</svg>", text, re.DOTALL)]


def drawn_of(folder: Path) -> str:
    return write(folder).read_text(encoding="utf-8")


def plain(text: str) -> str:
    """What a reader sees of some HTML, with ordinary spaces."""
    shown = re.sub(r"<(style|title|desc)[ >].*?</\1>", " ", text, flags=re.DOTALL)
    shown = re.sub(r"<[^>]+>", " ", shown)
    return re.sub(r"\s+", " ", shown.replace(THIN_SPACE, " "))


def section(text: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">.*?</section>', text, re.DOTALL)
    assert found, f"there is no section {name}"
    return found[0]


def row_of(text: str, *first: str) -> list[str]:
    """The cells of the table row that begins with these cells."""
    for row in re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL):
        cells = [plain(cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        if cells[: len(first)] == list(first):
            return cells
    raise AssertionError(f"no row begins with {first}")


# A whole document ------------------------------------------------------------------------------------------------------


def test_the_page_is_well_formed_and_names_nothing_twice(html: str) -> None:
    found = Reader(html)
    assert not found.wrong
    assert not found.open
    assert len(found.ids) == len(set(found.ids))
    assert set(found.named_by) <= set(found.ids)


def test_the_page_fetches_nothing_and_runs_nothing(html: str) -> None:
    assert all(each.startswith("#") for each in Reader(html).addresses)
    assert "<script" not in html
    assert "@import" not in html
    assert not re.findall(r"url\((?!#)", html)
    assert not re.findall(r"""<[^>]*["']https?://(?!www\.w3\.org/)""", html)


def test_the_page_is_small(html: str) -> None:
    assert len(html.encode()) < 2_500_000


def test_every_section_is_there_in_order_and_in_the_contents(html: str) -> None:
    names = [each.name for each in SECTIONS]
    assert re.findall(r'<section id="([^"]+)"', html) == names
    assert re.findall(r'<li><a href="#([^"]+)"', html) == names


def test_headings_go_down_by_one_step(html: str) -> None:
    levels = [int(each) for each in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_picture_has_a_name_and_a_description(html: str) -> None:
    found = pictures(html)
    assert len(found) > 25
    for picture in found:
        assert picture.get("role") == "img"
        title, about = (picture.find(f"{{http://www.w3.org/2000/svg}}{part}") for part in ("title", "desc"))
        assert title is not None
        assert title.text
        assert about is not None
        assert about.text


def test_every_color_of_a_picture_has_a_twin_for_dark_paper(html: str) -> None:
    used = {
        value
        for picture in pictures(html)
        for element in picture.iter()
        for part in ("fill", "stroke")
        if (value := element.get(part)) not in (None, "none", "transparent")
    }
    assert used <= set(PALETTE)
    assert len(set(PALETTE.values())) == len(PALETTE)


def test_pictures_fit_a_phone_and_scale_down(html: str) -> None:
    for picture in pictures(html):
        _, _, width, _ = map(float, picture.attrib["viewBox"].split())
        assert width <= 420
        assert "width" not in picture.attrib


def test_wide_tables_scroll_inside_their_own_box(html: str) -> None:
    assert len(re.findall(r"<table", html)) == len(
        re.findall(r'<div class="scroll" tabindex="0" role="region"[^>]*>\s*<table', html)
    )


def test_the_style_knows_print_and_dark(html: str) -> None:
    assert "@media print" in html
    assert "size: A4" in html
    assert "prefers-color-scheme: dark" in html


# What it says ----------------------------------------------------------------------------------------------------------


def test_the_headline_holds_the_numbers_of_the_cohort(html: str, material: Material) -> None:
    found = {row["stage"]: row["patients"] for row in flow(material.cohort).rows(named=True)}
    values = evaluate(material.cohort, ("days_to_infusion_median", "crs_penn_3", "os_12"))
    said = plain(html)
    assert (
        f"Of {count(found['enrolled'])} enrolled virtual patients, {count(found['infused'])}".replace(THIN_SPACE, " ") in said
    )
    assert f"after a median of {values['days_to_infusion_median']:.1f} days" in said
    assert f"{100 * values['crs_penn_3']:.0f} % have cytokine release of grade 3 or 4 (Penn)" in said
    assert f"{100 * values['os_12']:.0f} % are alive 12 months after infusion" in said


def test_the_flow_shows_every_stage_and_every_loss(html: str, material: Material) -> None:
    said = plain(section(html, "flow"))
    for row in flow(material.cohort).rows(named=True)[1:]:
        assert count(row["patients"]).replace(THIN_SPACE, " ") in said
    failures = material.cohort.filter(pl.col("fate").cast(pl.String) == "manufacturing failure").height
    assert f"−{failures} no product could be made" in said


def test_every_target_stands_in_the_table_as_in_the_file(html: str, folder: Path) -> None:
    rows = json.loads((folder / "targets.json").read_text())["targets"]
    text = section(html, "targets")
    assert len(re.findall(r"<tr>", text)) == len(rows) + 1
    for row in rows:
        label = row["label"] + ("" if row["confirmed"] else " (unconfirmed)")
        cells = row_of(text, row["group"], f"{label} · {unit_of(row['unit'], 'USD')}")
        verdict = {True: "✓ inside", False: "✗ outside", None: ""}[row["inside"]]
        assert verdict in cells
        if row["unit"] == "1" and row["published"] is not None:
            assert f"{100 * row['published']:.1f}" in cells
            assert f"{100 * row['simulated']:.1f}" in cells


def test_a_miss_is_marked_by_more_than_color(html: str, folder: Path) -> None:
    rows = json.loads((folder / "targets.json").read_text())["targets"]
    missed = [row for row in rows if row["inside"] is False]
    inside = [row for row in rows if row["inside"] is True]
    assert missed, "the made-up cohort misses some targets"
    drawn = plain(section(html, "published"))
    assert f"{len(inside)} of {len(inside) + len(missed)} simulated values lie within" in drawn
    assert drawn.count("✗") == len(missed) + 1  # one more in the key


def test_the_numbers_at_risk_are_those_of_the_cohort(html: str, material: Material) -> None:
    time = endpoints(material.cohort, "os")["time"]
    picture = next(each for each in pictures(html) if "survival-3-t" in each.attrib["aria-labelledby"])
    texts = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    for month in (12, 24, 36):
        assert count(int((time >= month * MONTH).sum())) in texts


def test_payments_are_the_sums_of_the_cohort(html: str, material: Material) -> None:
    found = settle(material.cohort)
    said = plain(section(html, "payments"))
    assert f"{count((found.per_infused or 0) / 100)} USD per infused patient".replace(THIN_SPACE, " ") in said
    assert f"{count(found.cents_paid / 100)} USD".replace(THIN_SPACE, " ") in said


def test_what_is_not_modeled_sources_and_digests_come_from_the_manifest(html: str, material: Material) -> None:
    assert "Infections &amp; late neurological events." in section(html, "not-modeled")
    sources = section(html, "sources")
    number, value, unit, source = row_of(sources, "population.waiting.slot_median")
    assert (number, value, unit) == ("population.waiting.slot_median", "21", "days")
    assert source.endswith(" (unconfirmed)")
    assert row_of(sources, source.removesuffix(" (unconfirmed)"))[1] == "Assumed"
    for row in material.targets:
        assert row["source"].replace("'", "&#39;") in sources
    provenance = section(html, "provenance")
    assert "The run gave no warning." in provenance
    for digest in material.manifest["files"].values():
        assert digest in provenance


def test_words_are_those_of_the_therapy(html: str, uncalibrated: str, tmp_path: Path) -> None:
    assert "Leukemia cells in the first two months" in html
    assert "B cells recover" in html
    assert "CD19-negative" in section(html, "swimmer")
    assert "healthy antigen-bearing cells recover" in uncalibrated
    myeloma = drawn_of(run_folder(tmp_path / "run", patients=80, courses=30, therapy="ciltacabtagene-autoleucel"))
    assert "Myeloma cells in the first two months" in myeloma
    assert "Plasma cells to the end of follow-up" in myeloma
    assert "published typical" not in myeloma


def test_text_of_the_manifest_is_never_markup(tmp_path: Path) -> None:
    said = drawn_of(run_folder(tmp_path / "run", patients=30, courses=0, title="<script>x</script>", warnings=["a <b> & c"]))
    assert "<script" not in said
    assert "&lt;script&gt;x" in said
    assert "a &lt;b&gt; &amp; c" in said


# Not calibrated --------------------------------------------------------------------------------------------------------


def test_not_calibrated_stands_at_the_headline_and_at_every_figure(uncalibrated: str) -> None:
    captions = re.findall(r"<figcaption>.*?</figcaption>", uncalibrated, re.DOTALL)
    assert len(captions) >= 4
    assert all("not calibrated" in caption for caption in captions)
    lede = re.search(r'<p class="lede">.*?</p>', uncalibrated, re.DOTALL)
    assert lede
    assert "not calibrated" in lede[0]
    keys = re.findall(r"<div><dt>.*?</div>", uncalibrated)
    assert keys
    assert all("not calibrated" in key for key in keys)
    assert "(not calibrated)</title>" in uncalibrated


def test_a_calibrated_run_never_says_not_calibrated(html: str) -> None:
    assert "not calibrated" not in html


def test_a_manifest_that_says_nothing_counts_as_not_calibrated(tmp_path: Path) -> None:
    assert "not calibrated" in drawn_of(run_folder(tmp_path / "run", patients=30, courses=0, calibrated=None))


# What is missing -------------------------------------------------------------------------------------------------------


def test_what_a_run_did_not_keep_is_said_and_not_left_out(uncalibrated: str) -> None:
    assert "Nothing published was compared with this run." in section(uncalibrated, "published")
    assert "There is none in this run." in section(uncalibrated, "targets")
    for name in ("transgene", "cells"):
        assert "kept no courses of single patients" in section(uncalibrated, name)


def test_a_cohort_in_which_nobody_was_infused_gets_a_report(tmp_path: Path) -> None:
    made = run_folder(tmp_path / "run", patients=10, courses=0)
    cohort = frame({"patient": range(4), "fate": ["manufacturing failure", "died waiting", "not infused", "died waiting"]})
    cohort.write_parquet(made / "cohort.parquet")
    (made / "targets.json").write_text(json.dumps(targets(cohort)), encoding="utf-8")
    said = plain(drawn_of(made))
    assert "None of 4 enrolled virtual patients was infused." in said
    assert "Nobody was infused and followed." in said
    assert "No invoice was recorded." in said


def test_one_patient_makes_a_report(tmp_path: Path) -> None:
    made = run_folder(tmp_path / "run", patients=40, courses=0)
    cohort = synthetic_cohort(40, 3).filter(pl.col("fate").cast(pl.String) == "infused").head(1)
    cohort.write_parquet(made / "cohort.parquet")
    assert "Of 1 enrolled virtual patients, 1 (100 %) are infused" in plain(drawn_of(made))


@pytest.mark.parametrize("start", ["eligible", "infused"])
def test_the_flow_begins_where_the_run_begins(tmp_path: Path, start: str) -> None:
    said = section(drawn_of(run_folder(tmp_path / "run", patients=200, courses=0, start=start)), "flow")
    assert ("Eligible" in said) is (start == "eligible")
    assert ("A product was made" in said) is (start == "eligible")


def test_everything_that_is_missing_or_damaged_is_said_at_once(tmp_path: Path) -> None:
    made = run_folder(tmp_path / "run", patients=30, courses=10)
    (made / "cohort.parquet").write_bytes(b"PAR1 but nothing behind it")
    (made / "manifest.json").write_text("{", encoding="utf-8")
    (made / "targets.json").write_text('{"targets": [{"id": "a", "group": 7, "published": "many"}, 3]}', encoding="utf-8")
    pl.DataFrame({"patient": [1], "day": [0.0]}).write_parquet(made / "trajectories.parquet")
    with pytest.raises(BadInput) as error:
        write(made)
    said = str(error.value)
    for part in (
        "cohort.parquet: cannot be read as a cohort",
        "manifest.json: cannot be read",
        "target a: group: is missing or is not text",
        "target a: published: 'many' is not a number",
        "target 2: is not an object",
        "trajectories.parquet: has no column transgene, tumor",
    ):
        assert part in said
    assert not (made / NAME).exists()


@pytest.mark.parametrize("name", ["cohort.parquet", "manifest.json"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    made = run_folder(tmp_path / "run", patients=20, courses=0)
    (made / name).unlink()
    with pytest.raises(BadInput, match=f"holds no {name}, so it is not a finished run"):
        write(made)


def test_a_damaged_table_of_targets_or_courses_is_named(tmp_path: Path) -> None:
    made = run_folder(tmp_path / "run", patients=20, courses=0)
    (made / "targets.json").write_text("[]", encoding="utf-8")
    (made / "trajectories.parquet").write_bytes(b"no table")
    with pytest.raises(BadInput, match="holds no list of targets") as error:
        write(made)
    assert "cannot be read as courses" in str(error.value)


def test_an_empty_cohort_is_refused(tmp_path: Path) -> None:
    made = run_folder(tmp_path / "run", patients=20, courses=0)
    frame({}).write_parquet(made / "cohort.parquet")
    with pytest.raises(BadInput, match="holds no patient"):
        write(made)


def test_a_file_changed_since_the_run_is_named_on_the_page(tmp_path: Path) -> None:
    made = run_folder(tmp_path / "run", patients=40, courses=0)
    synthetic_cohort(40, 99).write_parquet(made / "cohort.parquet")
    said = drawn_of(made)
    assert "no longer what its manifest describes: cohort.parquet" in said
    assert "(changed since the run)" in section(said, "provenance")


def test_a_report_that_cannot_be_written_is_a_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    made = run_folder(tmp_path / "run", patients=20, courses=0)
    (made / NAME).mkdir()
    with pytest.raises(BadInput, match="cannot be written"):
        write(made)
    assert not list(made.glob(f".{NAME}*"))


def test_the_same_folder_gives_the_same_report(tmp_path: Path) -> None:
    made = run_folder(tmp_path / "run", patients=40, courses=0)
    assert write(made).read_bytes() == write(made).read_bytes()
