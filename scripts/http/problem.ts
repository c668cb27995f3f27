/** What kept an answer away, for those who say what to do about it. */
export type Hindrance =
  | 'refused'
  | 'timeout'
  | 'name'
  | 'route'
  | 'tls'
  | 'cut'
  | 'not-http'
  | 'proxy'
  | 'headers'
  | 'other';

/** No answer; `problem` says why in words, such as `connection refused`, without any secret. */
export interface NoReply {
  readonly problem: string;
  readonly hindrance: Hindrance;
}

/** Failures to connect, by the system's and undici's codes. */
const CONNECTING: Readonly<Record<string, NoReply>> = {
  ECONNREFUSED: { problem: 'connection refused', hindrance: 'refused' },
  ENOTFOUND: { problem: 'there is no host of that name', hindrance: 'name' },
  EAI_AGAIN: { problem: 'its name cannot be looked up', hindrance: 'name' },
  EHOSTUNREACH: { problem: 'there is no route to it', hindrance: 'route' },
  ENETUNREACH: { problem: 'there is no route to it', hindrance: 'route' },
  ETIMEDOUT: { problem: 'no connection', hindrance: 'timeout' },
  UND_ERR_CONNECT_TIMEOUT: { problem: 'no connection in time', hindrance: 'timeout' },
};

const EXCHANGING: Readonly<Record<string, NoReply>> = {
  ECONNRESET: { problem: 'the connection was cut', hindrance: 'cut' },
  EPIPE: { problem: 'the connection was cut', hindrance: 'cut' },
  UND_ERR_SOCKET: { problem: 'the connection was cut', hindrance: 'cut' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { problem: 'the answer broke off', hindrance: 'cut' },
  UND_ERR_RES_EXCEEDED_MAX_SIZE: { problem: 'the answer has no end', hindrance: 'other' },
  UND_ERR_PRX_TLS: { problem: "the proxy's certificate is for another name", hindrance: 'proxy' },
  // The proxy's refusal of a tunnel; the client itself aborts nothing that anyone still waits for.
  UND_ERR_ABORTED: { problem: 'the proxy refused the connection', hindrance: 'proxy' },
  // Names and values that HTTP allows in no header, or that the client sets itself.
  UND_ERR_INVALID_ARG: { problem: 'a header of PERF_HEADERS cannot be sent', hindrance: 'headers' },
  UND_ERR_NOT_SUPPORTED: { problem: 'a header of PERF_HEADERS cannot be sent', hindrance: 'headers' },
};

/**
 * Puts an error of an exchange into words. Only its code is used: a message may repeat an address with its password.
 *
 * @param proxied whether the connection was made to a proxy: it, not the target, is then what cannot be reached.
 */
export function noReply(error: unknown, proxied: boolean): NoReply {
  const { code = '', message = '', name = '' } = error as NodeJS.ErrnoException;
  const connecting = CONNECTING[code];
  if (connecting !== undefined) {
    return proxied ? { problem: `the proxy cannot be reached: ${connecting.problem}`, hindrance: 'proxy' } : connecting;
  }
  if (message.includes('(407)')) return { problem: 'the proxy wants a user name and password', hindrance: 'proxy' };
  const exchanging = EXCHANGING[code];
  if (exchanging !== undefined) return exchanging;
  // Its code is missing where the very first bytes are wrong.
  if (name === 'HTTPParserError') return { problem: 'what came back is not HTTP', hindrance: 'not-http' };
  if (/^(ERR_SSL|ERR_TLS|EPROTO|ERR_OSSL)/.test(code)) return { problem: `TLS failed (${code})`, hindrance: 'tls' };
  if (/CERT|SELF_SIGNED|SIGNATURE/.test(code)) {
    return { problem: `its certificate cannot be verified (${code})`, hindrance: 'tls' };
  }
  return { problem: `the request failed (${code === '' ? 'no reason given' : code})`, hindrance: 'other' };
}
