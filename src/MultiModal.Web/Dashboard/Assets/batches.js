import { get } from './api.js';
import { byId, h, nameOf, render } from './dom.js';
import { pill } from './pieces.js';
import { route, toBatch } from './route.js';
import { when } from './words.js';

/** The list of batches at the side. @import { BatchPage, BatchSummary } from '../types' */

let pages = 1;

const search = /** @type {HTMLInputElement} */ (byId('search'));
const status = /** @type {HTMLSelectElement} */ (byId('status'));
const sort = /** @type {HTMLSelectElement} */ (byId('sort'));

/** @param {BatchSummary} batch */
const entry = batch =>
  h(
    'li',
    { key: batch.batch },
    h(
      'a',
      { href: toBatch(batch.batch), 'aria-current': route().batch === batch.batch ? 'page' : null },
      h('span', { class: 'name' }, nameOf(batch.batch)),
      h('span', { class: 'meta' }, pill(batch.status), h('span', null, when(batch.finishedAt))),
    ),
  );

export async function refreshList() {
  const query = new URLSearchParams({ limit: '100', sort: sort.value });
  if (search.value.trim()) query.set('contains', search.value.trim());
  if (status.value) query.set('status', status.value);
  /** @type {string | null} */
  let address = `/api/batches?${query}`;
  /** @type {BatchSummary[]} */
  const batches = [];
  for (let page = 0; page < pages && address; page++) {
    /** @type {BatchPage} */
    const answer = await get(address);
    batches.push(...answer.batches);
    address = answer.next;
  }
  byId('more').hidden = address === null;
  render(
    byId('batches'),
    ...batches.map(entry),
    batches.length === 0 && h('li', { class: 'none' }, search.value || status.value ? 'No batch matches.' : 'No batches yet.'),
  );
}

/** @param {() => void} again looks again at once */
export function startList(again) {
  let typing = 0;
  const first = () => {
    pages = 1;
    again();
  };
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(first, 120);
  });
  status.addEventListener('change', first);
  sort.addEventListener('change', first);
  byId('more').addEventListener('click', () => {
    pages++;
    again();
  });
  document.addEventListener('keydown', event => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return;
    event.preventDefault();
    search.focus();
  });
}
