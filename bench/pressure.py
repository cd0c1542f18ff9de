"""What happens far from the server, under too much load, beside others, and when hosts change.

`./dev bench pressure [near|far|overload|isolation|failover|fleet|tune]… [SECONDS]` starts servers
and prints one line a figure. SECONDS is for each measurement; each group has its own default. Ends
with 1 if a figure is out of its bound. `tune` prints what batches there are, and has no bounds; it
runs only when named.
"""

import os
import sys

from _figures import Figures
from _pressure import Comparison, Measured, Proxy, Server, once, say
from _pressure_groups import failover, fleet, isolation, overload, tune

SERVER = Server(os.environ["SESSIO_TEST_MYSQL_URL"])
# A quarter of SCS's.
CONNECTIONS = 16
# Near, where the processors are the limit, we are compared with SCS as its README has it:
# database/sql prepares each statement anew, and so a call takes two round trips. From 20 ms on,
# where the round trips are the limit, with interpolateParams=true, where a call takes one.
PLAIN, INTERPOLATED = PEERS = ("scs", "scs interpolated")

# What the network adds to a round trip, in milliseconds. `SESSIO_BENCH_DELAYS=20` measures one.
DELAYS = [int(delay) for delay in os.environ.get("SESSIO_BENCH_DELAYS", "0 5 20 100").split()]

figures = Figures()


def ratios(title: str, got: dict[str, Measured], peer: str, least: float, most_p99: float) -> None:
    """Ours to one of the peers; what all of them did is said beside."""
    ours, theirs = got["ours"], got[peer]
    for name, measured in got.items():
        errors = f", {measured.errors} ERRORS" if measured.errors else ""
        more = f"{measured.rows:.1f} calls a statement, {measured.connections} connections"
        ratio = f"{ratio_of(ours, measured):.2f} of it by ours"
        print(f"    {title}, {name}: {measured}, {more}, {ratio}{errors}", flush=True)
    detail = f"{ours.per_second:.0f}/s to {theirs.per_second:.0f}/s"
    # As exact as it is shown: where a caller can do one call in a round trip, all do the same.
    figures.at_least(f"{title}, to {peer}", round(ratio_of(ours, theirs), 2), least, detail)
    detail = f"{ours.p99:.1f} ms to {theirs.p99:.1f} ms"
    figures.at_most(f"{title}, p99 to {peer}", ours.p99 / theirs.p99, round(most_p99, 3), detail)
    figures.at_most(f"{title}, calls that failed", ours.errors, 0)


def ratio_of(ours: Measured, theirs: Measured) -> float:
    return ours.per_second / theirs.per_second


def near(seconds: float) -> None:
    comparison = Comparison(SERVER, SERVER, CONNECTIONS)
    comparison.open_all(64)
    say("near, 64 callers")
    ratios("find near", comparison.measure("find", 64, seconds), PLAIN, 10, 1 / 15)
    saved = comparison.measure("save", 64, seconds)
    ratios("save near", saved, PLAIN, 5, 1 / 4)
    figures.at_least("rows a statement, save near", saved["ours"].rows, 28)
    comparison.end()


def far(seconds: float) -> None:
    lone = commit(seconds)
    bare = once("probe", SERVER.url, 1)["p50"]
    for delay in DELAYS:
        say(f"{delay} ms, 64 callers")
        proxy = Proxy(SERVER, delay)
        # What the proxy really adds, to a call that does nothing.
        added = once("probe", proxy.server.url, max(1, delay / 20))["p50"] - bare
        print(f"    the proxy adds {added:.2f} ms to a bare call, {delay} ms wanted", flush=True)
        comparison = Comparison(SERVER, proxy.server, CONNECTIONS)
        comparison.open_all(64)
        if delay == 0:
            # No figure: what the proxy costs a side with many connections.
            for name, measured in comparison.measure("find", 64, seconds).items():
                print(f"    find through the proxy without delay, {name}: {measured}", flush=True)
        else:
            at_delay(comparison, delay, added, lone, seconds)
        comparison.end()
        proxy.end()


def at_delay(
    comparison: Comparison, delay: int, added: float, lone: dict[str, float], seconds: float
) -> None:
    least = {"find": 1.5, "save": 1.3} if delay == 5 else {"find": 1.0, "save": 1.0}
    # A call and its answer are what they must be: many of each are in a second.
    seconds = max(seconds, delay / 25)
    for work in "find", "save":
        title, peer = f"{work} {delay} ms", PLAIN if delay == 5 else INTERPOLATED
        got = comparison.measure(work, 64, seconds)
        ratios(title, got, peer, least[work], 1.0)
        # Round trips of the median call, beside what a lone call takes near: its way through the
        # two programs, the server's work, and the commit.
        trips = {name: (one.p50 - lone[work]) / added for name, one in got.items()}
        peers = ", ".join(f"{name} {trips[name]:.2f}" for name in PEERS)
        most = 1.3 if delay == 5 else 1.15
        figures.at_most(f"{title}, p50 in round trips", trips["ours"], most, peers)
    if delay == 20:
        say("20 ms, 512 callers")
        for work, bound in ("find", 8.0), ("save", 4.0):
            got = comparison.measure(work, 512, seconds)
            ratios(f"{work} {delay} ms, 512 callers", got, INTERPOLATED, bound, 1.0)


def commit(seconds: float) -> dict[str, float]:
    """The median of a lone caller near."""
    say("near, one caller")
    comparison = Comparison(SERVER, SERVER, CONNECTIONS)
    comparison.open_all(1)
    lone = {}
    for work in "find", "save":
        got = comparison.measure(work, 1, min(seconds, 2))
        lone[work] = got["ours"].p50
        sides = ", ".join(f"{name} {one.p50:.2f}" for name, one in got.items())
        print(f"    p50 of a lone {work} near, ms: {sides}", flush=True)
    comparison.end()
    return lone


GROUPS = {
    "near": (near, 2.0),
    "far": (far, 2.0),
    "overload": (lambda seconds: overload(figures, SERVER, seconds), 10.0),
    "isolation": (lambda seconds: isolation(figures, SERVER, seconds), 3.0),
    "failover": (lambda seconds: failover(figures, seconds), 3.0),
    "fleet": (lambda seconds: fleet(figures, SERVER, seconds), 10.0),
    "tune": (lambda seconds: tune(SERVER, CONNECTIONS, seconds), 2.0),
}


def main() -> None:
    named = [word for word in sys.argv[1:] if word in GROUPS]
    rest = [word for word in sys.argv[1:] if word not in GROUPS]
    try:
        given = float(rest.pop()) if rest else None
    except ValueError:
        given, rest = None, ["?"]
    if rest:
        raise SystemExit(f"./dev bench pressure [{'|'.join(GROUPS)}]... [SECONDS]")
    prepared = once("prepare", SERVER.url)
    say(f"{prepared['sessions']} sessions of {prepared['bytes']} bytes, {prepared['version']}")
    for name in named or [group for group in GROUPS if group != "tune"]:
        group, seconds = GROUPS[name]
        group(given or seconds)
    figures.end()


main()
