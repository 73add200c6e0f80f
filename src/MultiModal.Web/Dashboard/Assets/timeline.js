import { h, nameOf, svg } from './dom.js';
import { table } from './pieces.js';
import { duration, plural, stepWord } from './words.js';

/** The fan-out of a run: each step a bar by its time, so that the parallelism is seen. @import { Report } from '../types' */

/**
 * @typedef {{
 *   name: string, step: string, part: number | null, from: number, to: number, waited: number, cache: string, failed: boolean, lane: number
 * }} Bar
 */

const ROW_PER_ITEM = 24;
const LANE = 26;
const THIN_LANE = 8;
const TABLE_ROWS = 500;

/** @param {Report} report @returns {Bar[]} in the order of their start */
function barsOf(report) {
  const begin = Date.parse(report.startedAt);
  return report.items
    .flatMap(item =>
      item.steps
        .filter(s => s.startedAt)
        .map(s => {
          const from = Math.max(0, Date.parse(/** @type {string} */ (s.startedAt)) - begin);
          return {
            name: item.name,
            step: s.step,
            part: s.part,
            from,
            to: from + s.durationMs,
            waited: s.waitedMs ?? 0,
            cache: s.cache,
            failed: s.status === 'failed',
            lane: 0,
          };
        }),
    )
    .sort((a, b) => a.from - b.from || a.to - b.to);
}

/** Puts each bar into the first lane that is free, and says how many lanes there are. @param {Bar[]} bars */
function pack(bars) {
  /** @type {number[]} */
  const ends = [];
  for (const bar of bars) {
    const free = ends.findIndex(end => end <= bar.from);
    bar.lane = free < 0 ? ends.length : free;
    ends[bar.lane] = Math.max(bar.to, bar.from + 1);
  }
  return ends.length;
}

/** How many steps are at work together at most. @param {Bar[]} bars */
function most(bars) {
  const edges = bars
    .flatMap(b =>
      b.to > b.from
        ? [
            [b.from, 1],
            [b.to, -1],
          ]
        : [],
    )
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0));
  let [now, top] = [0, bars.length ? 1 : 0];
  for (const [, by] of edges) top = Math.max(top, (now += by ?? 0));
  return top;
}

/** Round times for the axis, at most seven of them. @param {number} total */
function ticks(total) {
  const least = total / 6;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= least) ?? power;
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, n) => n * step);
}

/** @param {Bar} b */
const spoken = b =>
  [
    `${b.name}: ${stepWord(b.step)}${b.part === null ? '' : ` ${b.part + 1}`}, from ${duration(b.from)} for ${duration(b.to - b.from)}`,
    b.waited > 0 && `${duration(b.waited)} of it in line`,
    (b.cache === 'hit' || b.cache === 'shared') && 'known already',
    b.failed && 'failed',
  ]
    .filter(Boolean)
    .join(', ');

/** @param {Report} report */
export function timeline(report) {
  const bars = barsOf(report);
  const total = Math.max(1, report.timing.wallClockMs, ...bars.map(b => b.to));
  if (bars.length === 0)
    return h(
      'section',
      { class: 'panel', key: 'timeline' },
      h('h2', null, 'No timeline'),
      h('p', { class: 'hint' }, report.items.length ? 'This report does not say when its steps began.' : 'No step was done.'),
    );
  const names = [...new Set(bars.map(b => b.name))];
  const byItem = names.length <= ROW_PER_ITEM;
  /** @type {{ label: string | null, lanes: number, bars: Bar[] }[]} */
  const rows = byItem
    ? names.map(name => {
        const own = bars.filter(b => b.name === name);
        return { label: name, lanes: pack(own), bars: own };
      })
    : [{ label: null, lanes: pack(bars), bars }];
  const lane = rows.reduce((sum, r) => sum + r.lanes, 0) > 60 ? THIN_LANE : LANE;
  const edge = lane === LANE ? 5 : 1;
  const x = (/** @type {number} */ ms) => `${((ms / total) * 100).toFixed(3)}%`;
  const last = Math.max(...bars.map(b => b.to));
  const drawn = (/** @type {{ lanes: number, bars: Bar[] }} */ row) => {
    const height = row.lanes * lane;
    return svg(
      'svg',
      { class: 'bars', width: '100%', height, role: 'presentation' },
      ticks(total).map(t => svg('line', { x1: x(t), x2: x(t), y1: 0, y2: height, class: 'tick' })),
      row.bars.map(b =>
        svg(
          'g',
          { class: `bar ${b.step}${b.cache === 'hit' || b.cache === 'shared' ? ' known' : ''}${b.failed ? ' failed' : ''}` },
          svg('title', null, spoken(b)),
          svg('rect', {
            x: x(b.from),
            y: b.lane * lane + edge,
            width: `${Math.max(0.25, ((b.to - b.from) / total) * 100).toFixed(3)}%`,
            height: lane - 2 * edge,
            rx: 3,
          }),
          b.waited > 0 &&
            svg('rect', {
              x: x(b.from),
              y: b.lane * lane + edge,
              width: `${((Math.min(b.waited, b.to - b.from) / total) * 100).toFixed(3)}%`,
              height: lane - 2 * edge,
              rx: 3,
              class: 'waited',
            }),
        ),
      ),
    );
  };
  const kinds = [...new Set(bars.map(b => b.step))];
  const at = most(bars);
  return h(
    'section',
    { class: 'panel timeline', key: 'timeline', 'aria-label': 'Timeline' },
    h(
      'div',
      { class: 'row' },
      h('h2', { class: 'grow' }, 'Timeline'),
      h(
        'p',
        { class: 'hint' },
        `${plural(bars.length, 'step')} in ${duration(report.timing.wallClockMs)}, ${at === 1 ? 'one at a time' : `up to ${at} at once`}`,
      ),
    ),
    h(
      'ul',
      { class: 'legend' },
      kinds.map(k => h('li', { class: k }, stepWord(k))),
      bars.some(b => b.waited > 0) && h('li', { class: 'waited' }, 'In line'),
      bars.some(b => b.cache === 'hit' || b.cache === 'shared') && h('li', { class: 'known' }, 'Known already'),
      total - last > total / 50 && h('li', { class: 'synthesize' }, stepWord('synthesize')),
    ),
    h(
      'div',
      {
        class: `chart${byItem ? '' : ' packed'}`,
        role: 'img',
        'aria-label': `Bars of ${plural(bars.length, 'step')} by their time. The table below has the same.`,
      },
      rows.map(row =>
        h(
          'div',
          { class: 'lane' },
          byItem && h('div', { class: 'lane-name' }, nameOf(row.label ?? '')),
          h('div', { class: 'lane-bars' }, drawn(row)),
        ),
      ),
      total - last > total / 50 &&
        h(
          'div',
          { class: 'lane' },
          byItem && h('div', { class: 'lane-name soft' }, 'The batch as a whole'),
          h(
            'div',
            { class: 'lane-bars' },
            svg(
              'svg',
              { class: 'bars', width: '100%', height: LANE },
              svg(
                'g',
                { class: 'bar synthesize' },
                svg('title', null, `Summary and report, ${duration(total - last)}`),
                svg('rect', {
                  x: x(last),
                  y: 5,
                  width: `${(((total - last) / total) * 100).toFixed(3)}%`,
                  height: LANE - 10,
                  rx: 3,
                }),
              ),
            ),
          ),
        ),
      h(
        'div',
        { class: 'lane axis' },
        byItem && h('div', { class: 'lane-name' }),
        h(
          'div',
          { class: 'lane-bars' },
          svg(
            'svg',
            { class: 'bars', width: '100%', height: 22 },
            ticks(total).map((t, n) => svg('text', { x: x(t), y: 15, class: n === 0 ? 'first' : null }, duration(t))),
          ),
        ),
      ),
    ),
    h(
      'details',
      { class: 'as-table' },
      h('summary', null, 'As a table'),
      table(
        'Steps by their time',
        ['File', 'Step', '#Began after', '#Took', '#In line', 'Cache'],
        bars
          .slice(0, TABLE_ROWS)
          .map(b => [
            nameOf(b.name),
            `${stepWord(b.step)}${b.part === null ? '' : ` ${b.part + 1}`}`,
            duration(b.from),
            duration(b.to - b.from),
            duration(b.waited),
            b.cache,
          ]),
      ),
      bars.length > TABLE_ROWS && h('p', { class: 'hint' }, `The first ${TABLE_ROWS} of ${plural(bars.length, 'step')}. The JSON report has all.`),
    ),
  );
}
