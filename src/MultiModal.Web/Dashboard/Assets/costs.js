import { get } from './api.js';
import { h, kept, nameOf, render, svg } from './dom.js';
import { say } from './notice.js';
import { table, tile, tiles } from './pieces.js';
import { toBatch } from './route.js';
import { count, money, plural, stepWord } from './words.js';

/** What was spent and saved, by day, model, batch and step, and what is left of the budget. @import { Costs, CostTotal, Route } from '../types' */

const GROUPS = /** @type {const} */ ([
  ['day', 'Day'],
  ['model', 'Model'],
  ['batch', 'Batch'],
  ['step', 'Step'],
]);
const SPANS = /** @type {const} */ ([
  [7, '7 days'],
  [30, '30 days'],
  [90, '90 days'],
  [366, 'A year'],
]);

/** @param {Date} day */
const iso = day => day.toISOString().slice(0, 10);

/** @param {string} by @param {number} days */
const address = (by, days) => `#/costs?by=${by}&days=${days}`;

/** @param {CostTotal} sum */
const committed = sum => sum.spentUsd + sum.reservedUsd + sum.unknownUsd;

/** @param {CostTotal} sum */
const saved = sum => sum.savedByOptimizingUsd + sum.savedByCacheUsd;

/** Each day of the span, also those on which nothing was spent. @param {Costs} costs */
function days(costs) {
  const byKey = new Map(costs.rows.map(r => [r.key, r.sum]));
  const all = [];
  for (let day = Date.parse(costs.from); day <= Date.parse(costs.to); day += 86_400_000) {
    const key = iso(new Date(day));
    all.push({ key, sum: byKey.get(key) });
  }
  return all;
}

/** @param {Costs} costs */
function chart(costs) {
  const all = days(costs);
  const value = (/** @type {CostTotal | undefined} */ s) => (s ? committed(s) + saved(s) : 0);
  const most = Math.max(...all.map(d => value(d.sum)));
  if (!(most > 0)) return null;
  const width = 100 / all.length;
  const gap = all.length > 120 ? 0.1 : 0.22;
  return h(
    'figure',
    { class: 'days' },
    h('div', { class: 'days-most hint' }, money(most)),
    svg(
      'svg',
      { width: '100%', height: 140, role: 'img', 'aria-label': 'Spent and saved on each day. The table below has the same.' },
      all.map(({ key, sum }, n) => {
        const [spent, full] = [((sum ? committed(sum) : 0) / most) * 132, (value(sum) / most) * 132];
        const [x, w] = [`${(n + gap / 2) * width}%`, `${width * (1 - gap)}%`];
        return svg(
          'g',
          null,
          svg('title', null, `${key}: ${money(sum ? committed(sum) : 0)} spent, ${money(sum ? saved(sum) : 0)} saved`),
          svg('rect', { x, width: w, y: 0, height: 140, class: 'hit' }),
          full > spent && svg('rect', { x, width: w, y: 138 - full, height: full - spent, class: 'saved' }),
          spent > 0 && svg('rect', { x, width: w, y: 138 - spent, height: Math.max(1, spent), class: 'spent' }),
        );
      }),
    ),
    h(
      'figcaption',
      { class: 'row' },
      h('span', { class: 'grow hint' }, costs.from),
      h('ul', { class: 'legend' }, h('li', { class: 'spent' }, 'Spent'), h('li', { class: 'saved' }, 'Saved')),
      h('span', { class: 'hint' }, costs.to),
    ),
  );
}

/** @param {Costs} costs */
function bars(costs) {
  const rows = [...costs.rows]
    .sort((a, b) => committed(b.sum) - committed(a.sum))
    .slice(0, 8)
    .filter(r => committed(r.sum) > 0);
  const most = Math.max(...rows.map(r => committed(r.sum)));
  return (
    rows.length > 0 &&
    h(
      'div',
      { class: 'shares', 'aria-hidden': 'true' },
      rows.map(r =>
        h(
          'div',
          null,
          h('span', { class: 'share-name' }, label(costs.by, r.key)),
          svg(
            'svg',
            { width: '100%', height: 10 },
            svg('rect', { width: `${(committed(r.sum) / most) * 100}%`, height: 10, rx: 3, class: 'spent' }),
          ),
          h('span', { class: 'num' }, money(committed(r.sum))),
        ),
      ),
    )
  );
}

/** @param {string} by @param {string} key */
const label = (by, key) => (by === 'step' ? stepWord(key) : nameOf(key));

/** @param {Costs} costs @param {number} span */
function page(costs, span) {
  const { total, by, rows, budget } = costs;
  const sorted = by === 'day' ? [...rows].reverse() : [...rows].sort((a, b) => committed(b.sum) - committed(a.sum));
  const name = GROUPS.find(([key]) => key === by)?.[1] ?? by;
  return [
    tiles(
      'Sums',
      tile(money(total.spentUsd), `spent on ${plural(total.calls, 'call')}`),
      tile(money(total.savedByOptimizingUsd), 'saved by sending less', total.savedByOptimizingUsd > 0),
      tile(money(total.savedByCacheUsd), `saved by ${plural(total.saved, 'answer')} that were known`, total.savedByCacheUsd > 0),
      total.reservedUsd > 0 && tile(money(total.reservedUsd), 'reserved for calls under way'),
      total.unknownUsd > 0 && tile(money(total.unknownUsd), 'may have been billed: answers were lost'),
      budget && budget.leftTodayUsd !== null && tile(money(budget.leftTodayUsd), `left today of ${money(budget.perDayUsd)}`),
      budget && budget.perRunUsd !== null && tile(money(budget.perRunUsd), 'at most for one run'),
    ),
    total.unpriced > 0 &&
      h('p', { class: 'hint' }, `${plural(total.unpriced, 'call')} went to models without a price, which are in none of the sums.`),
    h(
      'section',
      { class: 'panel', 'aria-label': `By ${name.toLowerCase()}` },
      h(
        'div',
        { class: 'row' },
        h(
          'nav',
          { class: 'segments grow', 'aria-label': 'Sums by' },
          GROUPS.map(([key, word]) => h('a', { href: address(key, span), 'aria-current': key === by ? 'true' : null }, word)),
        ),
        h(
          'nav',
          { class: 'segments', 'aria-label': 'Span' },
          SPANS.map(([n, word]) => h('a', { href: address(by, n), 'aria-current': n === span ? 'true' : null }, word)),
        ),
      ),
      by === 'day' ? chart(costs) : bars(costs),
      rows.length === 0
        ? h('p', { class: 'none' }, 'Nothing was spent or saved in these days.')
        : table(
            `Costs by ${name.toLowerCase()}`,
            [name, '#Calls', '#Known', '#Spent', '#Saved by sending less', '#Saved by the cache'],
            sorted.map(({ key, sum }) => [
              by === 'batch' ? h('a', { href: toBatch(key) }, nameOf(key)) : label(by, key),
              count(sum.calls),
              count(sum.saved),
              money(committed(sum)),
              money(sum.savedByOptimizingUsd),
              money(sum.savedByCacheUsd),
            ]),
          ),
    ),
  ];
}

/** @param {Route} route */
export function costs({ by = 'day', days: span = 30 }) {
  const group = GROUPS.some(([key]) => key === by) ? by : 'day';
  const within = Math.min(366, Math.max(1, span));
  return h(
    'div',
    { class: 'costs-page', key: 'costs' },
    h('h1', { tabindex: '-1', key: 'title' }, 'Costs'),
    kept(
      `costs-${group}-${within}`,
      at => {
        const to = new Date();
        const from = new Date(to.getTime() - (within - 1) * 86_400_000);
        get(`/api/costs?by=${group}&from=${iso(from)}&to=${iso(to)}`)
          .then(found => render(at, ...page(found, within)))
          .catch(e => {
            say(e.message);
            render(at, h('p', { class: 'problem' }, e.message));
          });
        return h('p', { class: 'hint' }, 'Adding up…');
      },
      { class: 'stack' },
    ),
  );
}
