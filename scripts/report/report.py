#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""One HTML file about runs and sweeps, complete in itself: no network, opens from a file:// address.

  report.py DIR... [-o report.html]     DIR: a run folder, or the folder of a sweep

`tricycle report` calls this. Exit codes as the program's: 0 done, 2 usage, 3 a folder cannot be read.
"""
import argparse
import pathlib
import sys

try:
    import jinja2
    import markupsafe
    import pandas  # noqa: F401  (sections need it; said here once)
    from plotly.offline import get_plotlyjs
except ImportError as missing:
    sys.stderr.write(f"tricycle report: error: {missing.name} is not installed; on Debian: "
                     "apt-get install python3-plotly python3-pandas python3-jinja2\n")
    sys.exit(3)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import runs  # noqa: E402
import sweeps  # noqa: E402
import together  # noqa: E402
from problems import Unreadable  # noqa: E402


def section(folder, page_folder):
    """What the page says of a folder. What no run or sweep writes is refused, whatever it is."""
    try:
        return section_of(folder, page_folder)
    except (TypeError, KeyError, AttributeError, ValueError, IndexError, ArithmeticError) as problem:
        raise Unreadable(f"{folder}: holds something that neither a run nor a sweep writes ({type(problem).__name__}: {problem}); "
                         "run it again") from problem


def section_of(folder, page_folder):
    if (folder / "sweep.sqlite").is_file():
        return sweeps.section(folder, page_folder)
    if (folder / "summary.json").is_file():
        return runs.section(folder, page_folder)
    if folder.name.endswith(".partial"):
        raise Unreadable(f"{folder}: the run is not complete yet, or was killed; its folder gets its name at the end")
    raise Unreadable(f"{folder}: neither a run folder (summary.json) nor a sweep (sweep.sqlite)")


def drawn(figure, name):
    """A place for the figure and the script that draws it; names in it cannot end the script."""
    data = figure.to_json().replace("</", "<\\/")
    return markupsafe.Markup(
        f'<div id="{name}" class="figure" style="height:{figure.layout.height}px"></div>\n<script>draw("{name}", {data});</script>')


def page(sections):
    here = pathlib.Path(__file__).resolve().parent
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(here), autoescape=True, trim_blocks=True,
                                     lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters["figure"] = drawn
    title = ", ".join(s["title"] for s in sections if s["kind"] != "together")
    return environment.get_template("page.html").render(title=title, sections=sections,
                                                        plotly=markupsafe.Markup(get_plotlyjs()))


def timelines(sections):
    """Perfetto runs in the browser; a page of our own could not hand it a file: its address must be opened by hand."""
    for s in (s for s in sections if s["kind"] == "run"):
        if s["timeline"]:
            print(f"{s['timeline']}  (open https://ui.perfetto.dev and drag it into the page; nothing is uploaded)")
        else:
            print(f"{s['folder']} has no time line; run it with --record perfetto: {s['repeat']} --record perfetto")


def main():
    parser = argparse.ArgumentParser(prog="tricycle report", description=__doc__.splitlines()[0])
    parser.add_argument("folders", metavar="DIR", nargs="+", type=pathlib.Path, help="a run folder or a sweep's")
    parser.add_argument("-o", "--output", metavar="FILE", type=pathlib.Path, help="default: report.html in the first DIR")
    parser.add_argument("--open-timeline", action="store_true", help="also say how the runs' time lines are opened in Perfetto")
    options = parser.parse_args()
    output = options.output or options.folders[0] / "report.html"
    try:
        sections = []
        for number, folder in enumerate(options.folders):
            if not folder.is_dir():
                raise Unreadable(f"there is no folder {folder}")
            sections.append({"id": f"s{number}", **section(folder, output.resolve().parent)})
        beside = together.section([s for s in sections if s["kind"] == "run"])
        if beside:
            sections.insert(0, {"id": "together", **beside})
        text = page(sections)
        fresh = output.with_name(output.name + ".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.rename(output)
    except (Unreadable, OSError) as problem:
        sys.stderr.write(f"tricycle report: error: {problem}\n")
        return 3
    print(f"{output}  (open it in a browser)")
    if options.open_timeline:
        timelines(sections)
    return 0


if __name__ == "__main__":
    sys.exit(main())
