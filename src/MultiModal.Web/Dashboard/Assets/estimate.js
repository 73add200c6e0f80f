import { addressOf, post } from './api.js';
import { h } from './dom.js';
import { count, money, plural } from './words.js';

/** What a run would cost, before it is paid. @import { Estimate } from '../types' */

/** @type {{ batch: string, estimate: Estimate | null, problem: string | null } | null} */
let asked = null;

/** @param {string} batch @param {() => void} again */
export async function estimate(batch, again) {
  asked = { batch, estimate: null, problem: null };
  again();
  try {
    asked = { batch, estimate: await (await post(`${addressOf(batch)}/estimate`)).json(), problem: null };
  } catch (e) {
    asked = { batch, estimate: null, problem: /** @type {Error} */ (e).message };
  }
  again();
}

/** Whether there is an answer or a question under way. @param {string} batch */
export const isEstimated = batch => asked?.batch === batch;

/** @param {string} batch */
export function estimatePanel(batch) {
  if (asked?.batch !== batch) return null;
  if (asked.problem)
    return h('section', { class: 'panel', key: 'estimate', 'aria-label': 'Estimate' }, h('p', { class: 'problem' }, asked.problem));
  if (!asked.estimate)
    return h('section', { class: 'panel', key: 'estimate', 'aria-label': 'Estimate' }, h('p', { class: 'hint', role: 'status' }, 'Estimating…'));
  const { items, total, unpriced } = asked.estimate;
  const [calls, known, failing] = [
    items.reduce((sum, i) => sum + i.calls, 0),
    items.reduce((sum, i) => sum + i.known, 0),
    items.filter(i => i.code).length,
  ];
  const said = [
    `${plural(calls, 'call')} to be paid`,
    `${count(known)} known already`,
    ...(failing ? [`${plural(failing, 'file')} that cannot be read`] : []),
    ...unpriced.map(engine => `${engine} has no price`),
  ];
  return h(
    'section',
    { class: 'panel estimate', key: 'estimate', 'aria-label': 'Estimate' },
    h(
      'p',
      { role: 'status' },
      h('strong', null, total.expectedUsd > 0 ? `A run now costs about ${money(total.expectedUsd)}.` : 'A run now costs nothing.'),
      total.mostUsd > 0 && ` It is between ${money(total.leastUsd)} and ${money(total.mostUsd)}.`,
    ),
    h('p', { class: 'hint' }, `${said.join(', ')}.`),
  );
}
