// What k6 needs for the samples that the judge reads, with nothing looked at and everybody asking for the same: below it no script
// is that is to be judged. `fiml-perf run` starts it in place of the suite's own, so that all else is as it is there.
import http from 'k6/http';
import { Rate } from 'k6/metrics';

export const options = {
  systemTags: ['name', 'scenario', 'status', 'error_code'],
  scenarios: { traffic: { executor: 'constant-vus', vus: Number(__ENV.BUSY_USERS), duration: __ENV.BUSY_DURATION } },
};

const failed = new Rate('fiml_failed');
const url = `${__ENV.PERF_TARGET}/mcp/tools/call`;
const body = '{"name":"search-by-symbol","arguments":{"symbol":"AAPL","depth":"quick"}}';
const tags = { name: 'search-quick', op: 'price', cache: 'hot', phase: 'steady' };
const params = { headers: { 'Content-Type': 'application/json' }, tags };

export default function () {
  http.post(url, body, params);
  failed.add(false, tags);
}

export const handleSummary = (data) => ({ [__ENV.PERF_SUMMARY]: JSON.stringify(data) });
