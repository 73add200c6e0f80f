import { closeBatch, isBusy, openBatch, refreshBatch } from './batch.js';
import { refreshList, startList } from './batches.js';
import { addTo, newBatch, startDrops } from './drop.js';
import { byId, render } from './dom.js';
import { refreshHealth, refreshLock } from './health.js';
import { home } from './home.js';
import { say } from './notice.js';
import { route } from './route.js';
import { visible } from './visible.js';

/**
 * The dashboard of the HTTP API. Names, texts and codes come from files that anybody dropped: they reach the page as text nodes and
 * attributes of known elements only, and addresses as percent-encoded segments.
 */

const FAST_MS = 1000;
const SLOW_MS = 4000;
const GONE_MS = 2000;

const main = byId('main');
let shownBefore = '';

async function show() {
  const at = route();
  const place = `${at.view}/${at.batch ?? ''}`;
  document.body.dataset.view = at.view;
  const title = at.batch !== null ? visible(at.batch) : { new: 'New batch', costs: 'Costs' }[at.view];
  document.title = title ? `${title} · MultiModal` : 'MultiModal';
  for (const link of document.querySelectorAll('.places a')) {
    if (link.getAttribute('href') === (at.view === 'costs' ? '#/costs' : '#/')) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (at.view === 'batch') openBatch(at, wake);
  else {
    closeBatch();
    if (at.view === 'new') {
      if (shownBefore !== place) render(main, (await import('./compose.js')).composer());
    } else if (at.view === 'costs') render(main, (await import('./costs.js')).costs(at));
    else render(main, home());
  }
  if (shownBefore && shownBefore !== place) {
    window.scrollTo(0, 0);
    main.querySelector('h1')?.focus();
  }
  shownBefore = place;
  wake();
}

let timer = 0;
let refreshing = false;
let wanted = false;

/** Looks again, soon while something goes on; one look at a time, none while nobody watches. */
async function wake() {
  clearTimeout(timer);
  if (refreshing) {
    wanted = true;
    return;
  }
  refreshing = true;
  let answers = true;
  try {
    do {
      wanted = false;
      if (document.hidden) continue;
      answers = await refreshHealth();
      if (answers) await Promise.all([refreshList(), refreshBatch()]);
    } while (wanted);
  } catch (e) {
    if (e instanceof TypeError) answers = false;
    else if (/** @type {any} */ (e).status !== 401) say(/** @type {Error} */ (e).message);
  } finally {
    refreshLock(wake);
    refreshing = false;
    timer = setTimeout(wake, !answers ? GONE_MS : isBusy() ? FAST_MS : SLOW_MS);
  }
}

window.addEventListener('hashchange', show);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) wake();
});
byId('skip').addEventListener('click', e => {
  e.preventDefault();
  main.focus();
  main.scrollIntoView();
});
startList(wake);
startDrops(async files => {
  const { batch, view } = route();
  if (batch !== null) await addTo(batch, files);
  else if (view === 'new') (await import('./compose.js')).addToForm(files);
  else await newBatch(files);
  wake();
});
show();
