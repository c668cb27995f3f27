"""What the ingest finds out about each metric and set of tags, by DuckDB on one thread; prints seconds of CPU and the groups."""

import json
import sys
import time

import duckdb

connection = duckdb.connect(config={"threads": 1})
started = time.process_time()
groups = connection.execute(
    """
    SELECT metric, data.tags, count(*), sum(data.value), min(data.value), max(data.value),
           quantile_cont(data.value, [0.5, 0.95, 0.99])
    FROM read_json($path, format = 'newline_delimited', columns = {
      metric: 'VARCHAR', type: 'VARCHAR', data: 'STRUCT("value" DOUBLE, "tags" JSON)'})
    WHERE type = 'Point' GROUP BY metric, data.tags
    """,
    {"path": sys.argv[1]},
).fetchall()
print(json.dumps({"cpuS": time.process_time() - started, "found": sum(group[2] for group in groups)}))
