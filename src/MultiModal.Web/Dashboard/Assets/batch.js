import { addressOf, call, find, post } from './api.js';
import { addTo, pick } from './drop.js';
import { byId, h, nameOf, render } from './dom.js';
import { estimate, estimatePanel, isEstimated } from './estimate.js';
import { items, resetItems, showAll } from './items.js';
import { act, save, say, sure } from './notice.js';
import { blank, menu, pill } from './pieces.js';
import { progress } from './progress.js';
import { figures, summary } from './report.js';
import { spending } from './spending.js';
import { timeline } from './timeline.js';
import { toBatch } from './route.js';
import { when } from './words.js';

/** The page of a batch. @import { BatchDetails, Child, Report, Route } from '../types' */

const main = byId('main');

/** @type {{ at: Route | null, details: BatchDetails | null | undefined, report: Report | null, reportOf: string | null, again: () => void }} */
const view = { at: null, details: undefined, report: null, reportOf: null, again: () => {} };

/** Whether something goes on, so that one looks again soon. */
export const isBusy = () => ['running', 'quiet'].includes(view.details?.status ?? '');

/** @param {Route} at @param {() => void} again looks again at everything */
export function openBatch(at, again) {
  const same = view.at?.batch === at.batch;
  const sameRun = same && view.at?.run === at.run;
  Object.assign(view, { at, again });
  if (!same) Object.assign(view, { details: undefined, report: null, reportOf: null });
  if (!sameRun) {
    view.reportOf = null;
    resetItems();
  }
  draw();
}

export function closeBatch() {
  view.at = null;
  view.details = undefined;
}

export async function refreshBatch() {
  const { at } = view;
  if (!at?.batch) return;
  /** @type {BatchDetails | null} */
  const details = await find(`${addressOf(at.batch)}?items=0`).catch(e => {
    if (e.status === 400) return null;
    throw e;
  });
  if (view.at !== at) return;
  const run = details && (at.run ?? details.runs[0]?.runSeq ?? null);
  const wanted = details && run !== null ? `${run}/${details.finishedAt}/${details.runs.length}` : null;
  if (wanted !== view.reportOf) {
    const report = wanted === null ? null : await find(`${addressOf(at.batch)}/report?run=${run}`);
    if (view.at !== at) return;
    view.report = report;
    view.reportOf = report ? wanted : null;
  }
  view.details = details;
  if (details?.hold?.code === 'batch-held' && !isEstimated(at.batch)) estimate(at.batch, draw);
  draw();
}

function draw() {
  const { at, details, report } = view;
  if (!at?.batch) return;
  if (details === undefined)
    render(
      main,
      h(
        'div',
        { key: `b-${at.batch}`, class: 'stack' },
        h('header', { class: 'head', key: 'head' }, h('div', { class: 'title' }, h('h1', { tabindex: '-1', key: 'title' }, nameOf(at.batch)))),
        h('p', { class: 'hint', key: 'loading' }, 'Loading…'),
      ),
    );
  else if (details === null)
    render(
      main,
      blank(
        'There is no such batch',
        'It may have been deleted, or nothing was dropped into it yet.',
        h('a', { class: 'button', href: '#/' }, 'All batches'),
      ),
    );
  else render(main, h('div', { key: `b-${at.batch}`, class: 'stack' }, page(at, details, report)));
}

/** @param {Route} at @param {BatchDetails} details @param {Report | null} report @returns {Child[]} */
function page(at, details, report) {
  const { batch } = details;
  return [
    head(at, details, report),
    details.progress && progress(details),
    details.hold && h('p', { class: 'panel note', key: 'hold' }, details.hold.message),
    estimatePanel(batch),
    report &&
      h(
        'nav',
        { class: 'tabs', 'aria-label': 'Parts of the report', key: 'tabs' },
        [
          ['report', 'Report'],
          ['timeline', 'Timeline'],
          ['cost', 'Cost'],
        ].map(([tab, word]) => h('a', { href: toBatch(batch, tab, at.run), 'aria-current': at.tab === tab ? 'page' : null }, word ?? '')),
      ),
    report &&
      (report.notes ?? []).length > 0 &&
      h(
        'section',
        { class: 'panel note', 'aria-label': 'Notes', key: 'notes' },
        (report.notes ?? []).map(n => h('p', null, n)),
      ),
    report && at.tab === 'report' && [summary(report), figures(report), items(batch, report, draw)],
    report && at.tab === 'timeline' && timeline(report),
    report && at.tab === 'cost' && spending(report),
    !report &&
      !details.progress &&
      h(
        'div',
        { class: 'panel blank', key: 'blank' },
        h('h2', null, 'No report yet'),
        h(
          'p',
          null,
          details.status === 'quiet'
            ? 'Files have arrived. The batch runs once nothing more has been dropped for a moment.'
            : details.hold
              ? 'Look at what it would cost, and start it.'
              : 'Add files. The batch then runs by itself.',
        ),
      ),
  ];
}

/** @param {Route} at @param {BatchDetails} details @param {Report | null} report */
function head(at, details, report) {
  const { batch, status } = details;
  const running = status === 'running';
  const start = (/** @type {string} */ what) =>
    act(async () => {
      await post(`${addressOf(batch)}/${what}`);
      view.again();
    });
  const failed = report?.items.some(i => i.status === 'failed' || i.status === 'cancelled');
  return h(
    'header',
    { class: 'head', key: 'head' },
    h(
      'div',
      { class: 'title' },
      h('h1', { tabindex: '-1', key: 'title' }, nameOf(batch)),
      h(
        'div',
        { class: 'sub' },
        pill(status),
        details.runs.length > 0 && runPicker(at, details),
        details.finishedAt && h('span', null, `Finished ${when(details.finishedAt)}`),
        details.runsAgain && h('span', null, 'Runs again after this run'),
      ),
    ),
    h(
      'div',
      { class: 'row actions' },
      running
        ? h(
            'button',
            { class: 'button danger', key: 'cancel', disabled: details.cancelRequested, onclick: start('cancel') },
            details.cancelRequested ? 'Cancelling…' : 'Cancel run',
          )
        : h('button', { class: 'button primary', key: 'start', onclick: start('start') }, details.runSeq ? 'Run again' : 'Start'),
      !running && failed && h('button', { class: 'button', key: 'retry', onclick: start('start?only=failed') }, 'Retry failed'),
      h(
        'button',
        { class: 'button', key: 'add', onclick: () => pick(files => addTo(batch, files).then(view.again, e => say(e.message))) },
        'Add files',
      ),
      !running && h('button', { class: 'button', key: 'estimate', onclick: act(() => estimate(batch, draw)) }, 'Estimate'),
      menu('More', more(details, report)),
    ),
  );
}

/** @param {BatchDetails} details @param {Report | null} report @returns {[string, (event: Event) => unknown, boolean?][]} */
function more({ batch, status }, report) {
  /** @type {[string, (event: Event) => unknown, boolean?][]} */
  const entries = [['Options', act(async () => (await import('./options.js')).editOptions(batch, view.again))]];
  if (report) {
    entries.push(['Report as JSON', act(() => download(batch, report.runSeq, 'application/json', 'json'))]);
    entries.push(['Report as Markdown', act(() => download(batch, report.runSeq, 'text/markdown', 'md'))]);
    entries.push(['Print', () => window.print()]);
  }
  if (status !== 'running') entries.push(['Delete', act(() => remove(batch)), true]);
  return entries;
}

/** @param {Route} at @param {BatchDetails} details */
function runPicker(at, details) {
  if (details.runs.length === 1) return h('span', null, `Run ${details.runs[0]?.runSeq}`);
  const shown = at.run ?? details.runs[0]?.runSeq;
  return h(
    'select',
    {
      'aria-label': 'Run',
      onchange: (/** @type {any} */ e) => {
        location.hash = toBatch(details.batch, at.tab, Number(e.target.value));
      },
    },
    details.runs.map(r => h('option', { value: r.runSeq, selected: r.runSeq === shown }, `Run ${r.runSeq}`)),
  );
}

/** @param {string} batch @param {number} run @param {string} accept @param {string} extension */
const download = async (batch, run, accept, extension) =>
  save(await call(`${addressOf(batch)}/report?run=${run}`, { accept }), `report.${extension}`);

/** @param {string} batch */
async function remove(batch) {
  const text = ['This deletes all files of “', nameOf(batch), '”, its reports, and what was cached for it alone. It cannot be undone.'];
  if (!(await sure('Delete this batch?', text, 'Delete'))) return;
  await call(addressOf(batch), { method: 'DELETE' });
  location.hash = '#/';
  say('Deleted.');
}

window.addEventListener('beforeprint', () => {
  if (!view.report || view.at?.tab !== 'report') return;
  showAll();
  draw();
});
