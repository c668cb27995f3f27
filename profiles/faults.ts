/**
 * The faults that the stress scenarios make, as data: what is broken, by which driver, how it is undone, and by what one
 * sees that it is really there.
 */
export interface Fault {
  /** What `PERF_FAULT` says. */
  readonly name: string;
  readonly about: string;
  /** Ways to make it, the best first; the first whose driver is at hand is taken. */
  readonly ways: readonly Way[];
  readonly sign: Sign;
  /** More of one kind of request while it is there; left out where what users do on any day shows it. */
  readonly pressure?: Pressure;
}

/** Users who wait for their answers, and `pauseS` after each. */
export type Pressure =
  /** Lists of prices: as many reads of Redis at a time as each has symbols. */
  | { readonly kind: 'price-lists'; readonly users: number; readonly pauseS: number }
  /** Session tools, each of which takes a connection of the pool, and /health/db, which has one of its own. */
  | {
      readonly kind: 'sessions';
      readonly sessionUsers: number;
      readonly healthUsers: number;
      readonly pauseS: number;
    };

/** How a fault is made. */
export type Way =
  /** A proxy of Toxiproxy (`redis`, `postgres`, `fiml`) is closed: connections are refused. */
  | { readonly driver: 'toxiproxy'; readonly proxy: string; readonly toxic: null }
  | { readonly driver: 'toxiproxy'; readonly proxy: string; readonly toxic: Toxic }
  /** Faults of the reference server's control port, for what no real service can do. */
  | { readonly driver: 'control'; readonly on: object; readonly off: object }
  /** The scenario's own users make it: it takes no driver. */
  | { readonly driver: 'load' }
  /** What `fiml-perf run` does to a store itself, behind a hook. */
  | { readonly driver: 'store'; readonly action: StoreAction };

export type StoreAction = 'redis-maxclients' | 'postgres-connections';

/** As Toxiproxy's API takes it. */
export interface Toxic {
  readonly type: 'latency' | 'bandwidth' | 'reset_peer' | 'timeout';
  /** Towards the client, or towards the service. */
  readonly stream: 'downstream' | 'upstream';
  readonly attributes: Readonly<Record<string, number>>;
}

/** What a look at the server shows while the fault is there, and not before it. */
export type Sign =
  /** The route does not answer with 200. */
  | { readonly kind: 'status'; readonly path: string }
  /** The route's answer takes this much longer than before. */
  | { readonly kind: 'slow'; readonly path: string; readonly atLeastMs: number }
  /** The route does not answer at all. */
  | { readonly kind: 'silent'; readonly path: string }
  /** So many reads of the cache more are misses since the look before. */
  | { readonly kind: 'misses'; readonly atLeast: number }
  /** A search for what nobody has asked for is answered without data. */
  | { readonly kind: 'no-data' }
  /** Whoever made it says so: a server may hide it from its clients. */
  | { readonly kind: 'driver' };

const down = (proxy: string): Way => ({ driver: 'toxiproxy', proxy, toxic: null });
const toxic = (proxy: string, type: Toxic['type'], attributes: Toxic['attributes']): Way => ({
  driver: 'toxiproxy',
  proxy,
  toxic: { type, stream: 'downstream', attributes },
});

/** Long enough for a pool of 30 to be held by a few dozen users. */
const SLOW_DATABASE_MS = 1000;
/**
 * More users than the pool of 30 serves: 60 who pause for 0.3 s want it every 1.3 s each, and wait for about as long again.
 * Those of /health/db stand in one line, and the looks for the sign with them: more than three would take the line beyond
 * what a look waits for, and in a long fault beyond the 30 s after which the pool gives up.
 */
const BEYOND_THE_POOL: Pressure = { kind: 'sessions', sessionUsers: 60, healthUsers: 3, pauseS: 0.3 };
/**
 * Who is turned away comes back at once, and PostgreSQL starts a process for each attempt: as many users as above would load
 * its machine with 200 of them a second, so that cached queries suffered from that and not from what is tested.
 */
const AT_CLOSED_DOORS: Pressure = { kind: 'sessions', sessionUsers: 9, healthUsers: 1, pauseS: 0.5 };
/** Three lists at once, each of as many reads as the server has connections to Redis. */
const BEYOND_REDIS: Pressure = { kind: 'price-lists', users: 2, pauseS: 0.3 };
/** Far less than a search can wait for, and many times what a read takes. */
const SLOW_REDIS_MS = 10;

/** By scenario; the first is the one that `PERF_FAULT` need not name. */
export const FAULTS = {
  'provider-failure': [
    {
      name: 'provider-down',
      about: 'every provider fails',
      ways: [{ driver: 'control', on: { providerDown: true }, off: { providerDown: false } }],
      sign: { kind: 'no-data' },
    },
  ],
  'redis-down': [
    {
      name: 'redis-down',
      about: 'Redis refuses connections',
      ways: [down('redis'), { driver: 'control', on: { cacheDown: true }, off: { cacheDown: false } }],
      sign: { kind: 'status', path: '/health/cache' },
    },
  ],
  'redis-slow': [
    {
      name: 'redis-slow',
      about: `Redis answers ${SLOW_REDIS_MS} ms later`,
      ways: [toxic('redis', 'latency', { latency: SLOW_REDIS_MS, jitter: 0 })],
      sign: { kind: 'slow', path: '/health/cache', atLeastMs: SLOW_REDIS_MS * 0.8 },
    },
  ],
  'redis-connections': [
    {
      name: 'pool',
      about: "more reads at a time than the server's 50 connections to Redis",
      ways: [{ driver: 'load' }],
      sign: { kind: 'misses', atLeast: 50 },
      pressure: BEYOND_REDIS,
    },
    {
      name: 'maxclients',
      about: "Redis has as many clients as it takes ('maxclients')",
      ways: [{ driver: 'store', action: 'redis-maxclients' }],
      sign: { kind: 'driver' },
      pressure: BEYOND_REDIS,
    },
  ],
  'database-down': [
    {
      name: 'database-down',
      about: 'PostgreSQL refuses connections',
      ways: [down('postgres')],
      sign: { kind: 'status', path: '/health/db' },
    },
  ],
  'database-pool': [
    {
      name: 'pool',
      about: `PostgreSQL answers ${SLOW_DATABASE_MS} ms later, while more session tools than the pool's 30 connections want one`,
      ways: [toxic('postgres', 'latency', { latency: SLOW_DATABASE_MS, jitter: 0 })],
      sign: { kind: 'slow', path: '/health/db', atLeastMs: SLOW_DATABASE_MS * 0.9 },
      pressure: BEYOND_THE_POOL,
    },
    {
      name: 'foreign-connections',
      about: 'others hold all connections that PostgreSQL gives',
      ways: [{ driver: 'store', action: 'postgres-connections' }],
      sign: { kind: 'driver' },
      pressure: AT_CLOSED_DOORS,
    },
  ],
  network: [
    {
      name: 'latency',
      about: 'answers come 200 ms later',
      ways: [toxic('fiml', 'latency', { latency: 200, jitter: 0 })],
      sign: { kind: 'slow', path: '/health', atLeastMs: 180 },
    },
    {
      name: 'jitter',
      about: 'answers come 100 ms later, give or take 100 ms',
      ways: [toxic('fiml', 'latency', { latency: 100, jitter: 100 })],
      sign: { kind: 'slow', path: '/health', atLeastMs: 80 },
    },
    {
      name: 'bandwidth',
      about: 'each connection carries 20 KB a second',
      ways: [toxic('fiml', 'bandwidth', { rate: 20 })],
      sign: { kind: 'slow', path: '/mcp/tools', atLeastMs: 60 },
    },
    {
      name: 'reset',
      about: 'connections are reset',
      ways: [toxic('fiml', 'reset_peer', { timeout: 0 })],
      sign: { kind: 'silent', path: '/health' },
    },
    {
      name: 'half-open',
      about: 'connections stay open and carry nothing',
      ways: [toxic('fiml', 'timeout', { timeout: 0 })],
      sign: { kind: 'silent', path: '/health' },
    },
  ],
} as const satisfies Readonly<Record<string, readonly [Fault, ...Fault[]]>>;

export type FaultScenario = keyof typeof FAULTS;

export const isFaultScenario = (scenario: string): scenario is FaultScenario => Object.hasOwn(FAULTS, scenario);

/** Where the drivers are; null for those that are not at hand. */
export interface Drivers {
  readonly toxiproxy: string | null;
  readonly control: string | null;
  /** Goes before every other way: whoever names one means it. */
  readonly hook: string | null;
}

/** A fault with the way that it is going to be made. */
export interface ChosenFault {
  readonly fault: Fault;
  readonly driver: 'toxiproxy' | 'control' | 'hook' | 'load';
  /** Requests that make it, in turn; each must be answered with 2xx, or with 409 where it is there already. */
  readonly on: readonly DriverRequest[];
  /** Requests that undo it, in turn; 404 means that it is undone already. */
  readonly off: readonly DriverRequest[];
  /**
   * Is answered with 200 where the driver is at hand; of a hook also says whether the fault is there: `{"there": true}`. Null:
   * it takes no driver.
   */
  readonly look: string | null;
}

export interface DriverRequest {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly body: string | null;
}

/** Toxics of the suite are called so: what a killed run has left is told by their names. */
export const TOXIC_PREFIX = 'fiml-perf-';

/** Chooses the way in which a fault is made; null when none of its drivers is at hand. */
export function chooseWay(fault: Fault, drivers: Drivers): ChosenFault | null {
  const { hook } = drivers;
  if (hook !== null) {
    const post = (action: string): DriverRequest => ({ method: 'POST', url: `${hook}/${action}`, body: null });
    return { fault, driver: 'hook', on: [post('on')], off: [post('off')], look: `${hook}/sign` };
  }
  for (const way of fault.ways) {
    if (way.driver === 'load') return { fault, driver: 'load', on: [], off: [], look: null };
    if (way.driver === 'toxiproxy' && drivers.toxiproxy !== null) {
      return { fault, driver: 'toxiproxy', ...toxiproxied(drivers.toxiproxy, fault.name, way) };
    }
    if (way.driver === 'control' && drivers.control !== null) {
      const url = `${drivers.control}/faults`;
      const patch = (faults: object): DriverRequest => ({ method: 'PATCH', url, body: JSON.stringify(faults) });
      return { fault, driver: 'control', on: [patch(way.on)], off: [patch(way.off)], look: url };
    }
  }
  return null;
}

function toxiproxied(
  api: string,
  name: string,
  { proxy, toxic: made }: Extract<Way, { driver: 'toxiproxy' }>,
): Pick<ChosenFault, 'on' | 'off' | 'look'> {
  const url = `${api}/proxies/${proxy}`;
  const toxicName = TOXIC_PREFIX + name;
  const enable = (enabled: boolean): DriverRequest => ({ method: 'POST', url, body: JSON.stringify({ enabled }) });
  // A closed proxy does not tell who closed it: a toxic that touches nothing is the mark, set first and taken away last.
  const toxicBody =
    made === null
      ? { name: toxicName, type: 'latency', stream: 'downstream', toxicity: 0, attributes: { latency: 0 } }
      : { name: toxicName, ...made, toxicity: 1 };
  const add: DriverRequest = { method: 'POST', url: `${url}/toxics`, body: JSON.stringify(toxicBody) };
  const remove: DriverRequest = { method: 'DELETE', url: `${url}/toxics/${toxicName}`, body: null };
  return made === null
    ? { on: [add, enable(false)], off: [enable(true), remove], look: url }
    : { on: [add], off: [remove], look: url };
}

/** What it takes to have a driver for a fault, as a sentence. */
export const driversWanted = ({ ways }: Fault): string =>
  [...ways.map(driverOf), 'commands of your own (PERF_FAULT_ON and PERF_FAULT_OFF, with fiml-perf run)'].join(', or ');

function driverOf(way: Way): string {
  switch (way.driver) {
    case 'toxiproxy':
      return `Toxiproxy with a proxy called ${way.proxy} in front of ${IN_FRONT_OF[way.proxy] ?? way.proxy} (PERF_TOXIPROXY)`;
    case 'control':
      return "the reference server's control port (PERF_CONTROL)";
    case 'load':
      return 'nothing';
    case 'store':
      return way.action === 'redis-maxclients'
        ? 'Redis itself (REDIS_URL, with fiml-perf run)'
        : 'PostgreSQL itself (DATABASE_URL, with fiml-perf run)';
  }
}

const IN_FRONT_OF: Readonly<Record<string, string>> = {
  redis: "the server's Redis",
  postgres: "the server's PostgreSQL",
  fiml: 'the server, to which PERF_TARGET then leads',
};
