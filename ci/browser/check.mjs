// Checks the report pages in a browser. Prints every failed check, and exits with 1 if there are
// any.
import { statSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import puppeteer, { ProtocolError, TimeoutError } from "puppeteer-core";

const [out, rendered] = process.argv.slice(2);
const wrong = [];
const check = (fine, what) => {
  console.log(`${fine ? "ok  " : "FAIL"} ${what}`);
  if (!fine) wrong.push(what);
};

// If the browser stops answering, that says nothing about the page. Exit code 3 asks the caller to
// try another browser.
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, error => {
    console.log(`report-browser: ${error.stack ?? error}`);
    browser?.process()?.kill("SIGKILL");
    process.exit(error instanceof ProtocolError || error instanceof TimeoutError ? 3 : 1);
  });
}
let browser;
browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  headless: true,
  protocolTimeout: 45_000,
  args: [
    // Chromium has no sandbox as root in a container, and a container has little shared memory.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-color-profile=srgb",
    // Nor does it contact its vendor, which a machine without a network cannot reach.
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    // A tab in the background renders nothing, so its screenshot never completes.
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
  ],
});

const open = async (name, { dark = false, width = 1200, query = "" } = {}) => {
  const page = await browser.newPage();
  page.problems = [];
  page.on("console", message => {
    if (["error", "warn"].includes(message.type())) page.problems.push(message.text());
  });
  page.on("pageerror", error => page.problems.push(String(error)));
  page.on("request", request => {
    if (!/^(file|data):/.test(request.url())) page.problems.push(`requests ${request.url()}`);
  });
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  await page.goto(pathToFileURL(`${out}/${name}.html`).href + query, { waitUntil: "load" });
  return page;
};
const picture = async (page, name) => {
  await page.bringToFront();
  await page.screenshot({ path: `${out}/${name}.png` });
};
const visible = page => page.$$eval("#matrix tr[data-id]", rows => rows.filter(r => !r.hidden).length);
const overflow = page =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

{
  const page = await open("small");
  const results = JSON.parse(readFileSync(`${out}/small.json`, "utf8"));
  const all = await visible(page);
  check(all === results.requirements.length, `the matrix has a row for each of ${results.requirements.length} requirements`);
  const drawn = results.transcripts.filter(shown => shown.lines.length).length;
  const ladders = await page.$$eval("svg.wide", all => all.length);
  check(drawn > 0 && ladders === drawn, `there is a ladder for each of ${drawn} transcripts`);
  check((await page.$$("svg.narrow")).length === drawn, "and one for a phone");
  check((await page.$$(".ladder .here")).length >= drawn, "each ladder rings the event that matters");
  check((await page.$$(".ladder .life.half")).length > 0, "lifelines become thin");
  const dead = await page.$$eval("a[href^='#']", links =>
    links.map(a => a.getAttribute("href").slice(1)).filter(id => !document.getElementById(id)));
  check(dead.length === 0, `every link has a target ${dead.slice(0, 3)}`);
  const twice = await page.$$eval("[id]", all => all.length - new Set(all.map(e => e.id)).size);
  check(twice === 0, "no id is used twice");

  const failures = await page.$$("#failures li a");
  check(failures.length > 0, `${failures.length} failures are listed`);
  const first = await page.evaluate(() => {
    const [list, matrix] = ["failures", "matrix"].map(id => document.getElementById(id).getBoundingClientRect().top);
    return list < matrix && list < innerHeight;
  });
  check(first, "they come first, on the first screen");
  const counts = [];
  for (const link of await page.$$("a[data-filter]")) {
    await link.evaluate(a => a.click());
    const words = await link.evaluate(a => a.textContent);
    counts.push([words, parseInt(words.replace(/,/g, "")), await visible(page)]);
  }
  const uneven = counts.filter(([, said, shown]) => said !== shown).map(([words]) => words);
  check(counts.length > 1 && uneven.length === 0, `each count leads to as many rows ${uneven}`);
  await page.click("form button[type=reset]");
  await new Promise(done => setTimeout(done, 50));
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
  check(await page.$eval("#bar", bar => bar.getBoundingClientRect().top === 0), "the header stays");
  await page.click("#contents summary");
  await page.click("#contents a[href='#matrix-of']");
  check(await page.$eval("#contents", contents => !contents.open), "the contents close behind a link");
  await page.evaluate(() => scrollTo(0, 0));

  await page.select("select[name=outcome]", "regression");
  const bad = await visible(page);
  check(bad > 0 && bad < all, `the filter by outcome leaves ${bad} of ${all}`);
  check(page.url().includes("outcome=regression"), "the filter is in the address");
  await page.select("select[name=role]", "client");
  const client = await visible(page);
  check(client > 0 && client <= bad, `the filter by role leaves ${client}`);
  const address = page.url().slice(page.url().indexOf("?"));
  const again = await open("small", { query: address });
  check((await visible(again)) === client, "the address alone restores the filters");
  await again.click("form button[type=reset]");
  await new Promise(done => setTimeout(done, 50));
  check((await visible(again)) === all, "reset shows all rows again");
  await again.type("input[name=q]", "close_notify");
  const found = await visible(again);
  check(found > 0 && found < all, `the text filter leaves ${found}`);
  await again.click("form button[type=reset]");

  const family = await page.$("#matrix .family button");
  await family.focus();
  await page.keyboard.press("Enter");
  check((await page.$$("#matrix tr.folded")).length > 0, "a family can be folded with the keyboard");
  await page.keyboard.press("Enter");

  // The focus of a background tab depends on the browser.
  await page.bringToFront();
  const cell = await page.$("#matrix tr[data-id]:not([hidden]) td a.o");
  await cell.focus();
  await page.keyboard.press("Enter");
  await new Promise(done => setTimeout(done, 200));
  const target = await page.evaluate(() => {
    const box = document.querySelector(".req:target")?.getBoundingClientRect();
    return box && box.top < innerHeight && box.bottom > 0;
  });
  check(target, "a cell leads to its requirement");
  const record = await page.$(".req:target details[open] .ev[tabindex]");
  await record.evaluate(element => element.focus());
  const tip = await page.$eval("#hover", tip => (tip.hidden ? "" : tip.textContent));
  check(tip.includes("header: type"), "focus shows the header of a record");
  await picture(page, "requirement-light");
  await page.keyboard.press("Escape");
  check(await page.$eval("#hover", tip => tip.hidden), "Escape hides it");
  check(page.problems.length === 0, `the console shows no problems ${page.problems.slice(0, 3)}`);
  check(again.problems.length === 0, `the second page shows no problems ${again.problems.slice(0, 3)}`);
  await page.close();
  await again.close();
}

for (const [name, look] of [
  ["light", {}],
  ["dark", { dark: true }],
  ["phone", { width: 360 }],
  ["phone-dark", { width: 360, dark: true }],
]) {
  const page = await open("small", look);
  check((await overflow(page)) <= 0, `${name}: nothing is wider than the page`);
  await picture(page, name);
  await page.evaluate(() => {
    const first = document.querySelector("details.exhibit");
    first.open = true;
    first.closest(".req").scrollIntoView();
  });
  await new Promise(done => setTimeout(done, 200));
  await picture(page, `${name}-ladder`);
  // Letters of less than 8 pixels are hard to read.
  const [letters, wider] = await page.evaluate(() => {
    const svg = [...document.querySelectorAll("details.exhibit[open] svg.ladder")].find(svg => svg.clientWidth);
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const sizes = [...svg.querySelectorAll("text")].map(text => parseFloat(getComputedStyle(text).fontSize));
    return [Math.min(...sizes) * scale, svg.getBoundingClientRect().right > innerWidth];
  });
  check(letters >= 8 && !wider, `${name}: a ladder fits, with letters of ${letters.toFixed(1)} pixels and more`);
  await page.close();
}

{
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.goto(pathToFileURL(`${out}/small.html`).href, { waitUntil: "load" });
  const rows = await page.$$("#matrix tr[data-id]");
  const failures = await page.$$("#failures li a");
  const form = await page.$eval("form", form => form.hidden);
  check(rows.length > 0 && failures.length > 0 && form, "without scripts all is there but the filters");
  await page.close();
}

{
  const page = await open("large");
  const opened = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType("navigation");
    return Math.round(navigation.loadEventEnd || performance.now());
  });
  const size = statSync(`${out}/large.html`).size;
  const ladders = await page.$$eval("svg.wide", all => all.length);
  check(ladders === 200, `the large page has ${ladders} ladders`);
  check(size < 5e6, `it is ${(size / 1e6).toFixed(2)} MB, under 5`);
  check(rendered < 2000, `it was rendered in ${rendered} ms, under 2000`);
  check(opened < 1000, `it opened in ${opened} ms, under 1000`);
  check(page.problems.length === 0, `its console shows no problems ${page.problems.slice(0, 3)}`);
  await page.close();
}

await browser.close();
if (wrong.length) {
  console.log(`report-browser: ${wrong.length} checks failed`);
  process.exit(1);
}
