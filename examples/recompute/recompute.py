"""Count three numbers of a shop's report again from its bundle: python recompute.py BUNDLE. Needs Python alone."""

import json
import sys
from pathlib import Path

bundle = Path(sys.argv[1])
report = json.loads((bundle / "disclosure.json").read_text())
log = [json.loads(line) for line in (bundle / "entries.jsonl").read_text().splitlines()]
mine = [one for one in log if one["facts"].get("month") == report["period"]["month"]]
looks = [one for one in mine if one["kind"] in ("view", "widening", "raw_access")]
visits = {one["sealed"]["visit"] for one in mine if one["facts"].get("what") == "receipt"}
seen = {one["sealed"]["visit"] for one in looks} & visits
settle = [one for one in looks if (one["facts"]["what"], one["facts"]["purpose"]) == ("question", "settle")]
asked = {one["sealed"]["question"] for one in settle if one["sealed"]["visit"] in visits}
paid_ms = sum(one["facts"]["ms"] for one in mine if one["kind"] == "hours" and one["facts"]["paid"])
told = {name: one["n"] for name, one in report["headline"].items()}
told["paid_hours"] = report["human_work"]["paid_hours"]["value"]
again = dict(zip(told, (len(asked), len(seen), round(paid_ms / 3.6e6, 6)), strict=True))
print(*(f"{name}: the report says {told[name]}, the log gives {again[name]}" for name in told), sep="\n")  # noqa: T201
sys.exit(told != again)
