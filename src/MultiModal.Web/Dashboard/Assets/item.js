import { addressOf, call, find } from './api.js';
import { copyButton } from './copy.js';
import { h, icon, kept, nameOf, render } from './dom.js';
import { linkTo, picture } from './media.js';
import { act, save, say } from './notice.js';
import { table } from './pieces.js';
import { duration, money, plural, size, stepWord } from './words.js';

/** What a report has about one file. @import { Entry, ItemDetail, Report, ReportAudio, ReportImage, ReportItem, ReportStep } from '../types' */

/** Texts of more characters scroll, and so take the focus. */
const LONG = 800;

/** The name of an item in addresses; a duplicate has what its original has. @param {Report} report @param {Entry} entry */
export function itemId(report, { item, index }) {
  const found = item.detail?.match(/(\d+)\.json$/)?.[1];
  if (found) return found;
  const original = item.duplicateOf ? report.items.findIndex(i => i.name === item.duplicateOf) : index;
  return String(original < 0 ? index : original);
}

/** Steps that were done for an item, or for the one that it equals. @param {Report} report @param {ReportItem} item */
export const stepsOf = (report, item) =>
  item.steps.length || !item.duplicateOf ? item.steps : (report.items.find(i => i.name === item.duplicateOf)?.steps ?? []);

/** @param {string} what @param {string | null | undefined} text @param {string | null} [lang] */
const words = (what, text, lang = null) =>
  text
    ? h(
        'section',
        { 'aria-label': what },
        h(
          'div',
          { class: 'row' },
          h('h3', null, what),
          copyButton(what.toLowerCase(), () => text),
        ),
        h('div', { class: 'words', lang, dir: 'auto', ...(text.length > LONG ? { tabindex: '0', role: 'region', 'aria-label': what } : {}) }, text),
      )
    : null;

/** @param {ReportStep[]} steps */
const stepTable = steps =>
  h(
    'details',
    { class: 'steps-of' },
    h('summary', null, `${plural(steps.length, 'step')}, ${duration(steps.reduce((sum, s) => sum + s.durationMs, 0))}`),
    table(
      'Steps of this file',
      ['Step', 'Engine', 'Cache', '#Time', '#Tokens', '#Cost'],
      steps.map(s => [
        [s.part === null ? stepWord(s.step) : `${stepWord(s.step)} ${s.part + 1}`, s.code && h('code', { class: 'problem' }, ` ${s.code}`)],
        s.engine ?? '–',
        s.cache,
        duration(s.durationMs),
        s.usage.inputTokens + s.usage.outputTokens || '–',
        money(s.costUsd),
      ]),
    ),
  );

/** @param {string} batch @param {string} path */
const keep = async (batch, path) => save(await call(`${addressOf(batch)}/${path}`, { accept: '*/*' }), path.split('/').at(-1) ?? path);

/** Saves the file as it was dropped. @param {string} batch @param {string} name */
async function original(batch, name) {
  const url = await linkTo(batch, { file: name });
  if (!url) {
    say('This file is not in the inbox any more.');
    return;
  }
  h('a', { href: url, download: name.split('/').at(-1) }).click();
}

/** @param {string} batch @param {Report} report @param {Entry} entry */
function image(batch, report, entry) {
  return h(
    'button',
    {
      class: 'shot',
      type: 'button',
      // The button stays enabled, so that the focus comes back to it when the dialog is closed.
      onclick: () => import('./lightbox.js').then(({ openLightbox }) => openLightbox(batch, report, entry.index)).catch(e => say(e.message)),
    },
    kept(`shot-${entry.index}`, () => picture(batch, { run: report.runSeq, item: itemId(report, entry), view: 'thumbnail' }, ''), {}, 'span'),
    h('span', { class: 'shot-word' }, 'Compare original and sent'),
  );
}

/**
 * @param {HTMLElement} at @param {string} batch @param {Report} report @param {Entry} entry
 */
async function fillLong(at, batch, report, entry) {
  const { item } = entry;
  /** @type {ItemDetail | null} */
  const detail = item.detail ? await find(`${addressOf(batch)}/${item.detail}`).catch(() => null) : null;
  const audio = item.audio;
  const player = audio && (await import('./player.js'));
  render(
    at,
    words('Description', detail?.image?.description ?? item.image?.description),
    words('Visible text', detail?.image?.text ?? item.image?.text),
    audio && player && player.player(batch, report.runSeq, itemId(report, entry), item, detail?.audio ?? null),
    words('Text', detail?.text ?? item.text),
  );
}

/** @param {ReportImage} i */
const sizes = i => `${i.width} × ${i.height}, sent as ${i.sentWidth} × ${i.sentHeight} (${size(i.sentBytes)})`;

/** @param {ReportAudio} a */
const lengths = a => `${duration(a.durationSeconds * 1000)}, ${plural(a.chunks, 'piece')}, ${duration(a.sentSeconds * 1000)} sent`;

/** @param {string} batch @param {Report} report @param {Entry} entry */
export function itemBody(batch, report, entry) {
  const { item } = entry;
  const steps = stepsOf(report, item);
  return h(
    'div',
    { class: 'body' },
    h(
      'ul',
      { class: 'facts' },
      h('li', null, size(item.bytes)),
      item.image && h('li', null, sizes(item.image)),
      item.audio && h('li', null, lengths(item.audio)),
      entry.spent > 0 && h('li', null, `${money(entry.spent)} spent`),
      item.duplicateOf && h('li', null, 'Same content as ', nameOf(item.duplicateOf)),
      item.similarTo && h('li', null, 'Same picture as ', nameOf(item.similarTo)),
    ),
    item.error && h('p', { class: 'problem' }, h('code', null, item.error.code), ' ', item.error.message),
    (item.warnings ?? []).map(w => h('p', { class: 'hint' }, h('code', null, w.code), ' ', w.message)),
    item.image && image(batch, report, entry),
    item.image &&
      item.image.tags.length > 0 &&
      h(
        'ul',
        { class: 'tags', 'aria-label': 'Tags' },
        item.image.tags.map(t => h('li', null, t)),
      ),
    kept(
      `long-${entry.index}`,
      at => {
        queueMicrotask(() => fillLong(at, batch, report, entry));
        return h('p', { class: 'hint' }, 'Loading…');
      },
      { class: 'long' },
    ),
    [item.image?.note, item.audio?.note, item.textNote].filter(Boolean).map(n => h('p', { class: 'hint' }, n)),
    h(
      'div',
      { class: 'row' },
      h('button', { class: 'button small', onclick: act(() => original(batch, item.name)) }, '↓ Original'),
      item.detail && h('button', { class: 'button small', onclick: act(() => keep(batch, item.detail ?? '')) }, '↓ JSON'),
      item.detail &&
        item.audio &&
        ['vtt', 'srt'].map(kind =>
          h('button', { class: 'button small', onclick: act(() => keep(batch, (item.detail ?? '').replace(/json$/, kind))) }, `↓ .${kind}`),
        ),
    ),
    steps.length > 0 && stepTable(steps),
  );
}

/** What an item says in a line. @param {ReportItem} i */
export const lineOf = i =>
  i.error?.message ??
  (i.duplicateOf
    ? `Same content as ${i.duplicateOf}`
    : i.similarTo
      ? `Same picture as ${i.similarTo}`
      : i.image?.description || i.image?.text || i.audio?.transcript || i.text || '');

/** A small picture of an item, or the sign of its kind. @param {string} batch @param {Report} report @param {Entry} entry */
export const thumbnail = (batch, report, entry) =>
  entry.item.image
    ? kept(
        'thumb',
        at => [
          icon('image'),
          picture(batch, { run: report.runSeq, item: itemId(report, entry), view: 'thumbnail' }, '', () => at.classList.remove('filled')),
        ],
        { class: 'kind thumb' },
        'span',
      )
    : h('span', { class: 'kind' }, icon(entry.item.kind));
