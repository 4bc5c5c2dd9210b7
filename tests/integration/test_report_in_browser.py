"""The report as a browser lays it out: no words touch, nothing leaves an A4 page, nothing is fetched."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.learning.report.page import page
from tests.fakes.findings import findings

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
A4_WIDTH = 688
"""CSS pixels of 210 mm less the report's margins."""
OFFLINE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
LONG = "vendor/some-model-2024-07-18:a-prompt-with-a-very-long-name-"
MEASURE = """
<script>
const root = document.documentElement;
const box = e => e.getBoundingClientRect();
const inside = (a, b) =>
  a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
const touch = (a, b) =>
  a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2.5 && b.top < a.bottom - 2.5;
const out = {touching: [], outside: [], wide: []};
for (const svg of document.querySelectorAll('svg')) {
  const texts = [...svg.querySelectorAll('text')].map(t => [t.firstChild.nodeValue, box(t)]);
  texts.forEach(([words, a], i) => {
    if (!inside(a, box(svg))) out.outside.push(words);
    for (const [other, b] of texts.slice(i + 1)) if (touch(a, b)) out.touching.push([words, other]);
  });
}
for (const e of document.querySelectorAll('td, th, p, div, h1, h2, h3, table, svg, b'))
  if (box(e).right > root.clientWidth + 0.5) out.wide.push(e.textContent.slice(0, 60));
out.fetched = performance.getEntriesByType('resource').map(e => e.name);
out.width = root.clientWidth;
out.scroll = root.scrollWidth;
out.svgs = document.querySelectorAll('svg').length;
const shown = document.createElement('pre');
shown.id = 'measured';
shown.textContent = JSON.stringify(out);
document.body.append(shown);
</script>
"""

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no chromium here: `apt-get install chromium` brings it"
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page of studies of very different sizes."""
    names = [f"{LONG}{k}" for k in range(65)]
    studies = (
        findings(["ann"], ["clarity"], 20),
        findings(names[:6], [f"criterion_{k}" for k in range(6)], 97),
        findings(names[:24], ["civility"], 1600),
        findings(
            names, ["a-criterion-with-a-name-that-is-much-too-long-for-a-small-plot", "b", "c", "d"], 300
        ),
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(studies), encoding="utf-8")
    return path


def browse(*arguments: str) -> str:
    assert BROWSER is not None
    done = subprocess.run(
        [BROWSER, *OFFLINE, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def measured(report: Path) -> dict[str, Any]:
    """Boxes as laid out at the width of a printed page; only for this the page is let run a script."""
    lax = re.sub(r"<meta http-equiv[^>]*>", "", report.read_text(encoding="utf-8"))
    copy = report.with_name("measured.html")
    copy.write_text(lax.replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    dom = browse(f"--window-size={A4_WIDTH},2000", "--hide-scrollbars", "--dump-dom", copy.as_uri())
    found = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)
    assert found
    result: dict[str, Any] = json.loads(html.unescape(found.group(1)))
    return result


def test_no_words_touch_in_any_plot(measured: dict[str, Any]) -> None:
    assert measured["svgs"] > 30
    assert measured["touching"] == []
    assert measured["outside"] == []


def test_nothing_is_wider_than_a_page(measured: dict[str, Any]) -> None:
    assert measured["width"] == A4_WIDTH
    assert measured["scroll"] <= A4_WIDTH
    assert measured["wide"] == []


def test_nothing_is_fetched(measured: dict[str, Any]) -> None:
    assert measured["fetched"] == []


def test_it_prints_on_a4(report: Path) -> None:
    printed = report.with_name("report.pdf")
    browse("--no-pdf-header-footer", f"--print-to-pdf={printed}", report.as_uri())
    boxes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed.read_bytes()))
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
