import { h, nameOf } from './dom.js';
import { table, tile, tiles } from './pieces.js';
import { spentLabel } from './report.js';
import { count, money, plural, stepWord } from './words.js';

/** What a run cost: by step, by model and by file. @import { Child, Report, ReportStep } from '../types' */

const FILES = 20;

/** @typedef {{ calls: number, known: number, tokens: number, spent: number, saved: number, unpriced: boolean }} Sum */

/** @param {ReportStep[]} steps @param {(s: ReportStep) => string | null} keyOf @returns {[string, Sum][]} */
function sums(steps, keyOf) {
  /** @type {Map<string, Sum>} */
  const found = new Map();
  for (const s of steps) {
    const key = keyOf(s);
    if (key === null) continue;
    const sum = found.get(key) ?? { calls: 0, known: 0, tokens: 0, spent: 0, saved: 0, unpriced: false };
    if (s.cache === 'hit' || s.cache === 'shared') sum.known++;
    else sum.calls += s.attempts;
    sum.tokens += s.usage.inputTokens + s.usage.outputTokens;
    sum.spent += s.costUsd ?? 0;
    sum.saved += (s.savedByOptimizingUsd ?? 0) + (s.savedByCacheUsd ?? 0);
    sum.unpriced ||= s.costUsd === null;
    found.set(key, sum);
  }
  return [...found].sort(([, a], [, b]) => b.spent - a.spent);
}

/** @param {Sum} s @returns {Child[]} */
const cells = s => [
  count(s.calls),
  count(s.known),
  s.tokens ? count(s.tokens) : '–',
  s.unpriced ? `${money(s.spent)} and what has no price` : money(s.spent),
  money(s.saved),
];

/** @param {Report} report */
export function spending(report) {
  const steps = report.items.flatMap(i => i.steps);
  const { cost } = report;
  const items = sums(steps, () => 'all')[0]?.[1].spent ?? 0;
  const rest = cost.spentUsd - items;
  const columns = ['#Calls', '#Known', '#Tokens', '#Spent', '#Saved'];
  const dearest = report.items
    .map(i => ({ name: i.name, spent: i.steps.reduce((sum, s) => sum + (s.costUsd ?? 0), 0) }))
    .filter(i => i.spent > 0)
    .sort((a, b) => b.spent - a.spent);
  return [
    tiles(
      'What this run cost',
      tile(money(cost.spentUsd), spentLabel(cost)),
      tile(money(cost.savedByOptimizingUsd), 'saved by sending less', cost.savedByOptimizingUsd > 0),
      tile(money(cost.savedByCacheUsd), 'saved by the cache', cost.savedByCacheUsd > 0),
      (cost.unknownUsd ?? 0) > 0 && tile(money(cost.unknownUsd), 'may have been billed on top: answers were lost'),
    ),
    (cost.leftOut ?? 0) > 0 &&
      h(
        'p',
        { class: 'panel', key: 'left-out' },
        `${plural(cost.leftOut ?? 0, 'step')} were left out because of the budget. A new start with a higher budget does only these.`,
      ),
    h(
      'section',
      { class: 'panel', key: 'by-step', 'aria-label': 'By step' },
      h('h2', null, 'By step'),
      table(
        'Cost by step',
        ['Step', ...columns],
        [
          ...sums(steps, s => (s.engine ? s.step : null)).map(([key, sum]) => [stepWord(key), ...cells(sum)]),
          ...(rest > 1e-9 ? [[stepWord('synthesize'), '–', '–', '–', money(rest), '–']] : []),
        ],
      ),
    ),
    h(
      'section',
      { class: 'panel', key: 'by-model', 'aria-label': 'By model' },
      h('h2', null, 'By model'),
      table(
        'Cost by model',
        ['Model', ...columns],
        sums(steps, s => s.engine).map(([key, sum]) => [key, ...cells(sum)]),
      ),
    ),
    dearest.length > 0 &&
      h(
        'section',
        { class: 'panel', key: 'by-file', 'aria-label': 'By file' },
        h('h2', null, 'Dearest files'),
        table(
          'Cost by file',
          ['File', '#Spent'],
          dearest.slice(0, FILES).map(i => [nameOf(i.name), money(i.spent)]),
        ),
      ),
  ];
}
