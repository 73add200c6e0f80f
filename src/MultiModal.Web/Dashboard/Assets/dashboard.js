import { visible } from './visible.js';

// The dashboard of the HTTP API. Names, texts and codes come from files that anybody dropped: they reach the page as text
// nodes and attributes of known elements only, and addresses as percent-encoded segments. What is hidden in them is made visible,
// and a name cannot turn what stands beside it around.

const KEY = 'multimodal-key';
const ITEMS_SHOWN = 100;
const UPLOADS_AT_A_TIME = 3;
const FAST_MS = 1000;
const SLOW_MS = 4000;

const byId = id => document.getElementById(id);
const main = byId('main');
const opened = new Set();

/* --- elements --- */

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter(c => c !== null && c !== undefined && c !== false).map(c => typeof c === 'string' ? visible(c) : c));
  return element;
}

/** A name that somebody else chose. */
const nameOf = name => h('bdi', null, name);

const ICONS = {
  image: 'M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M15.5 9.5h.01',
  audio: 'M4 10v4M8 7v10M12 4v16M16 8v8M20 10v4',
  text: 'M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3',
  unsupported: 'M6 3h9l4 4v14H6zM12 11v4M12 18h.01',
  upload: 'M12 16V4M7 9l5-5 5 5M4 16v4h16v-4',
};

function icon(kind) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const attributes = { viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': '2', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[kind] ?? ICONS.unsupported);
  svg.append(path);
  return svg;
}

/* --- words and numbers --- */

const STATUS = {
  new: ['New', ''], quiet: ['Waiting for quiet', 'info'], held: ['Held', 'warn'], running: ['Running', 'info busy'],
  succeeded: ['Succeeded', 'good'], partiallySucceeded: ['Partial', 'warn'], failed: ['Failed', 'bad'], cancelled: ['Cancelled', ''], empty: ['Empty', ''],
  waiting: ['Waiting', ''], skipped: ['Skipped', ''], unsupported: ['Unsupported', ''], duplicate: ['Duplicate', 'good'],
};

const pill = status => h('span', { class: `pill ${STATUS[status]?.[1] ?? ''}` }, STATUS[status]?.[0] ?? status);

function money(usd) {
  if (usd === null || usd === undefined) return 'not known';
  if (usd === 0) return '$0';
  const digits = Math.abs(usd) >= 1 ? 2 : Math.abs(usd) >= 0.001 ? 4 : 6;
  return `$${usd.toFixed(digits)}`;
}

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min ${Math.round(ms % 60_000 / 1000)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function size(bytes) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) { bytes /= 1000; unit++; }
  return `${unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}

function when(time) {
  if (!time) return '';
  const seconds = (Date.now() - new Date(time)) / 1000;
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(time).toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
}

const plural = (count, one, many = `${one}s`) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

/* --- the API --- */

const addressOf = batch => `/api/batches/${encodeURIComponent(batch)}`;

function headers(more) {
  const key = sessionStorage.getItem(KEY);
  return key ? { ...more, 'X-API-Key': key, 'x-functions-key': key } : { ...more };
}

let asking = null;

/** One dialog for however many calls were refused at the same moment. */
function askForKey() {
  asking ??= new Promise(resolve => {
    const dialog = byId('key');
    byId('key-refused').hidden = sessionStorage.getItem(KEY) === null;
    byId('key-text').value = '';
    dialog.addEventListener('close', () => {
      const key = byId('key-text').value.trim();
      const given = dialog.returnValue === 'ok' && key !== '';
      dialog.returnValue = '';
      if (given) sessionStorage.setItem(KEY, key);
      asking = null;
      resolve(given);
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

class Problem extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

async function problemOf(response) {
  const body = await response.json().catch(() => null);
  return new Problem(response.status, body?.code ?? null, body?.detail ?? `The host answered ${response.status}.`);
}

async function call(address, { method = 'GET', json, accept = 'application/json' } = {}) {
  for (;;) {
    const sent = sessionStorage.getItem(KEY);
    const response = await fetch(address, {
      method,
      headers: headers({ Accept: accept, ...(json === undefined ? {} : { 'Content-Type': 'application/json' }) }),
      body: json === undefined ? undefined : JSON.stringify(json),
    });
    if (response.status === 401) {
      if (sessionStorage.getItem(KEY) !== sent || await askForKey()) continue;
      throw new Problem(401, 'unauthorized', 'This host asks for a key.');
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

const get = async address => (await call(address)).json();

function put(batch, file, path, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', `${addressOf(batch)}/files/${path.split('/').map(encodeURIComponent).join('/')}`);
    for (const [name, value] of Object.entries(headers({}))) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', e => e.lengthComputable && progress(e.loaded / e.total));
    request.addEventListener('load', () => {
      if (request.status < 300) { resolve(); return; }
      let body = null;
      try { body = JSON.parse(request.responseText); } catch { /* not from our handlers: there is no more to say */ }
      reject(new Problem(request.status, body?.code ?? null, body?.detail ?? `The host answered ${request.status}.`));
    });
    request.addEventListener('error', () => reject(new Error('The host does not answer.')));
    request.send(file);
  });
}

let toastTimer = 0;

function say(text) {
  const toast = byId('toast');
  toast.textContent = visible(text);
  toast.classList.add('on');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.classList.remove('on'), 6000);
}

/** Does what a button is for; what goes wrong is said, never lost. */
function act(work) {
  return async event => {
    const button = event.currentTarget;
    button.disabled = true;
    try { await work(); } catch (e) { say(e.message); } finally { button.disabled = false; }
  };
}

/* --- the list --- */

const list = { next: null, pages: 1, shown: '' };

async function refreshList() {
  const query = new URLSearchParams({ limit: '100' });
  if (byId('search').value) query.set('prefix', byId('search').value);
  if (byId('status').value) query.set('status', byId('status').value);
  let address = `/api/batches?${query}`;
  const batches = [];
  for (let page = 0; page < list.pages && address; page++) {
    const answer = await get(address);
    batches.push(...answer.batches);
    address = answer.next;
  }
  batches.sort((a, b) => rank(b) - rank(a) || (b.finishedAt ?? '').localeCompare(a.finishedAt ?? ''));
  const now = JSON.stringify([batches, address, location.hash, Math.floor(Date.now() / 30_000)]);
  if (now === list.shown) return;
  list.shown = now;
  byId('more').hidden = address === null;
  const filtered = byId('search').value || byId('status').value;
  byId('batches').replaceChildren(...batches.map(entry), ...(batches.length ? [] : [h('li', { class: 'empty' }, filtered ? 'No batch matches.' : 'No batches yet.')]));
}

const rank = batch => ({ running: 3, quiet: 2, held: 2, new: 1 })[batch.status] ?? 0;

function entry(batch) {
  const here = route().batch === batch.batch;
  return h('li', null, h('a', { href: `#/b/${encodeURIComponent(batch.batch)}`, 'aria-current': here ? 'page' : null },
    h('span', { class: 'name' }, nameOf(batch.batch)),
    h('span', { class: 'meta' }, pill(batch.status), h('span', null, when(batch.finishedAt)))));
}

/* --- a batch --- */

const view = { batch: null, run: null, details: null, report: null, reportOf: null, drawn: '', limit: ITEMS_SHOWN, only: 'all' };

async function refreshBatch() {
  const { batch } = view;
  const details = await get(addressOf(batch)).catch(e => { if (e.status === 404 || e.status === 400) return null; throw e; });
  if (view.batch !== batch) return;
  if (!details) {
    view.details = null;
    draw('gone', () => [blank('There is no such batch', 'It may have been deleted, or nothing was dropped into it yet.')]);
    return;
  }
  const run = view.run ?? details.runs[0]?.runSeq ?? null;
  const wanted = run === null ? null : `${run}/${details.finishedAt}/${details.runs.length}`;
  if (wanted !== view.reportOf) {
    view.report = run === null ? null : await get(`${addressOf(batch)}/report?run=${run}`).catch(e => { if (e.status === 404) return null; throw e; });
    if (view.batch !== batch) return;
    view.reportOf = view.report || run === null ? wanted : null;
  }
  view.details = details;
  draw(JSON.stringify([details, view.reportOf, view.limit, view.only]), () => page(details, view.report));
}

function draw(state, render) {
  if (view.drawn === state) return;
  view.drawn = state;
  const focus = document.activeElement?.dataset?.focus;
  main.replaceChildren(...render().filter(Boolean));
  if (focus) main.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

function blank(title, text) {
  return h('div', { class: 'empty' }, h('h2', null, title), h('p', null, text), h('a', { class: 'button', href: '#/' }, 'All batches'));
}

function page(details, report) {
  return [
    h('a', { class: 'button quiet back', href: '#/' }, '‹ Batches'),
    head(details, report),
    details.progress && progress(details),
    details.hold && h('p', { class: 'panel' }, details.hold.message),
    report && summary(report),
    report?.notes?.length > 0 && h('section', { class: 'panel', 'aria-label': 'Notes' }, report.notes.map(n => h('p', { class: 'hint' }, n))),
    report && tiles(report),
    report && items(details.batch, report),
    !report && !details.progress && h('div', { class: 'panel empty' }, h('h2', null, 'No report yet'), h('p', null, details.status === 'quiet'
      ? 'Files have arrived. The batch runs once nothing more has been dropped for a moment.'
      : 'Add files. The batch then runs by itself.')),
  ];
}

function head(details, report) {
  const { batch, status } = details;
  const running = status === 'running';
  const post = what => act(async () => { await call(`${addressOf(batch)}/${what}`, { method: 'POST' }); await refreshAll(); });
  const failed = report?.items.some(i => i.status === 'failed' || i.status === 'cancelled');
  return h('div', { class: 'head' },
    h('div', { class: 'title' },
      h('h1', null, nameOf(batch)),
      h('div', { class: 'sub' },
        pill(status),
        details.runs.length > 0 && runPicker(details, report),
        details.finishedAt && h('span', null, `Finished ${when(details.finishedAt)}`),
        details.runsAgain && h('span', null, 'Runs again after this run'))),
    h('div', { class: 'row' },
      running
        ? h('button', { class: 'button danger', 'data-focus': 'cancel', disabled: details.cancelRequested, onclick: post('cancel') }, details.cancelRequested ? 'Cancelling…' : 'Cancel run')
        : h('button', { class: 'button primary', 'data-focus': 'start', onclick: post('start') }, details.runSeq ? 'Run again' : 'Start'),
      !running && failed && h('button', { class: 'button', 'data-focus': 'retry', onclick: post('start?only=failed') }, 'Retry failed'),
      h('button', { class: 'button', 'data-focus': 'add', onclick: () => pick(files => addTo(batch, files)) }, 'Add files'),
      report && h('button', { class: 'button', 'data-focus': 'json', onclick: act(() => download(batch, report.runSeq, 'application/json', 'json')) }, '↓ JSON'),
      report && h('button', { class: 'button', 'data-focus': 'md', onclick: act(() => download(batch, report.runSeq, 'text/markdown', 'md')) }, '↓ Markdown'),
      !running && h('button', { class: 'button danger', 'data-focus': 'delete', onclick: () => remove(batch) }, 'Delete')));
}

function runPicker(details, report) {
  if (details.runs.length === 1) return h('span', null, `Run ${details.runs[0].runSeq}`);
  const select = h('select', { 'aria-label': 'Run', 'data-focus': 'run', onchange: e => { view.run = Number(e.target.value); view.reportOf = null; view.limit = ITEMS_SHOWN; refreshBatch().catch(e2 => say(e2.message)); } },
    details.runs.map(r => h('option', { value: r.runSeq, selected: r.runSeq === report?.runSeq }, `Run ${r.runSeq}`)));
  return select;
}

function progress(details) {
  const { count, done, failed, items: shown } = details.progress;
  return h('section', { class: 'panel', 'aria-label': 'Progress' },
    h('div', { class: 'row' }, h('h2', { class: 'grow' }, `Run ${details.runSeq}`),
      h('span', { class: 'hint' }, count === null ? 'Taking the inventory…' : `${done.toLocaleString()} of ${plural(count, 'item')}${failed ? `, ${failed} failed` : ''}`)),
    h('progress', { max: count || 1, value: count === null ? null : done, 'aria-label': 'Items done' }),
    h('div', { class: 'items' }, shown.map(i => h('div', { class: `item flat${i.status === 'failed' ? ' bad' : ''}` },
      h('span', { class: 'kind' }, icon(i.kind)), h('span', { class: 'name' }, nameOf(i.name)), pill(i.status),
      h('span', { class: `line${i.code ? ' problem' : ''}` }, i.code ? h('code', null, i.code) : i.steps.length ? i.steps.map(s => s.step).filter((s, n, all) => all.indexOf(s) === n).join(' → ') : '\u00a0')))),
    count > shown.length && h('p', { class: 'hint' }, `and ${plural(count - shown.length, 'more item')}`));
}

function summary(report) {
  if (report.error) return h('section', { class: 'panel' }, h('h2', { class: 'problem' }, 'The batch could not run'), h('p', null, h('code', null, report.error.code), ' ', report.error.message));
  const s = report.synthesis;
  if (!s) return report.synthesisReason && h('section', { class: 'panel' }, h('h2', null, 'No synthesis'), h('p', { class: 'hint' }, report.synthesisReason.message));
  const points = (title, texts) => texts.length > 0 && h('div', null, h('h3', null, title), h('ul', null, texts.map(t => h('li', null, t))));
  return h('section', { class: 'panel synthesis', lang: s.language },
    h('h2', null, s.title),
    h('p', { class: 'summary' }, s.summary),
    h('div', { class: 'columns' }, points('Key points', s.keyPoints), points('Action items', s.actionItems)),
    s.topics.length > 0 && h('div', { class: 'tags', 'aria-label': 'Topics' }, s.topics.map(t => h('span', { class: 'tag' }, t))),
    s.note && h('p', { class: 'hint' }, s.note));
}

function spentLabel({ unpriced, assumed = [] }) {
  const without = unpriced.length ? `spent, without ${unpriced.join(', ')}` : 'spent';
  return assumed.length ? `${without}; the price of ${assumed.join(', ')} is assumed` : without;
}

/** Reports of older versions claim speed-ups below this one, which may be chance. */
const LEAST_SPEEDUP = 1.2;

function tiles(report) {
  const { cost, timing } = report;
  const tile = (value, label, good) => h('div', { class: 'tile' }, h('div', { class: `value${good ? ' good' : ''}` }, value), h('div', { class: 'label' }, label));
  return h('section', { class: 'tiles', 'aria-label': 'Cost and time' },
    tile(money(cost.spentUsd), spentLabel(cost)),
    tile(money(cost.savedByOptimizingUsd), 'saved by optimising', cost.savedByOptimizingUsd > 0),
    tile(money(cost.savedByCacheUsd), 'saved by the cache', cost.savedByCacheUsd > 0),
    tile(duration(timing.wallClockMs), 'wall clock'),
    timing.speedup >= LEAST_SPEEDUP
      ? tile(`${timing.speedup.toFixed(1)}×`, `as fast as one after the other (${duration(timing.sequentialMs)})`)
      : tile(duration(timing.sequentialMs), 'at work, all steps together'));
}

function items(batch, report) {
  const problems = report.items.filter(i => i.status !== 'succeeded');
  const chosen = view.only === 'problems' ? problems : report.items;
  const filter = (value, label) => h('button', { class: 'button', 'aria-pressed': String(view.only === value), 'data-focus': `only-${value}`, onclick: () => { view.only = value; refreshBatch().catch(e => say(e.message)); } }, label);
  return h('section', { class: 'panel', 'aria-label': 'Items' },
    h('div', { class: 'row' }, h('h2', { class: 'grow' }, plural(report.items.length, 'item')),
      report.ignored > 0 && h('span', { class: 'hint' }, `${report.ignored} ignored`),
      problems.length > 0 && (view.only === 'problems' ? filter('all', 'Show all') : filter('problems', `Show only ${plural(problems.length, 'item')} without success`))),
    h('div', { class: 'items' }, chosen.slice(0, view.limit).map(i => item(batch, report, i))),
    chosen.length > view.limit && h('button', { class: 'button quiet', 'data-focus': 'items-more', onclick: () => { view.limit += ITEMS_SHOWN * 4; refreshBatch().catch(e => say(e.message)); } }, 'Show more'));
}

const lineOf = i => i.error?.message ?? (i.duplicateOf ? `Same content as ${i.duplicateOf}` : i.image?.description ?? i.image?.text ?? i.audio?.transcript ?? i.text ?? '');

function item(batch, report, i) {
  const id = `${batch}/${report.runSeq}/${i.name}`;
  const bad = i.status === 'failed';
  const body = () => [
    h('div', { class: 'facts' }, h('span', null, size(i.bytes)),
      i.image && h('span', null, `${i.image.width} × ${i.image.height}, sent as ${i.image.sentWidth} × ${i.image.sentHeight} (${size(i.image.sentBytes)})`),
      i.audio && h('span', null, `${duration(Math.round(i.audio.durationSeconds * 1000))}, ${plural(i.audio.chunks, 'piece')}, ${duration(Math.round(i.audio.sentSeconds * 1000))} sent`)),
    i.error && h('p', { class: 'problem' }, h('code', null, i.error.code), ' ', i.error.message),
    words('Description', i.image?.description),
    words('Visible text', i.image?.text),
    i.image?.tags.length > 0 && h('div', { class: 'tags' }, i.image.tags.map(t => h('span', { class: 'tag' }, t))),
    words('Transcript', i.audio?.transcript),
    words('Text', i.text),
    [i.image?.note, i.audio?.note, i.textNote].filter(Boolean).map(n => h('p', { class: 'hint' }, n)),
    i.detail && h('div', { class: 'row' },
      h('button', { class: 'button', onclick: act(() => fetchDetail(batch, i.detail)) }, 'Full detail (JSON)'),
      i.audio && ['vtt', 'srt'].map(kind => h('button', { class: 'button', onclick: act(() => fetchDetail(batch, i.detail.replace(/json$/, kind))) }, `Captions (${kind})`))),
    i.steps.length > 0 && h('div', { class: 'scroll' }, h('table', null,
      h('thead', null, h('tr', null, h('th', null, 'Step'), h('th', null, 'Engine'), h('th', null, 'Cache'), h('th', { class: 'num' }, 'Time'), h('th', { class: 'num' }, 'Cost'))),
      h('tbody', null, i.steps.map(s => h('tr', null,
        h('td', null, s.part === null ? s.step : `${s.step} ${s.part + 1}`, s.code && h('code', { class: 'problem' }, ` ${s.code}`)),
        h('td', null, s.engine ?? '–'), h('td', null, s.cache), h('td', { class: 'num' }, duration(s.durationMs)), h('td', { class: 'num' }, money(s.costUsd))))))),
  ].flat().filter(Boolean);
  const details = h('details', { class: `item${bad ? ' bad' : ''}`, open: opened.has(id) },
    h('summary', { 'data-focus': id }, h('span', { class: 'kind' }, icon(i.kind)), h('span', { class: 'name' }, nameOf(i.name)), pill(i.duplicateOf && i.status === 'succeeded' ? 'duplicate' : i.status),
      h('span', { class: `line${i.error && bad ? ' problem' : ''}` }, nameOf(lineOf(i) || '\u00a0'))));
  const fill = () => { if (details.open && details.childElementCount === 1) details.append(h('div', { class: 'body' }, body())); };
  details.addEventListener('toggle', () => { if (details.open) opened.add(id); else opened.delete(id); fill(); });
  fill();
  return details;
}

const words = (title, text) => text && h('div', null, h('h3', null, title), h('div', { class: 'words' }, text));

async function save(response, name) {
  const address = URL.createObjectURL(await response.blob());
  h('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const download = async (batch, run, accept, extension) => save(await call(`${addressOf(batch)}/report?run=${run}`, { accept }), `report.${extension}`);
const fetchDetail = async (batch, detail) => save(await call(`${addressOf(batch)}/${detail}`, { accept: '*/*' }), detail.split('/').at(-1));

function remove(batch) {
  const dialog = byId('sure');
  byId('sure-title').textContent = 'Delete this batch?';
  byId('sure-text').replaceChildren('This deletes all files of “', nameOf(batch), '”, its reports, and what was cached for it alone. It cannot be undone.');
  dialog.returnValue = 'no';
  dialog.addEventListener('close', async () => {
    if (dialog.returnValue !== 'yes') return;
    try {
      await call(addressOf(batch), { method: 'DELETE' });
      location.hash = '#/';
      say('Deleted.');
    } catch (e) { say(e.message); }
  }, { once: true });
  dialog.showModal();
}

/* --- uploads --- */

function pick(use) {
  const input = h('input', { type: 'file', multiple: true });
  input.addEventListener('change', () => use([...input.files].map(f => ({ file: f, path: f.name }))));
  input.click();
}

/** Files of a drop, folders walked through. */
async function dropped(transfer) {
  const entries = [...transfer.items].map(i => i.webkitGetAsEntry?.()).filter(Boolean);
  const files = [];
  const walk = async at => {
    if (at.isFile) {
      const file = await new Promise((resolve, reject) => at.file(resolve, reject));
      files.push({ file, path: at.fullPath.replace(/^\//, '') });
      return;
    }
    const reader = at.createReader();
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const inner of some) await walk(inner);
    }
  };
  for (const at of entries) await walk(at);
  return files;
}

async function upload(batch, files, progressOf) {
  const waiting = [...files];
  const failures = [];
  const worker = async () => {
    for (let next; (next = waiting.shift());) {
      const current = next;
      try {
        await put(batch, current.file, current.path, share => progressOf(current, `${Math.round(share * 100)} %`));
        progressOf(current, 'done');
      } catch (e) {
        failures.push(e);
        progressOf(current, e.message);
      }
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_A_TIME }, worker));
  if (failures.length) throw new Error(`${plural(failures.length, 'file')} could not be uploaded: ${failures[0].message}`);
}

async function addTo(batch, files) {
  if (!files.length) return;
  say(`Uploading ${plural(files.length, 'file')}…`);
  try {
    let done = 0;
    await upload(batch, files, (_, state) => { if (state === 'done') say(`${++done} of ${plural(files.length, 'file')} uploaded`); });
    await call(`${addressOf(batch)}/start`, { method: 'POST' });
    await refreshAll();
  } catch (e) { say(e.message); }
}

function composer() {
  const chosen = new Map();
  const states = new Map();
  const field = (id, label, control) => h('div', null, h('label', { for: id }, label), control);
  const name = h('input', { id: 'new-name', autocomplete: 'off', spellcheck: 'false', placeholder: 'Leave empty to get one' });
  const language = h('input', { id: 'new-language', autocomplete: 'off', maxlength: 2, pattern: '[a-z]{2}', placeholder: 'any', title: 'Two letters, such as en or de' });
  const instructions = h('textarea', { id: 'new-instructions', maxlength: 4000, placeholder: 'For example: minutes of a meeting, with decisions first' });
  const listing = h('ul', { class: 'files', 'aria-label': 'Files' });
  const go = h('button', { class: 'button primary', type: 'submit', disabled: true }, 'Upload and run');
  const add = files => {
    for (const f of files) chosen.set(f.path, f);
    go.disabled = chosen.size === 0;
    listing.replaceChildren(...[...chosen.values()].map(f => {
      const state = h('span', { class: 'state' }, size(f.file.size));
      states.set(f, state);
      return h('li', null, h('span', null, nameOf(f.path)), state);
    }));
  };
  const zone = h('div', { class: 'drop' }, icon('upload'), h('strong', null, 'Drop files or folders here'), h('span', { class: 'hint' }, 'Images, recordings and texts'),
    h('button', { class: 'button', type: 'button', onclick: () => pick(add) }, 'Choose files'));
  zone.addEventListener('dragover', e => { e.preventDefault(); zone.classList.add('over'); });
  zone.addEventListener('dragleave', () => zone.classList.remove('over'));
  zone.addEventListener('drop', async e => {
    e.preventDefault();
    zone.classList.remove('over');
    try { add(await dropped(e.dataTransfer)); } catch { say('These files could not be read.'); }
  });

  let batch = null;
  const submit = async event => {
    event.preventDefault();
    go.disabled = true;
    try {
      if (batch === null) {
        const options = {};
        if (instructions.value.trim()) options.instructions = instructions.value.trim();
        if (language.value) options.language = language.value;
        const made = await (await call('/api/batches', { method: 'POST', json: { name: name.value.trim() || null, options: Object.keys(options).length ? options : null } })).json();
        batch = made.batch;
        name.value = batch;
        name.disabled = language.disabled = instructions.disabled = true;
      }
      await upload(batch, [...chosen.values()], (f, state) => { states.get(f).textContent = state; });
      await call(`${addressOf(batch)}/start`, { method: 'POST' });
      location.hash = `#/b/${encodeURIComponent(batch)}`;
    } catch (e) {
      say(e.message);
      go.disabled = false;
    }
  };
  return [
    h('a', { class: 'button quiet back', href: '#/' }, '‹ Batches'),
    h('h1', null, 'New batch'),
    h('form', { class: 'panel form', onsubmit: submit }, zone, listing,
      h('div', { class: 'pair' }, field('new-name', 'Name', name), field('new-language', 'Language', language)),
      field('new-instructions', 'What should the report be?', instructions),
      h('div', { class: 'row end' }, go)),
  ];
}

/* --- where we are --- */

function route() {
  const hash = location.hash;
  if (hash.startsWith('#/b/')) {
    try { return { view: 'batch', batch: decodeURIComponent(hash.slice(4)) }; } catch { return { view: 'home' }; }
  }
  return { view: hash === '#/new' ? 'new' : 'home' };
}

function show() {
  const at = route();
  document.body.dataset.view = at.view;
  Object.assign(view, { batch: at.batch ?? null, run: null, details: null, report: null, reportOf: null, drawn: '', limit: ITEMS_SHOWN, only: 'all' });
  document.title = at.batch ? `${visible(at.batch)} · MultiModal` : 'MultiModal';
  main.replaceChildren(...(at.view === 'new' ? composer() : at.view === 'home' ? [welcome()] : []));
  window.scrollTo(0, 0);
  wake();
}

function welcome() {
  return h('div', { class: 'empty' }, h('h2', null, 'Drop files in, get one report back'),
    h('p', null, 'Choose a batch to watch it and read its report, or make a new one.'),
    h('a', { class: 'button primary', href: '#/new' }, 'New batch'));
}

/** Words with a hyphen, such as days and names of models, are not broken at it. */
const unbroken = text => text.split(/(\S+-\S+)/).map((word, odd) => odd % 2 ? h('span', { class: 'unbroken' }, word) : word);

/**
 * Shows which models end: a line for each, which opens to say what to do. They are replaced only when they change, so that a screen reader says each
 * once.
 */
function warn(warnings) {
  const shown = byId('warnings');
  const said = warnings.map(w => w.message).join('\n');
  if ((shown.dataset.said ?? '') === said) return;
  shown.dataset.said = said;
  shown.replaceChildren(...warnings.map(w => {
    const ended = w.code === 'model-ended';
    return h('details', { class: ended ? 'ended' : null },
      h('summary', null, unbroken(`${w.model} ${ended ? 'ended' : 'ends'} on ${w.endsOn}`)), h('p', null, unbroken(w.message)));
  }));
}

async function refreshHealth() {
  const health = byId('health');
  try {
    const answer = await fetch('/healthz');
    const { warnings = [] } = answer.ok ? await answer.json() : {};
    health.className = `health ${!answer.ok ? 'bad' : warnings.length ? 'warn' : 'good'}`;
    health.textContent = !answer.ok ? 'Storage does not answer' : warnings.length ? 'Connected, with warnings' : 'Connected';
    warn(warnings);
  } catch {
    health.className = 'health bad';
    health.textContent = 'The host does not answer';
  }
}

async function refreshAll() {
  await Promise.all([refreshList(), view.batch === null ? null : refreshBatch(), refreshHealth()]);
}

let timer = 0;
let refreshing = false;

/** Looks again, soon while something goes on; one look at a time, none while nobody watches. */
async function wake() {
  clearTimeout(timer);
  if (refreshing) { timer = setTimeout(wake, 100); return; }
  refreshing = true;
  try {
    if (!document.hidden) await refreshAll();
  } catch (e) {
    if (!(e instanceof TypeError)) say(e.message);
  } finally {
    refreshing = false;
    timer = setTimeout(wake, ['running', 'quiet'].includes(view.details?.status) ? FAST_MS : SLOW_MS);
  }
}

window.addEventListener('hashchange', show);
document.addEventListener('visibilitychange', () => { if (!document.hidden) wake(); });
byId('search').addEventListener('input', () => { list.pages = 1; wake(); });
byId('status').addEventListener('change', () => { list.pages = 1; wake(); });
byId('more').addEventListener('click', () => { list.pages++; wake(); });
show();
