import { h, nameOf } from './dom.js';
import { itemBody, lineOf, thumbnail } from './item.js';
import { pill } from './pieces.js';
import { count, plural } from './words.js';

/** The files of a report: searched, filtered, sorted, and shown as far as one looks. @import { Entry, Report, ReportItem } from '../types' */

const SHOWN_AT_ONCE = 60;

/** @type {Record<string, (a: Entry, b: Entry) => number>} */
const ORDERS = {
  dropped: (a, b) => a.index - b.index,
  name: (a, b) => a.item.name.localeCompare(b.item.name, undefined, { numeric: true, sensitivity: 'base' }),
  size: (a, b) => b.item.bytes - a.item.bytes,
  cost: (a, b) => b.spent - a.spent,
};

/** What is asked of the list. */
export const wish = { text: '', kind: '', status: '', order: 'dropped', shown: SHOWN_AT_ONCE };

/** @type {Set<string>} */
const opened = new Set();

/** @type {{ report: Report | null, entries: Entry[], kinds: string[], statuses: string[] }} */
const known = { report: null, entries: [], kinds: [], statuses: [] };

/** @param {ReportItem} i */
const stateOf = i => ((i.duplicateOf || i.similarTo) && i.status === 'succeeded' ? 'duplicate' : i.status);

/** @param {Report} report */
function learn(report) {
  if (known.report === report) return;
  known.report = report;
  known.entries = report.items.map((item, index) => ({
    item,
    index,
    spent: item.steps.reduce((sum, s) => sum + (s.costUsd ?? 0), 0),
    words: [
      item.name,
      item.error?.code,
      item.error?.message,
      item.image?.description,
      item.image?.text,
      item.image?.tags.join(' '),
      item.audio?.transcript,
      item.text,
      item.textNote,
    ]
      .filter(Boolean)
      .join('\n')
      .toLowerCase(),
  }));
  known.kinds = [...new Set(report.items.map(i => i.kind))];
  known.statuses = [...new Set(report.items.map(stateOf))];
}

export function resetItems() {
  Object.assign(wish, { text: '', kind: '', status: '', order: 'dropped', shown: SHOWN_AT_ONCE });
}

/** @type {Record<string, string>} */
const KINDS = { image: 'Images', audio: 'Recordings', text: 'Documents', unsupported: 'Unsupported' };

/** @param {string} id @param {string} label @param {string} value @param {[string, string][]} options @param {(value: string) => void} set */
const choice = (id, label, value, options, set) =>
  h(
    'select',
    { id, 'aria-label': label, onchange: (/** @type {any} */ e) => set(e.target.value) },
    options.map(([key, word]) => h('option', { value: key, selected: key === value }, word)),
  );

/** @param {string} batch @param {Report} report @param {Entry} entry @param {() => void} again */
function row(batch, report, entry, again) {
  const { item } = entry;
  const id = `${batch}/${report.runSeq}/${entry.index}`;
  const bad = item.status === 'failed';
  return h(
    'details',
    {
      key: id,
      class: `item${bad ? ' bad' : ''}`,
      open: opened.has(id),
      ontoggle: (/** @type {any} */ e) => {
        if (e.target.open === opened.has(id) || e.target.getAttribute('class')?.includes('item') !== true) return;
        if (e.target.open) opened.add(id);
        else opened.delete(id);
        again();
      },
    },
    h(
      'summary',
      null,
      thumbnail(batch, report, entry),
      h('span', { class: 'name' }, nameOf(item.name)),
      pill(stateOf(item)),
      h('span', { class: `line${bad ? ' problem' : ''}` }, nameOf(lineOf(item).slice(0, 300) || '\u00a0')),
    ),
    opened.has(id) && itemBody(batch, report, entry),
  );
}

/** @type {IntersectionObserver | null} */
let watching = null;

/** Shows more when its end comes into view. @param {() => void} more @returns {(button: HTMLElement) => void} */
function watchEnd(more) {
  return button => {
    watching?.disconnect();
    watching = new IntersectionObserver(
      seen => {
        if (seen.some(s => s.isIntersecting)) more();
      },
      { rootMargin: '600px' },
    );
    watching.observe(button);
  };
}

/** @param {string} batch @param {Report} report @param {() => void} again draws the page again */
export function items(batch, report, again) {
  learn(report);
  const all = known.entries;
  const text = wish.text.trim().toLowerCase();
  const chosen = all.filter(
    e => (!text || e.words.includes(text)) && (!wish.kind || e.item.kind === wish.kind) && (!wish.status || stateOf(e.item) === wish.status),
  );
  if (wish.order !== 'dropped') chosen.sort(ORDERS[wish.order]);
  const problems = all.filter(e => e.item.status !== 'succeeded').length;
  const shown = chosen.slice(0, wish.shown);
  const set = (/** @type {Partial<typeof wish>} */ change) => {
    Object.assign(wish, { shown: SHOWN_AT_ONCE }, change);
    again();
  };
  const more = () => {
    wish.shown += SHOWN_AT_ONCE;
    again();
  };
  const isLong = all.length > 5;
  const button =
    shown.length < chosen.length &&
    h('button', { class: 'button quiet', key: `more-${wish.shown}`, onclick: more }, `Show more of ${count(chosen.length - shown.length)}`);
  if (button)
    setTimeout(() => {
      const there = document.querySelector('.items-more > button');
      if (there instanceof HTMLElement) watchEnd(more)(there);
    });
  return h(
    'section',
    { class: 'items-section', 'aria-label': 'Items', key: 'items' },
    h(
      'div',
      { class: 'row' },
      h(
        'h2',
        { class: 'grow' },
        plural(all.length, 'item'),
        problems > 0 && h('span', { class: 'hint' }, ` ${count(problems)} without success`),
        report.ignored > 0 && h('span', { class: 'hint' }, ` ${count(report.ignored)} ignored`),
      ),
    ),
    isLong &&
      h(
        'div',
        { class: 'toolbar', role: 'search', 'aria-label': 'Items' },
        h('input', {
          id: 'find',
          type: 'search',
          'aria-label': 'Search names and contents',
          placeholder: 'Search names and contents',
          autocomplete: 'off',
          spellcheck: 'false',
          oninput: (/** @type {any} */ e) => set({ text: e.target.value }),
        }),
        known.kinds.length > 1 &&
          choice(
            'kind',
            'Kind',
            wish.kind,
            [['', 'All kinds'], ...known.kinds.map(k => /** @type {[string, string]} */ ([k, KINDS[k] ?? k]))],
            kind => set({ kind }),
          ),
        known.statuses.length > 1 &&
          choice(
            'state',
            'Outcome',
            wish.status,
            [['', 'All outcomes'], ...known.statuses.map(s => /** @type {[string, string]} */ ([s, s[0]?.toUpperCase() + s.slice(1)]))],
            status => set({ status }),
          ),
        choice(
          'order',
          'Order',
          wish.order,
          [
            ['dropped', 'As dropped'],
            ['name', 'By name'],
            ['size', 'Largest first'],
            ['cost', 'Dearest first'],
          ],
          order => set({ order }),
        ),
      ),
    isLong && h('p', { class: 'sr', role: 'status' }, chosen.length === all.length ? '' : `${plural(chosen.length, 'item')} found`),
    h(
      'div',
      { class: 'items' },
      shown.map(e => row(batch, report, e, again)),
    ),
    chosen.length === 0 && h('p', { class: 'none' }, 'No item matches.'),
    h('div', { class: 'items-more' }, button),
  );
}

/** Shows all items, for print. */
export function showAll() {
  wish.shown = Number.MAX_SAFE_INTEGER;
}
