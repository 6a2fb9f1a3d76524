"""Pasted figures become charts: drawn for eyes, tabled for everybody else, and safe whatever was pasted."""

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.chart_drawing import NARROW, WIDE, draw, find_ticks
from articles.chart_figures import Chart, ChartError, read_number
from articles.charts import KINDS, MOST_ROWS, read_chart, write_chart

REVENUE = [["Year", "Revenue"], ["2022", "7.9"], ["2023", "10.2"], ["2024", "4"]]
TRAFFIC = [["", "Suez", "Cape"], ["Jan", "70", "31"], ["Feb", "", "44"], ["Mar", "38", "1,052"]]


def a_chart(rows: list[list[str]], **fields: Any) -> Chart:
    given: dict[str, Any] = {"kind": "column", "title": "Canal revenue", "unit": "$ bn", "rows": rows, **fields}
    return read_chart(json.dumps(given))


def test_columns_know_their_names_and_figures() -> None:
    chart = a_chart(TRAFFIC, kind="line")
    assert [one.name for one in chart.series] == ["Suez", "Cape"]
    assert chart.labels == ("Jan", "Feb", "Mar")
    assert [list(one.values) for one in chart.series] == [[70, None, 38], [31, 44, 1052]]


@pytest.mark.parametrize(
    ("rows", "head"),
    [
        (REVENUE, ("Year", "Revenue")),
        ([["Kenya", "12"], ["Egypt", "14"]], ()),
        ([["", "2019", "2024"], ["Kenya", "12", "13"]], ("", "2019", "2024")),
        ([["Country", "2019", "2024"], ["Kenya", "12", "13"]], ("Country", "2019", "2024")),
        ([["2019", "12"], ["2020", "13"]], ()),
    ],
)
def test_a_first_line_of_names_is_told_from_figures(rows: list[list[str]], head: tuple[str, ...]) -> None:
    chart = a_chart(rows)
    assert chart.head == head
    assert len(chart.labels) == len(rows) - bool(head)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12", 12),
        ("1,234.5", 1234.5),
        ("£1,234", 1234),
        ("3,5", 3.5),
        ("12%", 12),
        ("\N{MINUS SIGN}4", -4),
        ("(4.5)", -4.5),
        (" 7\xa0000 ", 7000),
        ("$3bn", 3),
        ("", None),
        ("n/a", None),
        ("\N{EN DASH}", None),
    ],
)
def test_cells_are_read_as_people_type_them(cell: str, number: float | None) -> None:
    assert read_number(cell) == number


@pytest.mark.parametrize("cell", ["about 4", "1e9", "nan", "inf", "0x10", "1_000", "--4", "4.4.4", "9" * 400])
def test_what_is_no_figure_is_refused_by_name(cell: str) -> None:
    with pytest.raises(ChartError, match="is not a figure"):
        a_chart([["Kenya", "1"], ["Egypt", cell]])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{}",
        "[]",
        "[" * 9_000,
        '{"kind": "pie", "rows": [["a", "1"]]}',
        '{"kind": "bar", "rows": "x"}',
        '{"kind": "bar", "rows": [["a", "1"], 7]}',
        '{"kind": "bar", "rows": [["a"]]}',
        '{"kind": "bar", "rows": [["a", ""]]}',
        json.dumps({"kind": "bar", "rows": [["a", "1", "2", "3", "4", "5", "6"]]}),
        json.dumps({"kind": "bar", "rows": [[str(n), "1"] for n in range(MOST_ROWS["bar"] + 1)]}),
        json.dumps({"kind": "line", "rows": [["a", "1"]]}),
        json.dumps({"kind": "bar", "rows": [["a", "1"]], "title": "x" * 20_000}),
    ],
)
def test_what_cannot_be_drawn_says_why(written: str) -> None:
    with pytest.raises(ChartError) as refusal:
        read_chart(written)
    assert str(refusal.value).endswith(".")


def test_readers_get_drawing_table_and_source() -> None:
    html = write_chart(a_chart(REVENUE, source="Source: Canal authority"))
    assert html.count("<svg") == 2
    assert 'aria-label="Column chart: Canal revenue. Lowest $4 (2024), highest $10.2 (2023).' in html
    assert '<th scope="row">2023</th><td class="number">10.2</td>' in html
    assert "Source: Canal authority" in html
    assert "Source: Source" not in html
    assert "style" not in html


def test_one_series_has_no_key_and_two_have() -> None:
    assert "chart__key" not in write_chart(a_chart(REVENUE))
    assert '<li class="chart__key-2">Cape</li>' in write_chart(a_chart(TRAFFIC))


def test_a_gap_breaks_the_line_and_a_point_alone_is_seen() -> None:
    _, marks = draw(a_chart(TRAFFIC, kind="line"), WIDE)
    path = marks.partition('chart__line-1" d="')[2].partition('"')[0]
    assert path.count("M") == 2
    assert path.count("h0") == 2


def test_long_names_lie_beside_bars_on_a_phone() -> None:
    rows = [[f"Transcontinental railways {n}", str(n)] for n in range(1, 7)]
    assert draw(a_chart(rows), NARROW)[1].count("<rect") == 6
    assert "chart__nought" in draw(a_chart(rows), NARROW)[1]


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_ticks_hold_every_range(one: float, other: float) -> None:
    low, high = sorted((one, other))
    ticks = find_ticks(low, high)
    slack = 1e-6 * max(abs(low), abs(high), 1e-6)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 8


CELLS = st.one_of(
    st.text(max_size=12),
    st.floats(-1e6, 1e6).map(lambda number: f"{number:,.2f}"),
    st.sampled_from(["", "\N{EN DASH}", "12%"]),
)


@given(
    st.sampled_from(sorted(KINDS)),
    st.text(max_size=30),
    st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6),
)
def test_whatever_is_pasted_is_refused_or_drawn_well(kind: str, title: str, rows: list[list[str]]) -> None:
    try:
        chart = read_chart(json.dumps({"kind": kind, "title": title, "unit": title, "source": title, "rows": rows}))
    except ChartError:
        return
    for width in (WIDE, NARROW):
        height, marks = draw(chart, width)
        drawn = ET.fromstring(f"<svg>{_readable(marks)}</svg>")  # noqa: S314 - our own
        assert height > 0
        assert not {"nan", "inf"} & {value for one in drawn.iter() for value in one.attrib.values()}
        for bar in drawn.iter("rect"):
            assert 0 <= float(bar.attrib["x"]) <= width
            assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= width + 0.2
            assert float(bar.attrib["height"]) >= 0


def _readable(marks: str) -> str:
    """Leave out what XML cannot say at all, which HTML can."""
    return "".join(one for one in marks if one in "\t\n\r" or (ord(one) >= 32 and ord(one) not in {0xFFFE, 0xFFFF}))
