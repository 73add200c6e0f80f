import { ahead } from './api.js';
import { h, icon, nameOf } from './dom.js';
import { pill } from './pieces.js';
import { count, duration, money, plural, stepWord } from './words.js';

/**
 * A run under way: how far each step is, for how long, at what cost, and what failed.
 * @import { BatchDetails, ItemProgress, RunProgress } from '../types'
 */

const LEAST_DONE = 3;
const LEAST_MS = 4000;

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

/** @param {BatchDetails} details */
export function progress(details) {
  const run = /** @type {RunProgress} */ (details.progress);
  const ms = elapsed(details);
  const rest = left(run, ms);
  const failures = run.failures ?? run.items.filter(i => i.status === 'failed');
  const active = run.active ?? run.items.filter(i => i.status === 'running');
  const fact = (/** @type {string} */ value, /** @type {string} */ label) => h('div', null, h('dd', null, value), h('dt', null, label));
  return h(
    'section',
    { class: 'panel progress', 'aria-label': 'Progress', key: 'progress' },
    h(
      'div',
      { class: 'row' },
      h('h2', { class: 'grow' }, run.count === null ? 'Taking the inventory…' : `${count(run.done)} of ${plural(run.count, 'item')} done`),
      h(
        'dl',
        { class: 'inline-facts' },
        fact(duration(ms - (ms % 1000) || ms), 'so far'),
        rest && fact(rest, 'to go'),
        run.spentUsd !== undefined && run.spentUsd !== null && fact(money(run.spentUsd), 'spent'),
      ),
    ),
    h('progress', { max: run.count || 1, value: run.count === null ? null : run.done, 'aria-label': 'Items done' }),
    run.steps &&
      run.steps.length > 0 &&
      h(
        'ul',
        { class: 'steps' },
        run.steps.map(s =>
          h(
            'li',
            { key: s.step, class: s.expected !== null && s.done >= s.expected ? 'full' : null },
            h('span', { class: 'grow' }, stepWord(s.step)),
            s.failed > 0 && h('span', { class: 'problem' }, `${count(s.failed)} failed`),
            h('span', { class: 'of' }, s.expected === null ? count(s.done) : `${count(s.done)} of ${count(s.expected)}`),
            h('progress', { max: Math.max(1, s.expected ?? s.done), value: s.done, 'aria-label': stepWord(s.step) }),
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
