import type { Clock } from './clock';

/** What the embedded stub takes for each call, ms. */
const STUB_CALL_MS = 20;
const TIMEOUT_MS = 30_000;
/** Waits before the second and the third try. */
const BACK_OFF_MS = [1000, 2000];
const API_VERSION = '2024-02-15-preview';

/** The language model that writes narratives. */
export interface Llm {
  /** Makes calls one after the other; false: none of them succeeded. */
  write(prompts: readonly string[]): Promise<boolean>;
}

export interface LlmEndpoint {
  readonly url: string;
  readonly apiKey: string;
  readonly deployment: string;
}

/** A model that always answers, in this process. */
export const embeddedLlm = (clock: Clock): Llm => ({
  write: async (prompts) => {
    await clock.sleep(prompts.length * STUB_CALL_MS);
    return true;
  },
});

/**
 * A model over HTTP, as Azure OpenAI serves it.
 * @param retryScale multiplies its timeout and the waits between tries.
 */
export function httpLlm({ url, apiKey, deployment }: LlmEndpoint, clock: Clock, retryScale: number): Llm {
  const path = `openai/deployments/${encodeURIComponent(deployment)}/chat/completions?api-version=${API_VERSION}`;
  const address = `${url.replace(/\/+$/, '')}/${path}`;
  const call = async (prompt: string): Promise<void> => {
    const answer = await fetch(address, {
      method: 'POST',
      // The server has a new client for each call, so that no connection is used twice.
      headers: { 'content-type': 'application/json', 'api-key': apiKey, connection: 'close' },
      body: JSON.stringify({ messages: [{ role: 'user', content: prompt }] }),
      signal: AbortSignal.timeout(TIMEOUT_MS * retryScale),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const { choices } = JSON.parse(text) as { choices: { message: { content: string } }[] };
    if (typeof choices[0]?.message.content !== 'string') throw new Error('no message');
  };
  const complete = async (prompt: string): Promise<boolean> => {
    for (const waitMs of [0, ...BACK_OFF_MS]) {
      if (waitMs > 0) await clock.sleep(waitMs * retryScale);
      try {
        await call(prompt);
        return true;
      } catch {
        // Tried again; that the last failed as well is told by the result.
      }
    }
    return false;
  };
  return {
    write: async (prompts) => {
      let written = false;
      for (const prompt of prompts) written = (await complete(prompt)) || written;
      return written;
    },
  };
}
