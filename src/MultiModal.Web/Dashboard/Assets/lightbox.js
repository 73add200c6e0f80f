import { byId, h, icon, kept, nameOf, render } from './dom.js';
import { itemId, stepsOf } from './item.js';
import { picture } from './media.js';
import { table } from './pieces.js';
import { count, money, percent, size } from './words.js';

/** A picture as it was dropped beside what was sent of it, and what that saved. @import { Child, Report, ReportImage, ReportItem } from '../types' */

const dialog = /** @type {HTMLDialogElement} */ (byId('lightbox'));

/** @type {{ batch: string, report: Report, indices: number[], at: number, part: number, parts: number, big: boolean } | null} */
let open = null;

/** @param {Report} report @param {ReportItem} item */
function facts(report, item) {
  const image = /** @type {ReportImage} */ (item.image);
  const steps = stepsOf(report, item).filter(s => s.step === 'analyze-image');
  const sum = (/** @type {(s: typeof steps[number]) => number | null | undefined} */ of) => steps.reduce((total, s) => total + (of(s) ?? 0), 0);
  const paid = steps.some(s => s.usage.inputTokens > 0);
  const [tokens, originalTokens] = [sum(s => s.usage.inputTokens), sum(s => s.originalInputTokens)];
  const [spent, saved] = [sum(s => s.costUsd), sum(s => s.savedByOptimizingUsd)];
  const unknown = steps.some(s => s.costUsd === null);
  const less = (/** @type {number} */ after, /** @type {number} */ before) =>
    before > after ? h('span', { class: 'good' }, `−${percent(before - after, before)}`) : '–';
  /** @type {Child[][]} */
  const rows = [
    [
      'Size in pixels',
      `${image.width} × ${image.height}`,
      `${image.sentWidth} × ${image.sentHeight}`,
      less(image.sentWidth * image.sentHeight, image.width * image.height),
    ],
    ['Bytes', size(item.bytes), size(image.sentBytes), less(image.sentBytes, item.bytes)],
  ];
  if (paid) {
    rows.push(['Tokens in', originalTokens ? `about ${count(originalTokens)}` : count(tokens), count(tokens), less(tokens, originalTokens)]);
    rows.push([
      'Price',
      unknown ? 'not known' : money(spent + saved),
      unknown ? 'not known' : money(spent),
      unknown ? '–' : less(spent, spent + saved),
    ]);
  }
  return [
    table('Original and sent', ['Measure', '#Original', '#Sent', '#Less'], rows),
    !paid &&
      h(
        'p',
        { class: 'hint' },
        steps.some(s => s.cache === 'hit' || s.cache === 'shared')
          ? 'The answer was known already, so nothing was paid in this run.'
          : 'No model was paid for this picture.',
      ),
  ];
}

/** @param {string} word @param {string} key @param {(missing: () => void) => HTMLElement} make */
const figure = (word, key, make) =>
  h(
    'figure',
    { key },
    h('figcaption', null, word),
    kept(`shot-${key}`, at => make(() => render(at, h('p', { class: 'hint' }, 'This picture cannot be shown here.'))), { class: 'frame' }),
  );

function draw() {
  if (!open) return;
  const { batch, report, indices, at, part } = open;
  const index = indices[at] ?? 0;
  const item = /** @type {ReportItem} */ (report.items[index]);
  const image = /** @type {ReportImage} */ (item.image);
  const id = itemId(report, { item, index, words: '', spent: 0 });
  open.parts = Math.max(image.tiles ?? 1, image.pages ?? 1);
  const step = (/** @type {number} */ by) => {
    if (open) {
      open.at = (at + by + indices.length) % indices.length;
      open.part = 0;
      draw();
    }
  };
  render(
    dialog,
    h(
      'div',
      { class: `lightbox${open.big ? ' big' : ''}` },
      h(
        'header',
        null,
        h('h2', { id: 'lightbox-title' }, nameOf(item.name)),
        indices.length > 1 && h('span', { class: 'hint' }, `${at + 1} of ${indices.length}`),
        h(
          'div',
          { class: 'row' },
          indices.length > 1 && h('button', { class: 'icon-button', 'aria-label': 'Previous picture', onclick: () => step(-1) }, icon('back')),
          indices.length > 1 && h('button', { class: 'icon-button', 'aria-label': 'Next picture', onclick: () => step(1) }, icon('next')),
          h(
            'button',
            {
              class: 'button small',
              'aria-pressed': String(open.big),
              onclick: () => {
                if (open) {
                  open.big = !open.big;
                  draw();
                }
              },
            },
            'Full size',
          ),
          h('button', { class: 'icon-button', 'aria-label': 'Close', autofocus: true, onclick: () => dialog.close() }, icon('close')),
        ),
      ),
      h(
        'div',
        { class: 'pair-of-shots' },
        figure('Original', `${index}-original`, missing => picture(batch, { file: item.name }, `${item.name} as it was dropped`, missing)),
        figure('Sent', `${index}-sent-${part}`, missing =>
          picture(batch, { run: report.runSeq, item: id, view: 'sent', ...(part ? { part } : {}) }, `${item.name} as it was sent`, missing),
        ),
      ),
      image.tiles && h('p', { class: 'hint' }, `It was sent in ${image.tiles} tiles; the first is shown.`),
      image.pages && h('p', { class: 'hint' }, `It has ${image.pages} pages; the first is shown.`),
      facts(report, item),
    ),
  );
}

dialog.addEventListener('keydown', e => {
  const by = e.key === 'ArrowLeft' ? -1 : e.key === 'ArrowRight' ? 1 : 0;
  if (!by || !open || open.indices.length < 2 || (e.target instanceof HTMLElement && e.target.closest('.scroll, .big .pair-of-shots'))) return;
  open.at = (open.at + by + open.indices.length) % open.indices.length;
  open.part = 0;
  draw();
});
dialog.addEventListener('click', e => {
  if (e.target === dialog) dialog.close();
});
dialog.addEventListener('close', () => {
  open = null;
  render(dialog);
});

/** @param {string} batch @param {Report} report @param {number} index */
export function openLightbox(batch, report, index) {
  const indices = report.items.flatMap((i, n) => (i.image ? [n] : []));
  open = { batch, report, indices, at: Math.max(0, indices.indexOf(index)), part: 0, parts: 1, big: false };
  draw();
  dialog.showModal();
}
