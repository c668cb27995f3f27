"""A server that answers what the load of `fiml-perf profile --target cache` asks for, from Python's library alone.

Its time goes into hot_function, and with --slower into slower_function as well; with --leak N it keeps N bytes a search.
It prints its address as a line of JSON, and ends when its standard input does.
"""
import argparse
import json
import select
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

options = argparse.ArgumentParser()
options.add_argument("--leak", type=int, default=0)
options.add_argument("--slower", action="store_true")
args = options.parse_args()
started_at = time.time()
kept = []
searches = 0
LABELS = 'data_type="price",cache_level="l1",operation="get"'


def hot_function(until):
    while time.thread_time() < until:
        sum(range(100))


def slower_function(until):
    while time.thread_time() < until:
        sum(range(100))


def search(arguments):
    global searches
    searches += 1
    hot_function(time.thread_time() + 0.003)
    if args.slower:
        slower_function(time.thread_time() + 0.006)
    if args.leak:
        kept.append(bytearray(args.leak))
    cached = {"price": 100.0, "change": -1.5, "source": "mock_provider", "ttl": 300, "confidence": 1.0}
    return {"symbol": arguments["symbol"], "cached": cached, "task": {"status": "pending"}}


def metrics():
    buckets = "".join(f'fiml_cache_latency_seconds_bucket{{{LABELS},le="{le}"}} {searches}\n' for le in ("0.001", "+Inf"))
    return f"process_start_time_seconds {started_at}\n{buckets}fiml_cache_latency_seconds_count{{{LABELS}}} {searches}\n"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/metrics"):
            self.answer(metrics(), "text/plain; version=0.0.4")
        else:
            self.answer(json.dumps({"status": "healthy", "version": "0.4.1", "environment": "test"}))

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["content-length"])))
        content = [{"type": "text", "text": json.dumps(search(call["arguments"]))}]
        self.answer(json.dumps({"content": content, "isError": False}))

    def answer(self, text, content_type="application/json"):
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """Nobody reads it."""


# One thread for all, as FIML has, and hence a connection a request: a kept one would keep the others waiting. It is the
# program's only one, and waits in selectors alone: py-spy knows that as idle, and takes a main thread that waits for
# standard input for a busy one where the machine is too busy to tell it otherwise.
HTTPServer.request_queue_size = 128
server = HTTPServer(("127.0.0.1", 0), Handler)
server.timeout = 0.1
print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    server.handle_request()
