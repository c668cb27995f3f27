// What k6 needs to send a request and take the answer, with nothing looked at: the floor that no script is below.
import http from 'k6/http';

const users = Number(__ENV.VUS);
const duration = __ENV.DURATION;

export const options = {
  discardResponseBodies: false,
  scenarios: {
    // Without a rate its users ask again at once.
    bare: __ENV.RATE
      ? {
          executor: 'constant-arrival-rate',
          rate: Number(__ENV.RATE),
          timeUnit: '1s',
          duration,
          preAllocatedVUs: users,
        }
      : { executor: 'constant-vus', vus: users, duration },
  },
};

const url = `${__ENV.TARGET}/mcp/tools/call`;
const body = __ENV.BODY;
const params = { headers: { 'Content-Type': 'application/json' } };

export default function () {
  http.post(url, body, params);
}
