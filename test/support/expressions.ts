/** What an expression of a workflow may name: `github`, `inputs`, `env`, `steps`, `runner`. */
export type Contexts = Readonly<Record<string, unknown>>;

/** How the steps before this one went, for `success()` and the others. */
export interface Outcome {
  readonly failed: boolean;
}

type Value = string | number | boolean | null;

const TOKEN = /\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w-]*)|(==|!=|&&|\|\||[!().,]))/y;

/**
 * Evaluates expressions of GitHub Actions as far as the suite's workflows use them: contexts, literals, comparisons, `&&`,
 * `||`, `!` and the functions that ask how it went.
 *
 * @throws for whatever else: an expression that is understood wrongly would test another workflow.
 */
export function evaluate(expression: string, contexts: Contexts, { failed }: Outcome): Value {
  const tokens = tokensOf(expression);
  const functions: Readonly<Record<string, () => Value>> = {
    always: () => true,
    success: () => !failed,
    failure: () => failed,
  };
  let at = 0;
  const take = (wanted?: string): string => {
    const token = tokens[at];
    if (token === undefined || (wanted !== undefined && token !== wanted)) {
      throw new Error(`${expression}: expected ${wanted ?? 'more'}, found ${token ?? 'the end'}`);
    }
    at += 1;
    return token;
  };
  const follows = (token: string): boolean => tokens[at] === token && take() === token;

  const either = (): Value => {
    let left = both();
    while (follows('||')) {
      const right = both();
      left = truthy(left) ? left : right;
    }
    return left;
  };
  const both = (): Value => {
    let left = compared();
    while (follows('&&')) {
      const right = compared();
      left = truthy(left) ? right : left;
    }
    return left;
  };
  const compared = (): Value => {
    const left = single();
    if (follows('==')) return same(left, single());
    if (follows('!=')) return !same(left, single());
    return left;
  };
  const single = (): Value => {
    if (follows('!')) return !truthy(single());
    if (follows('(')) {
      const inner = either();
      take(')');
      return inner;
    }
    const token = take();
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^-?\d/.test(token)) return Number(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === 'null') return null;
    if (!/^[A-Za-z_]/.test(token)) throw new Error(`${expression}: ${token} cannot begin a value`);
    return follows('(') ? called(token) : named(token);
  };
  const called = (name: string): Value => {
    const asked = functions[name];
    if (asked === undefined || tokens[at] !== ')')
      throw new Error(`${expression}: ${name}() with these arguments is not known`);
    take(')');
    return asked();
  };
  const named = (context: string): Value => {
    if (!(context in contexts)) throw new Error(`${expression}: there is no context ${context}`);
    let value: unknown = contexts[context];
    while (follows('.')) {
      const name = take();
      value = (value as Record<string, unknown> | null | undefined)?.[name];
    }
    if (typeof value === 'object' && value !== null) throw new Error(`${expression}: an object cannot stand in a text`);
    // What is not there is null, and an empty text.
    return (value ?? null) as Value;
  };

  const result = either();
  if (at < tokens.length) throw new Error(`${expression}: ${tokens[at]} is not expected there`);
  return result;
}

/** A text with the expressions in `${{ }}` evaluated. */
export const interpolate = (text: string, contexts: Contexts, outcome: Outcome): string =>
  text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => String(evaluate(expression, contexts, outcome) ?? ''));

/** Whether a job or step is to run: without a status function that means, as well, that none before it has failed. */
export function holds(condition: string | undefined, contexts: Contexts, outcome: Outcome): boolean {
  if (condition === undefined) return !outcome.failed;
  const bare = condition.replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1');
  const asksStatus = /\b(always|success|failure)\(\)/.test(bare);
  return (asksStatus || !outcome.failed) && truthy(evaluate(bare, contexts, outcome));
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  const text = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`${expression}: ${text.slice(from)} is not understood`);
    tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
  }
  return tokens;
}

const truthy = (value: Value): boolean => value !== null && value !== false && value !== 0 && value !== '';

/** Texts are alike whatever their case, as GitHub has it. */
function same(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left.toLowerCase() === right.toLowerCase();
  if (typeof left !== typeof right) throw new Error(`${String(left)} and ${String(right)} are of two types`);
  return left === right;
}
