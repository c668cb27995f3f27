"""What a memray file says was allocated and never freed: python memray_records.py FILE, a JSON object a line."""

import json
import sys

import memray

# Beyond these the innermost frames are kept: a recursion would make lines of any length.
DEEPEST = 200

with memray.FileReader(sys.argv[1]) as reader:
    for record in reader.get_leaked_allocation_records(merge_threads=True):
        # The innermost first.
        stack = [{"name": name, "file": file, "line": line} for name, file, line in record.stack_trace(DEEPEST)]
        print(json.dumps({"bytes": record.size, "stack": stack}))
