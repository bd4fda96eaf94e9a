// A user at a browser: opens an address in Chromium and fills in the forms that come, until none is left.
//
// `node browser.mjs SETTINGS ADDRESS [USER-CODE]`, SETTINGS being JSON: {"username", "password",
// "refuse" (optional: cancels at the first form), "dark" (optional), "screenshots" (a folder, optional),
// "port" (where to report)}. The report is JSON: {"address", "title", "text", "pages"} of the last page, or {"error"}.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const MOST_PAGES = 12;
const TIMEOUT = 30_000;

const [settings, address, userCode] = [JSON.parse(process.argv[2]), ...process.argv.slice(3)];
const folder = mkdtempSync(join(tmpdir(), 'witness-browser-'));
const report = await visit().catch((error) => ({ error: error.message }));
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
const socket = connect(settings.port, '127.0.0.1').end(JSON.stringify(report), () => socket.destroy());

async function visit() {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: SWITCHES,
    // The servers' certificates are made by the test; it is not the browser that is under test.
    ignoreHTTPSErrors: true,
    colorScheme: settings.dark ? 'dark' : 'light',
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(TIMEOUT);
    await page.goto(address);
    return await signIn(page);
  } finally {
    await context.close();
  }
}

async function signIn(page) {
  const pages = [];
  while (pages.length < MOST_PAGES) {
    await page.waitForLoadState('networkidle');
    pages.push(await page.title());
    if (settings.screenshots) await page.screenshot({ path: join(settings.screenshots, `${pages.length}.png`) });
    if (!(await submitForm(page))) break;
  }
  return { address: withoutAnswer(page.url()), title: await page.title(), text: await page.innerText('body'), pages };
}

/** Fills in and sends the form of the page; false if it has none, or is the client's own last page. */
async function submitForm(page) {
  // With `form_post` the authority's last page sends itself to the client.
  if ((await page.locator('form[action^="http://"]').count()) > 0) await page.waitForURL(/^http:/);
  if (page.url().startsWith('http:')) return false;
  const submit = page.locator('button:visible, input[type=submit]:visible');
  if ((await submit.count()) === 0) return false;
  await fill(page, 'input[name=user_code]:visible', userCode);
  await fill(page, 'input[name=login]:visible, input[type=email]:visible, input[name=username]:visible', settings.username);
  await fill(page, 'input[type=password]:visible', settings.password);
  const refusal = page.getByText(/cancel|decline/i);
  await Promise.all([page.waitForEvent('framenavigated'), (settings.refuse ? refusal : submit).first().click()]);
  return true;
}

async function fill(page, selector, value) {
  const field = page.locator(selector);
  if (value !== undefined && (await field.count()) > 0) await field.first().fill(value);
}

/** An address without what the authority answered: codes do not belong in reports. */
function withoutAnswer(url) {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
