"""The guide's traffic as users of Locust, with the checks of contract/classify.ts: what dist/load.js is held against.

Two users that differ by their client alone. They do not think between their iterations, so that what a core carries can be
measured. Of dist/load.js they leave out what only it has: cold symbols, probes, refills, phases and samples on disk.

    locust -f bench/locust/locustfile.py FastUser --headless --users 50 --spawn-rate 50 --run-time 20s --host URL
"""

import itertools
import json
import time

from locust import FastHttpUser, HttpUser, constant

EQUITIES = itertools.cycle(["AAPL", "MSFT", "GOOGL", "AMZN", "NVDA", "META", "TSLA", "AVGO", "COST", "NFLX"])
COINS = itertools.cycle(["BTC", "ETH"])
PRICES = itertools.cycle(["quick"] * 3 + ["coin"] + ["quick"] * 3 + ["market"])
DEPTHS = itertools.cycle(["standard", "deep"])
QUERIES = itertools.cycle(
    [
        "GET PRICE FOR AAPL",
        "FIND AAPL WITH PRICE > 150 AND RSI < 30",
        "EVALUATE AAPL: PRICE, VOLUME",
        "COMPARE AAPL, MSFT BY PE, EPS",
        "CORRELATE BTC WITH ETH WINDOW 4w",
    ]
)
DSL_MODES = itertools.cycle(["sync", "task", "task"])

NO_DATA_SOURCES = {"unknown", "error", "compliance_blocked"}
FAILED_STATUSES = {"failed", "error", "not_found", "cancelled"}
POLL_EVERY_S = 0.1
TASK_DEADLINE_S = 10


class Wrong(Exception):
    """An answer that is not what its user asked for."""


def demand(holds, reason):
    if not holds:
        raise Wrong(reason)


def is_priced(entry):
    """Real data has a price above zero and a source that is not the server's word for having none."""
    price, source = entry.get("price"), entry.get("source")
    demand(isinstance(source, str) and source != "" and source not in NO_DATA_SOURCES, "no source")
    demand(isinstance(price, (int, float)) and price > 0, "no price")


def inner_of(body):
    """What a tool says within the MCP envelope, which is JSON in a string of JSON."""
    envelope = json.loads(body)
    demand(envelope.get("isError") is False, "tool error")
    return json.loads(envelope["content"][0]["text"])


def check_search(symbol):
    def check(body):
        inner = inner_of(body)
        cached = inner.get("cached")
        demand(isinstance(cached, dict), "no price")
        is_priced(cached)
        demand(isinstance(cached.get("confidence"), (int, float)) and cached["confidence"] > 0, "no confidence")
        demand(inner.get("symbol") == symbol, "another symbol")
        demand(inner.get("status") not in FAILED_STATUSES, "failed")
        demand((inner.get("task") or {}).get("status") not in FAILED_STATUSES, "failed task")
        return inner

    return check


def check_prices(symbols):
    def check(body):
        prices = json.loads(body)["prices"]
        for symbol in symbols:
            demand(symbol in prices, "a symbol is missing")
            is_priced(prices[symbol])
            demand(prices[symbol].get("error") is None, "a symbol has an error")
        return prices

    return check


def check_submitted(body):
    inner = inner_of(body)
    demand(inner.get("status") not in FAILED_STATUSES, "failed")
    demand(isinstance(inner.get("task_id"), str) and inner["task_id"] != "", "no task id")
    return inner


def check_completed(body):
    inner = inner_of(body)
    demand(inner.get("status") == "completed" and isinstance(inner.get("result"), dict), "not completed")
    return inner


def check_task(body):
    inner = inner_of(body)
    demand(inner.get("status") in {"pending", "running", "completed"}, "task failed")
    return inner


class Traffic:
    """How a user asks, whatever its client."""

    wait_time = constant(0)

    def ask(self, method, path, name, check, body=None):
        """Sends a request, and counts it as failed unless its answer holds. None where it does not."""
        with self.client.request(method, path, name=name, json=body, catch_response=True) as response:
            try:
                demand(response.status_code == 200, f"status {response.status_code}")
                return check(response.text)
            except (Wrong, ValueError, KeyError, IndexError, TypeError, AttributeError) as wrong:
                response.failure(str(wrong))
                return None

    def call(self, operation, tool, arguments, check):
        return self.ask("POST", "/mcp/tools/call", operation, check, {"name": tool, "arguments": arguments})

    def search(self, depth):
        symbol = next(EQUITIES)
        self.call(f"search-{depth}", "search-by-symbol", {"symbol": symbol, "depth": depth}, check_search(symbol))


def price(user):
    kind = next(PRICES)
    if kind == "market":
        symbols = [next(EQUITIES), next(EQUITIES)]
        user.ask("GET", f"/api/market/prices?symbols={','.join(symbols)}", "market-prices", check_prices(symbols))
    elif kind == "coin":
        symbol = next(COINS)
        user.call("coin-quick", "search-by-coin", {"symbol": symbol, "depth": "quick"}, check_search(symbol))
    else:
        user.search(kind)


def analysis(user):
    user.search(next(DEPTHS))


def dsl(user):
    query = next(QUERIES)
    if next(DSL_MODES) == "sync":
        user.call("dsl-sync", "execute-fk-dsl", {"query": query, "async": False}, check_completed)
        return
    submitted = user.call("dsl-async", "execute-fk-dsl", {"query": query, "async": True}, check_submitted)
    deadline = time.monotonic() + TASK_DEADLINE_S
    while submitted is not None and time.monotonic() < deadline:
        time.sleep(POLL_EVERY_S)
        looked = user.call("task-status", "get-task-status", {"taskId": submitted["task_id"]}, check_task)
        if looked is None or looked["status"] == "completed":
            return


# Of 20 iterations 16 are price queries, 3 analyses and 1 an FK-DSL query.
TASKS = [price] * 16 + [analysis] * 3 + [dsl]


class FastUser(Traffic, FastHttpUser):
    """By geventhttpclient, as Locust recommends where one machine has to send much."""

    tasks = TASKS


class PlainUser(Traffic, HttpUser):
    """By requests, as the guide's own file."""

    tasks = TASKS
