"""The groups of `./dev bench pressure` in which sessio is compared with itself, or with a rule."""

import json
import os
import subprocess
from collections import Counter
from typing import Any

from _figures import Figures
from _pressure import PROGRAM, Asked, Proxy, Server, once, say

KINDS = {
    "lock": "a foreign lock on one row",
    "cleanup": "a cleanup of 20,000",
    "delete_subject": "delete_subject of 150,000",
    "count": "a count of 1.5 million",
}


def overload(figures: Figures, server: Server, seconds: float) -> None:
    say("the server is made slow")
    try:
        capacity = once("capacity", server.url, 3)["capacity"]
        print(f"    capacity {capacity:.0f} saves a second, made so by a trigger", flush=True)
        too_much(figures, server, capacity, seconds)
    finally:
        once("fast", server.url)


def too_much(figures: Figures, server: Server, capacity: float, seconds: float) -> None:
    for factor in 1.2, 2, 5:
        say(f"{factor} times the capacity for {seconds:.0f} s")
        url = server.ours(cleanup_interval=0)
        got = once("overload", url, capacity, factor, seconds)
        title = f"{factor} times the capacity"
        detail = (
            f"waits p99 {got['wait_p99']:.0f} ms, refusals p99 {got['refusal_p99']:.0f} ms, "
            f"{words(got['during'])}"
        )
        figures.at_least(f"goodput at {title}", got["goodput"], 0.85, detail)
        figures.at_most(f"seconds until well after {title}", got["back"], 2, words(got["after"]))
        figures.at_most(f"calls without an answer, {title}", got["unanswered"], 0)


def isolation(figures: Figures, server: Server, seconds: float) -> None:
    for kind, name in KINDS.items():
        say(f"saves of 64 callers beside {name}")
        rounds = 1 if kind == "lock" and seconds >= 10 else 3
        url = server.ours(cleanup_interval=0)
        got = once("isolation", url, server.url, kind, rounds, seconds)
        with_it, without = got["with"], got["without"]
        detail = (
            f"p99 {with_it['p99']:.1f} ms to {without['p99']:.1f} ms in {got['took']:.0f} ms, "
            f"longest {with_it['longest']:.0f} to {without['longest']:.0f} ms, "
            f"{with_it['per_second']:.0f}/s to {without['per_second']:.0f}/s"
        )
        ratio = with_it["p99"] / without["p99"]
        figures.at_most(f"save beside {name}", ratio, 2, detail)
        figures.at_most(f"saves that failed beside {name}", with_it["errors"], 0)
        once("prepare", server.url)


def failover(figures: Figures, seconds: float) -> None:
    for count in 2, 3:
        instances = [f"bench-{os.getpid()}-{number}" for number in range(1, count + 1)]
        try:
            urls = [start(instance, number) for number, instance in enumerate(instances, 1)]
            say(f"{count} hosts take turns, 32 callers")
            take_turns(figures, urls, seconds)
        finally:
            for instance in instances:
                subprocess.run(["./dev", "call", "db_stop", instance], check=True)


def take_turns(figures: Figures, urls: list[str], seconds: float) -> None:
    hosts = [Server(url).host for url in urls]
    url = Server(urls[0]).ours(cleanup_interval=0).replace(hosts[0], ",".join(hosts))
    got = once("failover", url, ",".join(urls), seconds)
    detail = f"of {got['calls']:.0f}, {words(got['errors'])}"
    errors = sum(got["errors"].values())
    figures.at_most(f"errors, failover of {len(urls)} hosts", errors, 0, detail)
    if got["first"]:
        print(f"    the first: {got['first']}", flush=True)
    detail = f"{got['stale_within']} while a turn was made"
    figures.at_most(f"stale reads, {len(urls)} hosts", got["stale"], 0, detail)
    lost = got["lost"] + got["alive"]
    figures.at_most(f"lost or alive again, {len(urls)} hosts", lost, 0)
    print(
        f"    longest wait {got['longest']:.2f} s, longest turn {got['turn_took']:.2f} s,"
        f" connections of the hosts after each {got['connections']}",
        flush=True,
    )


def start(instance: str, number: int) -> str:
    """A server whose writes others can copy; an empty database there."""
    arguments = f"--log-bin=log --server-id={number} --gtid-strict-mode=0"
    environment = os.environ | {"MARIADB_ARGUMENTS": arguments}
    subprocess.run(["./dev", "call", "db_start", instance, "mariadb"], check=True, env=environment)
    fresh = ["./dev", "call", "db_fresh", instance, "bench"]
    return subprocess.run(fresh, check=True, capture_output=True, text=True).stdout.strip()


def fleet(figures: Figures, server: Server, seconds: float) -> None:
    """100 processes with the defaults, on a server that takes 151 connections."""
    say(f"100 processes for {seconds:.0f} s, max_connections = 151")
    before = once("sql", server.url, "SELECT @@GLOBAL.max_connections")["value"]
    watch = Asked(PROGRAM, "watch", server.url)
    watch.ask("start pressure_ours")
    once("sql", server.url, "SET GLOBAL max_connections = 151")
    try:
        command = [PROGRAM, "fleet", server.ours(), str(seconds)]
        members = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(100)]
        answers = [json.loads(member.communicate()[0]) for member in members]
        connections = json.loads(watch.ask("stop"))["connections"]
    finally:
        watch.end()
        once("sql", server.url, f"SET GLOBAL max_connections = {before}")
    errors: Counter[str] = Counter()
    for answer in answers:
        errors.update(answer["errors"])
    calls = sum(answer["calls"] for answer in answers)
    longest = max(answer["longest"] for answer in answers)
    detail = f"of {calls}, {words(errors)}; {connections} connections, longest {longest:.0f} ms"
    figures.at_most("errors of 100 processes", errors.total(), 0, detail)


def tune(server: Server, connections: int, seconds: float) -> None:
    for delay in 0, 1, 5, 20, 100:
        proxy = Proxy(server, delay) if delay else None
        place = proxy.server if proxy else server
        url = place.ours(connections=connections, cleanup_interval=0)
        for work in "find", "save":
            for callers in (1, 8, 64, 512):
                say(f"{work}, {delay} ms, {callers} callers")
                got = once("tune", url, work, callers, max(seconds, delay / 25))
                print(f"{work} {delay} ms {callers} callers: {batches(got)}", flush=True)
        if proxy:
            proxy.end()


def batches(got: dict[str, Any]) -> str:
    measured, flight = got["measured"], got["in_flight"]
    mean = sum(int(count) * share for count, share in flight.items())
    sizes = " ".join(f"{rows}:{count}" for rows, count in got["sizes"].items())
    shares = " ".join(f"{count}:{share * 100:.0f}%" for count, share in flight.items())
    return (
        f"{measured['per_second']:.0f}/s p50 {measured['p50']:.2f} p99 {measured['p99']:.2f} ms\n"
        f"    {got['rows']:.1f} calls a statement; a statement takes p50 {got['took_p50']:.2f} "
        f"p99 {got['took_p99']:.2f} ms on {len(got['connections'])} connections\n"
        f"    connections that wait for an answer: {mean:.2f}; time by how many: {shares}\n"
        f"    statements by their rows: {sizes}"
    )


def words(errors: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in errors.items()) or "no errors"
