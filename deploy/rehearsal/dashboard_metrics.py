#!/usr/bin/python3
"""Is every metric of the Grafana dashboard one that the exporter serves?

    dashboard_metrics.py DASHBOARD URL

Ends with an error that names what is missing: a metric, a label that a panel
selects or shows; a panel that lies over another; or a sum that one index without a
figure makes NaN.
"""

import json
import re
import sys
import urllib.request

GROUPED = r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"
BARE_SUM = r"\bsum\s*\(\s*(vecdb_index_\w+)\s*\{[^}]*\}\s*\)"
NAME = r"\b[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()"


def exported(url):
    """Name of each series, to the labels that any of its samples has."""
    found = {}
    with urllib.request.urlopen(url, timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            match = re.match(r"([a-zA-Z_:][\w:]*)(\{.*\})? ", line)
            if match:
                labels = re.findall(r'(\w+)="', match.group(2) or "")
                found.setdefault(match.group(1), {"instance"}).update(labels)
    return found


def used(expression):
    """Metrics of an expression, each with the labels it is selected by."""
    bare = re.sub(r"\[[^]]*\]", "", expression)
    pairs = re.findall(r"(%s)\s*\{([^}]*)\}" % NAME, bare)
    rest = re.sub(GROUPED, "", re.sub(r"\{[^}]*\}", "", bare))
    names = {name: set() for name in re.findall(NAME, rest)}
    for name, selector in pairs:
        names[name].update(re.findall(r"(\w+)\s*[=!]", selector))
    return names


def overlap(one, other):
    return (one["x"] < other["x"] + other["w"]
            and other["x"] < one["x"] + one["w"]
            and one["y"] < other["y"] + other["h"]
            and other["y"] < one["y"] + one["h"])


def problems(dashboard, series):
    panels = dashboard["panels"]
    for number, panel in enumerate(panels):
        for other in panels[:number]:
            if overlap(panel["gridPos"], other["gridPos"]):
                yield "%s lies over %s" % (panel["title"], other["title"])
        for target in panel["targets"]:
            names = used(target["expr"])
            for name in re.findall(BARE_SUM, target["expr"]):
                yield "%s of an index may be NaN, and so its sum" % name
            shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            if not names:
                yield "%s shows no metric" % panel["title"]
            for name, labels in names.items():
                missing = (labels | shown) - series.get(name, set())
                if name not in series:
                    yield "%s is not exported" % name
                elif missing:
                    yield "%s has no label %s" % (name, ", ".join(missing))
    for variable in dashboard["templating"]["list"]:
        for name in re.findall(r"label_values\((\w+),", variable["query"]):
            if name not in series:
                yield "%s is not exported" % name


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        dashboard = json.load(file)
    found = sorted(set(problems(dashboard, exported(sys.argv[2]))))
    if found:
        sys.exit("\n".join(found))
    print("%d panels" % len(dashboard["panels"]))


main()
