import type { Result } from '../result/result';

export type MetricTypes = Result['metrics'];

/** k6's own metrics, for its CSV, which does not say what a metric is. */
export const BUILT_IN: MetricTypes = {
  ...all('counter', 'default', [
    'http_reqs',
    'iterations',
    'dropped_iterations',
    'ws_sessions',
    'ws_msgs_sent',
    'ws_msgs_received',
    'grpc_streams',
    'grpc_streams_msgs_sent',
    'grpc_streams_msgs_received',
  ]),
  ...all('counter', 'data', ['data_sent', 'data_received']),
  ...all('gauge', 'default', ['vus', 'vus_max']),
  ...all('rate', 'default', ['http_req_failed', 'checks']),
  ...all('trend', 'time', [
    'http_req_duration',
    'http_req_blocked',
    'http_req_connecting',
    'http_req_tls_handshaking',
    'http_req_sending',
    'http_req_waiting',
    'http_req_receiving',
    'iteration_duration',
    'group_duration',
    'ws_connecting',
    'ws_session_duration',
    'ws_ping',
    'grpc_req_duration',
  ]),
};

function all(type: MetricTypes[string]['type'], contains: MetricTypes[string]['contains'], names: string[]) {
  return Object.fromEntries(names.map((name) => [name, { type, contains }]));
}
