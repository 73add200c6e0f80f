import { ahead, get } from './api.js';
import { h, icon, nameOf } from './dom.js';
import { pill } from './pieces.js';
import { count, duration, money, plural, stepWord } from './words.js';

/**
 * A run under way: how far each step is, for how long, at what cost, and what failed.
 * @import { BatchDetails, Costs, ItemProgress, RunProgress } from '../types'
 */

const LEAST_DONE = 3;
const LEAST_MS = 4000;
const SPENT_MS = 4000;

/** @type {{ run: string, at: number, usd: number | null }} */
let spent = { run: '', at: 0, usd: null };

/**
 * What the run has spent so far: asked for now and then, and known when it comes.
 * @param {BatchDetails} details
 */
function spentSoFar({ batch, runSeq, startedAt }) {
  const run = `${batch}/${runSeq}`;
  if (spent.run !== run) spent = { run, at: 0, usd: null };
  const now = Date.now();
  if (startedAt && now - spent.at > SPENT_MS) {
    spent.at = now;
    const query = new URLSearchParams({ batch, run: String(runSeq), from: startedAt.slice(0, 10) });
    get(`/api/costs?${query}`).then(
      (/** @type {Costs} */ { total }) => {
        if (spent.run === run) spent.usd = total.spentUsd + total.reservedUsd + total.unknownUsd;
      },
      () => {},
    );
  }
  return spent.usd;
}

/** @param {BatchDetails} details */
const elapsed = details => (details.startedAt ? Math.max(0, Date.now() + ahead - Date.parse(details.startedAt)) : 0);

/** @param {RunProgress} progress @param {number} ms */
function left(progress, ms) {
  const all = progress.count ?? 0;
  if (progress.done < LEAST_DONE || ms < LEAST_MS || progress.done >= all) return null;
  const rest = (ms / progress.done) * (all - progress.done);
  return rest < 60_000 ? 'less than a minute' : `about ${plural(Math.round(rest / 60_000), 'minute')}`;
}

/** @param {ItemProgress} item */
const line = item =>
  h(
    'li',
    { key: String(item.index) },
    h('span', { class: 'kind' }, icon(item.kind)),
    h('span', { class: 'name' }, nameOf(item.name)),
    item.code ? h('code', { class: 'problem' }, item.code) : pill(item.status),
  );

/** @param {RunProgress} run */
function heading({ count: all, done }) {
  if (all === null) return 'Taking the inventory…';
  return done < all ? `${count(done)} of ${plural(all, 'item')} done` : `${plural(all, 'item')} done. Writing the summary…`;
}

/** @param {BatchDetails} details */
export function progress(details) {
  const run = /** @type {RunProgress} */ (details.progress);
  const ms = elapsed(details);
  const usd = spentSoFar(details);
  const rest = left(run, ms);
  const failures = run.failures;
  const active = run.active;
  const fact = (/** @type {string} */ value, /** @type {string} */ label) => h('div', null, h('dd', null, value), h('dt', null, label));
  return h(
    'section',
    { class: 'panel progress', 'aria-label': 'Progress', key: 'progress' },
    h(
      'div',
      { class: 'row' },
      h('h2', { class: 'grow' }, heading(run)),
      h(
        'dl',
        { class: 'inline-facts' },
        fact(duration(ms - (ms % 1000) || ms), 'so far'),
        rest && fact(rest, 'to go'),
        usd !== null && usd > 0 && fact(money(usd), 'spent'),
      ),
    ),
    h('progress', { max: run.count || 1, value: run.count === null ? null : run.done, 'aria-label': 'Items done' }),
    run.steps.length > 0 &&
      h(
        'ul',
        { class: 'steps' },
        run.steps.map(s =>
          h(
            'li',
            { key: s.step, class: s.done >= s.expected ? 'full' : null },
            h('span', { class: 'grow' }, stepWord(s.step)),
            s.failed > 0 && h('span', { class: 'problem' }, `${count(s.failed)} failed`),
            h('span', { class: 'of' }, `${count(s.done)} of ${count(s.expected)}`),
            h('progress', { max: Math.max(1, s.expected), value: s.done, 'aria-label': stepWord(s.step) }),
          ),
        ),
      ),
    active.length > 0 && h('div', null, h('h3', null, 'At work'), h('ul', { class: 'lines' }, active.slice(0, 8).map(line))),
    run.failed > 0 &&
      h(
        'details',
        { class: 'failures' },
        h('summary', null, `${plural(run.failed, 'item')} failed so far. The others go on.`),
        h('ul', { class: 'lines' }, failures.map(line)),
        run.failed > failures.length && h('p', { class: 'hint' }, `and ${count(run.failed - failures.length)} more`),
      ),
  );
}
