import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { repository, temporaryFolder } from '../support/cli';
import { testWhere } from '../support/k6';
import {
  broken,
  huge,
  leaking,
  missed,
  pageOf,
  pageWithHistory,
  pairPage,
  passed,
  risen,
  suitePage,
  untold,
} from '../support/report-pages';

jest.setTimeout(180_000);

const PROGRAM = 'chromium';
/** To be looked at, which nobody does in CI; git ignores it. */
const PICTURES = join(repository, '.cache', 'test', 'report-html');
const NOBODY_LOOKS = process.env.CI !== undefined;
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
const SCHEMES = ['light', 'dark'] as const;
const MOST_BYTES = 1e6;

let browser: Browser | undefined;
let folder: string;

beforeAll(() => {
  folder = temporaryFolder('report-html');
  mkdirSync(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function launched(): Promise<Browser> {
  const executablePath = execFileSync('which', [PROGRAM], { encoding: 'utf8' }).trim();
  browser ??= await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  return browser;
}

/** A page, what it asks for beyond its own file, and what the browser complains of. */
async function opened(context: BrowserContext, name: string) {
  const address = pathToFileURL(join(folder, `${name}.html`)).href;
  const page = await context.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (url !== address && !url.startsWith('data:')) asked.push(url);
  });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address);
  return { page, asked, complaints };
}

/** Name of each page, the page, and what its first screen must say. */
const PAGES: readonly (readonly [name: string, html: () => string, says: RegExp])[] = [
  ['pass', () => pageWithHistory(passed()), /^PASS The server meets its targets All 11 required targets hold\./],
  [
    'fail',
    () => pageWithHistory(missed()),
    /^FAIL The server misses its targets.*Why P95 latency, cached queries: 3\d\d ms, must be below 200 ms/,
  ],
  [
    'invalid',
    () => pageOf(untold()),
    /^INVALID This run cannot tell.*Why This run cannot be judged: k6 used more than 85 % of its CPU/,
  ],
  ['comparison', () => pairPage(), /^REGRESSED The candidate is slower.*Why All requests, typical latency: \+\d/],
  [
    'stress',
    () => pageOf(broken()),
    /^PASS The server meets its targets.*The fault: Redis refuses connections\. Lost in the phase fault: 11 of 161 requests \(6\.8 %\)/,
  ],
  [
    'breakpoint',
    () => pageOf(risen()),
    /^PASS The server meets its targets.*The capacity is 14\d \/s: all targets hold up to there, and not at 15\d \/s/,
  ],
  ['endurance', () => pageOf(leaking()), /^FAIL.*Why Growth of the server's memory: .*; must be below 5 %/],
  ['huge', () => pageOf(huge()), /^(PASS|WARN|INVALID|FAIL) /],
  [
    'suite',
    () => suitePage(),
    /^FAIL The server misses targets.*Why spike: Carried out of what the spike offers: 61\.28 %/,
  ],
];

for (const [name, html, says] of PAGES) {
  testWhere(
    [PROGRAM, '--version'],
    `${name}: shows its verdict to everybody, everywhere, and asks nobody`,
    async () => {
      const text = html();
      expect(Buffer.byteLength(text)).toBeLessThan(MOST_BYTES);
      writeFileSync(join(folder, `${name}.html`), text);
      const running = await launched();
      // Nobody's script runs: what is looked at is there without any.
      const seen = await running.newContext({ offline: true, javaScriptEnabled: false });
      const { page, asked, complaints } = await opened(seen, name);
      for (const viewport of SIZES) {
        await page.setViewportSize(viewport);
        for (const colorScheme of SCHEMES) {
          await page.emulateMedia({ colorScheme });
          expect((await page.locator('header').innerText()).replace(/\s+/g, ' ')).toMatch(says);
          if (NOBODY_LOOKS) continue;
          const file = `${name}-${viewport.width}-${colorScheme}`;
          await page.screenshot({ path: join(PICTURES, `${file}-first.png`) });
          if (colorScheme === 'light') await page.screenshot({ path: join(PICTURES, `${file}.png`), fullPage: true });
        }
      }
      expect({ asked, complaints }).toEqual({ asked: [], complaints: [] });
      await seen.close();
      // Looked at from within, where the page's own policy would let no script in.
      const inside = await running.newContext({ viewport: SIZES[1], offline: true, bypassCSP: true });
      const { page: entered } = await opened(inside, name);
      for (const colorScheme of SCHEMES) {
        await entered.emulateMedia({ colorScheme });
        const overflow = await entered.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        expect(overflow).toBeLessThanOrEqual(0);
      }
      // Rows of a large table are all alike, and to look at each would take most of the test's time.
      await entered.evaluate(
        'for (const one of document.querySelectorAll("details")) one.open = one.querySelectorAll("tr").length < 100',
      );
      await entered.evaluate(AXE);
      for (const colorScheme of SCHEMES) {
        await entered.emulateMedia({ colorScheme });
        // All that is another in the dark are the colours.
        const rules = colorScheme === 'light' ? '' : 'runOnly: ["color-contrast"]';
        const { violations } = (await entered.evaluate(`axe.run({ resultTypes: ["violations"], ${rules} })`)) as {
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
        };
        expect(
          violations.map(({ id, nodes }) => ({ id, node: nodes[0]?.html, why: nodes[0]?.failureSummary })),
        ).toEqual([]);
      }
      await inside.close();
    },
  );
}

const HOSTILE = [
  '<script>document.title="ran"</script>',
  '"><img src=http://127.0.0.1:9/x onerror=document.title="ran">',
  '</svg></style><style>@import "http://127.0.0.1:9/y"</style>',
  '\' onload=\'document.title="ran"',
  '{{constructor}} {a|b} {{{raw}}}',
  '\u202eright to left\u0000\u001b[31m',
  'x'.repeat(10_000),
];

testWhere(
  [PROGRAM, '--version'],
  'names from outside run nothing, ask for nothing and do not make it larger',
  async () => {
    const text = pageOf(huge((at) => `${HOSTILE[at % HOSTILE.length]}${at}`));
    expect(Buffer.byteLength(text)).toBeLessThan(MOST_BYTES);
    writeFileSync(join(folder, 'hostile.html'), text);
    // Without the page's policy: what is escaped needs none.
    const context = await (await launched()).newContext({ viewport: SIZES[1], bypassCSP: true });
    const { page, asked, complaints } = await opened(context, 'hostile');
    expect({ asked, complaints }).toEqual({ asked: [], complaints: [] });
    expect(await page.title()).toMatch(/: load/);
    expect(await page.locator('script, img, iframe, object, [onerror], [onload]').count()).toBe(0);
    expect(await page.locator('style').count()).toBe(1);
    expect(await page.locator('tbody th', { hasText: '<script>' }).count()).toBeGreaterThan(0);
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
    await context.close();
  },
);

testWhere([PROGRAM, '--version'], 'on paper it is light, whatever the screen', async () => {
  writeFileSync(join(folder, 'paper.html'), pageWithHistory(passed()));
  const context = await (await launched()).newContext({ colorScheme: 'dark', offline: true, bypassCSP: true });
  const { page } = await opened(context, 'paper');
  const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  expect(await background()).toBe('rgb(21, 23, 28)');
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await background()).toBe('rgb(255, 255, 255)');
  await context.close();
});
