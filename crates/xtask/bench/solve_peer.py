"""py-rattler on the specs of one run of mmdev's solve_specs: LINES CHANNEL CACHE, a JSON line for each."""

import asyncio
import json
import resource
import sys
import time

import rattler
from rattler.exceptions import SolverError


def virtual_package(text):
    name, version, build = text.split("=")
    return rattler.GenericVirtualPackage(
        rattler.PackageName(name), rattler.Version(version), rattler.BuildString(build)
    )


async def answer(entry, channel, gateway):
    try:
        records = await rattler.solve(
            [channel],
            [rattler.MatchSpec(text, strict=False) for text in entry["dependencies"]],
            gateway=gateway,
            platforms=["linux-64", "noarch"],
            virtual_packages=[virtual_package(text) for text in entry["virtual_packages"]],
            channel_relations="disabled",
        )
    except SolverError as error:
        text = str(error)
        # The solver stops at what it finds first: a dependency without a candidate is said alone.
        is_missing = "incompatible" not in text and "No candidates were found" in text
        return {"verdict": "missing" if is_missing else "conflict", "why": text}
    except Exception as error:
        return {"verdict": "error", "why": f"{type(error).__name__}: {error}"}
    return {
        "verdict": "solved",
        "records": {record.name.normalized: f"{record.version} {record.build}" for record in records},
    }


async def main(lines, channel, cache):
    gateway = rattler.Gateway(cache_dir=cache)
    with open(lines) as file:
        entries = [json.loads(line) for line in file]
    for entry in entries:
        if "file" not in entry:
            continue
        start = time.perf_counter()
        line = await answer(entry, channel, gateway)
        line["seconds"] = time.perf_counter() - start
        line["file"] = entry["file"]
        print(json.dumps(line))
    print(json.dumps({"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


asyncio.run(main(*sys.argv[1:]))
