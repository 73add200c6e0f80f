import { copyButton } from './copy.js';
import { h, kept } from './dom.js';
import { picture } from './media.js';
import { tile, tiles } from './pieces.js';
import { duration, money } from './words.js';

/** What a report says as a whole. @import { Report, ReportCost, Synthesis } from '../types' */

/** Smaller ratios may be chance; reports of older versions have them. */
const LEAST_SPEEDUP = 1.2;

/** @param {Synthesis} s */
const asText = s => [s.title, '', s.summary, ...s.keyPoints.map(t => `- ${t}`), ...s.actionItems.map(t => `[ ] ${t}`)].join('\n');

/** The picture of a report, or why there is none. @param {Report} report */
function illustration(report) {
  const made = report.illustration;
  if (!made) return null;
  if (!made.file) return made.error && h('p', { class: 'hint' }, 'No illustration: ', h('code', null, made.error.code), ' ', made.error.message);
  return kept(
    `illustration-${report.runSeq}`,
    at => picture(report.batch, { run: report.runSeq, view: 'illustration' }, 'Illustration of the report', () => at.remove()),
    { class: 'illustration' },
  );
}

/** @param {Report} report */
export function summary(report) {
  if (report.error)
    return h(
      'section',
      { class: 'panel', key: 'summary' },
      h('h2', { class: 'problem' }, 'The batch could not run'),
      h('p', null, h('code', null, report.error.code), ' ', report.error.message),
    );
  const s = report.synthesis;
  if (!s)
    return (
      report.synthesisReason &&
      h('section', { class: 'panel', key: 'summary' }, h('h2', null, 'No summary'), h('p', { class: 'hint' }, report.synthesisReason.message))
    );
  const points = (/** @type {string} */ title, /** @type {string[]} */ texts) =>
    texts.length > 0 &&
    h(
      'div',
      null,
      h('h3', null, title),
      h(
        'ul',
        null,
        texts.map(t => h('li', null, t)),
      ),
    );
  return h(
    'section',
    { class: 'panel synthesis', key: 'summary', 'aria-label': 'Summary' },
    h(
      'div',
      { class: 'corner' },
      copyButton('the summary', () => asText(s)),
    ),
    h(
      'div',
      { lang: s.language, dir: 'auto' },
      h('h2', null, s.title),
      illustration(report),
      h('p', { class: 'summary' }, s.summary),
      h('div', { class: 'columns' }, points('Key points', s.keyPoints), points('To do', s.actionItems)),
      s.topics.length > 0 &&
        h(
          'ul',
          { class: 'tags', 'aria-label': 'Topics' },
          s.topics.map(t => h('li', null, t)),
        ),
    ),
    s.note && h('p', { class: 'hint' }, s.note),
  );
}

/** @param {ReportCost} cost */
export function spentLabel({ unpriced, assumed = [] }) {
  const without = unpriced.length ? `spent, without ${unpriced.join(', ')}` : 'spent';
  return assumed.length ? `${without}; the price of ${assumed.join(', ')} is assumed` : without;
}

/** @param {Report} report */
export function figures(report) {
  const { cost, timing } = report;
  return tiles(
    'Cost and time',
    tile(money(cost.spentUsd), spentLabel(cost)),
    tile(money(cost.savedByOptimizingUsd), 'saved by sending less', cost.savedByOptimizingUsd > 0),
    tile(money(cost.savedByCacheUsd), 'saved by the cache', cost.savedByCacheUsd > 0),
    tile(duration(timing.wallClockMs), 'from start to report'),
    timing.speedup !== null && timing.speedup >= LEAST_SPEEDUP
      ? tile(`${timing.speedup.toFixed(1)}×`, `as fast as one after the other (${duration(timing.sequentialMs)})`)
      : tile(duration(timing.sequentialMs), 'at work, all steps together'),
  );
}
