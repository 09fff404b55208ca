/** A campaign’s report in a real browser: what one sees there, that it loads nothing, and that nothing in it runs. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type CampaignHead, campaignHtml, type InjectionResult, summarize } from 'testvisor';
import { head, result, results } from '../campaign/made-up-results';
import { campaignHead, campaignResults } from './campaign-results';

/** A browser takes its time to start on a busy host. */
jest.setTimeout(60_000);

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const inBrowser = CHROMIUM === undefined ? describe.skip : describe;
if (CHROMIUM === undefined) process.stderr.write('There is no Chromium: its specs of reports are skipped.\n');

test('the same results give the same page, which names no other address', () => {
  const page = campaignHtml(campaignHead, campaignResults);
  expect(campaignHtml(campaignHead, campaignResults)).toBe(page);
  expect(page.replaceAll(/http:\/\/www\.w3\.org\/\S+/g, '')).not.toMatch(
    /https?:|<script|<link|@import|url\((?!#)/,
  );
});

inBrowser('in Chromium', () => {
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens the report; any message on the console and any request but that of the page itself fails the spec. */
  async function open(campaign: CampaignHead, of: readonly InjectionResult[]): Promise<Page> {
    const file = join(folder, 'report.html');
    writeFileSync(file, campaignHtml(campaign, of));
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const address = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url() !== address) throw new Error(`the page asks for ${request.url()}`);
    });
    page.on('console', (message) => {
      throw new Error(`the page says ${message.text()}`);
    });
    await page.goto(address);
    return page;
  }

  test('a reader sees numbers, outcomes, causes with their commands, maps and definitions', async () => {
    const page = await open(campaignHead, campaignResults);
    const summary = summarize(campaignHead, campaignResults);
    expect(await page.title()).toBe('Train control: registers and state: campaign report');
    expect(await page.locator('.tile').allInnerTexts()).toEqual([
      expect.stringContaining('Undetected failure'),
      expect.stringContaining('Failure'),
      expect.stringContaining('Estimated diagnostic coverage'),
      expect.stringMatching(/Recovery time, longest\s+227 us/),
    ]);
    const row = page.locator('#outcomes tr', { hasText: 'silent-data-corruption' });
    const sdc = summary.outcomes.find(({ outcome }) => outcome === 'silent-data-corruption')!;
    expect(await row.locator('td').allInnerTexts()).toEqual(
      expect.arrayContaining([String(sdc.injections), String(sdc.weight), 'exact', `${sdc.weight} faults`]),
    );
    expect(await page.locator('#outcomes svg text').allTextContents()).toEqual(
      expect.arrayContaining(['silent-data-corruption', 'masked-dead', 'hang']),
    );

    const [worst] = summary.groups;
    const card = page.locator('#causes article').first();
    expect(await card.innerText()).toContain('<wrong> & late in');
    expect(await card.locator('pre').last().innerText()).toBe(
      `npx testvisor replay campaigns/train-control.ts '${JSON.stringify(worst!.example.faults)}' --name 'Train control: registers and state'`,
    );
    const more = page.locator('#causes details article').first();
    expect(await more.isVisible()).toBe(false);
    await page.locator('#causes summary').click();
    expect(await more.isVisible()).toBe(true);

    expect(await page.locator('#function-register svg text').allTextContents()).toEqual(
      expect.arrayContaining(['train: decide()', 'a0', 'sp', 'none']),
    );
    expect(await page.locator('#symbol-bit svg text').allTextContents()).toEqual(
      expect.arrayContaining(['train: state', '0', '7']),
    );
    expect(await page.locator('#properties').innerText()).toMatch(/broken\s+train\s+always “speed fits”/);
    expect(await page.locator('#figures').innerText()).toContain('dangerous undetected');
    expect(await page.locator('#method').innerText()).toContain('b4f1c9d27e60a853');
    expect(await page.locator('#warning').count()).toBe(0);
    await page.close();
  });

  test('nothing is cut off: charts and tables fit, also on a small screen', async () => {
    const page = await open(campaignHead, campaignResults);
    for (const width of [1280, 800]) {
      await page.setViewportSize({ width, height: 900 });
      const [wide, bars] = await Promise.all([
        page.evaluate('document.documentElement.scrollWidth'),
        page.locator('#outcomes svg').boundingBox(),
      ]);
      expect(wide).toBeLessThanOrEqual(width);
      expect(bars!.width).toBeGreaterThan(width / 2);
    }
    await page.close();
  });

  test('what is not known is said before any number', async () => {
    const page = await open(head({ planned: 12 }), results({ 'harness-error': 2, trap: 3 }));
    const text = await page.locator('main').innerText();
    expect(text).toContain('5 of 12 injections have results');
    expect(text).toContain('2 injections ended in harness-error');
    expect(text.indexOf('Not all is known')).toBeLessThan(text.indexOf('Undetected failure'));
    await page.close();
  });

  test('a sample shows its intervals; names from guests are text, whatever they hold', async () => {
    const hostile = '</code><script>console.log("here")</script><img src=x>';
    const page = await open(head({ basis: 'sample', spaceSize: 1e6, planned: 40, name: hostile }), [
      ...results({ 'masked-dead': 39 }),
      result(39, 'hang', { cause: hostile, symbol: hostile, function: hostile }),
    ]);
    expect(await page.locator('h1').innerText()).toBe(hostile);
    expect(await page.locator('#causes article').innerText()).toContain(hostile);
    expect(await page.locator('#outcomes tr', { hasText: 'No more progress' }).innerText()).toMatch(
      /2\.5 %\s+0\.0633 % to 13\.2 % \(95 %\)\s+about 25,000 faults \(633 to 131,586\)/,
    );
    await page.close();
  });

  test('a campaign without failures says so', async () => {
    const page = await open(head({ planned: 9 }), results({ 'masked-dead': 9 }));
    expect(await page.locator('#causes').innerText()).toContain('There are none.');
    await page.close();
  });
});
