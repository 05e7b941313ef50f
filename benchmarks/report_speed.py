"""How long a report takes, how large its page is, and how fast a browser opens it.

    python benchmarks/report_speed.py [--quick] [--out DIR]

Three made-up studies: one as the bundled connectome study (8 learning rates x 5 seeds of 300 neurons, a matrix for each
learning rate), a sweep of 1,000 networks with every finding that a page can show, and the first with these too. Seconds
and bytes are of `write_report`, all files included; opening is the load event of a headless Chromium, where there is
one. The bounds that the project keeps: 20 s and 8 MB for the first, 15 MB and 2 s of opening for the second.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measure import parser, write_results

from creditgraph.reports import ReportContent, write_report

TESTS = Path(__file__).parents[1] / "tests" / "reports"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STAMP = "<script>addEventListener('load',()=>setTimeout(()=>{document.title=`opened ${performance.now()}`},0))</script>"


def studies(quick: bool) -> dict[str, ReportContent]:
    """The studies by name."""
    sys.path.insert(0, str(TESTS))
    from conftest import RATES, make_content, make_findings

    n = 60 if quick else 300
    flagship = make_content(n=n)
    rates = [float(f"{rate:.3g}") for rate in np.geomspace(1e-4, 1, 4 if quick else 20)]
    matrices = [
        *flagship.matrices,
        *(replace(flagship.matrices[i % 3], label="", learning_rate=rate) for i, rate in enumerate(RATES)),
    ]
    seeds = 5 if quick else 50
    return {
        "as the bundled study": replace(flagship, matrices=matrices),
        f"{len(rates) * seeds} networks": replace(
            make_content(n=n, learning_rates=rates, seeds=seeds), findings=make_findings(len(rates) * seeds)
        ),
        "every finding": replace(flagship, matrices=matrices, findings=make_findings()),
    }


def opened(page: Path) -> float | None:
    """Seconds until the load event of a page in headless Chromium; None where there is no browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        # the page's own policy allows no other script; a copy without it tells its time in its title
        source = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', STAMP, page.read_text(encoding="utf-8"))
        copy = Path(folder) / "page.html"
        copy.write_text(source, encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        shown = subprocess.run(
            [*command, "--virtual-time-budget=1", "--dump-dom", copy.as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    found = re.search(r"<title[^>]*>opened ([\d.]+)", shown.stdout)
    return float(found[1]) / 1000 if found else None


def measured(name: str, content: ReportContent, repeats: int) -> list[dict[str, Any]]:
    """One row for each repeat."""
    rows = []
    for repeat in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            start, used = time.perf_counter(), time.process_time()
            page = write_report(content, folder)
            seconds, processor = time.perf_counter() - start, time.process_time() - used
            files = [path for path in Path(folder).rglob("*") if path.is_file()]
            rows.append(
                {
                    "study": name,
                    "repeat": repeat,
                    "networks": len(content.members),
                    "seconds": seconds,
                    "processor seconds": processor,
                    "page MB": page.stat().st_size / 1e6,
                    "all files MB": sum(path.stat().st_size for path in files) / 1e6,
                    "figures": len(list(Path(folder, "figures").glob("*.svg"))),
                    "opened after s": opened(page),
                }
            )
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the studies and write the results."""
    options = parser(__doc__).parse_args(arguments)
    rows = []
    for name, content in studies(options.quick).items():
        rows += measured(name, content, 1 if options.quick else 3)
    table = pd.DataFrame(rows)
    print(table.round(2).to_string(index=False))
    write_results("report_speed", table, options.out)


if __name__ == "__main__":
    main()
