import { h, icon } from './dom.js';
import { statusTone, statusWord } from './words.js';

/** Small pieces that several views are made of. @import { Child } from '../types' */

/** @param {string} status */
export const pill = status => h('span', { class: `pill ${statusTone(status)}` }, statusWord(status));

/** @param {string} value @param {Child} label @param {boolean} [good] */
export const tile = (value, label, good = false) =>
  h('div', { class: 'tile' }, h('dd', { class: `value${good ? ' good' : ''}` }, value), h('dt', null, label));

/** @param {string} label @param {Child[]} tiles */
export const tiles = (label, ...tiles) =>
  h('section', { class: 'tiles-section', 'aria-label': label, key: `tiles-${label}` }, h('dl', { class: 'tiles' }, ...tiles));

/** @param {string} title @param {string} text @param {Child} [more] */
export const blank = (title, text, more) => h('div', { class: 'blank' }, h('h1', { tabindex: '-1' }, title), h('p', null, text), more);

/**
 * A table that scrolls within itself where it is wider than the page. Columns that begin with "#" are numbers.
 * @param {string} caption @param {string[]} columns @param {Child[][]} rows
 */
export const table = (caption, columns, rows) => {
  const number = columns.map(c => c.startsWith('#'));
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h(
      'table',
      null,
      h('caption', { class: 'sr' }, caption),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          columns.map((c, n) => h('th', { scope: 'col', class: number[n] ? 'num' : null }, c.replace('#', ''))),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map(row =>
          h(
            'tr',
            null,
            row.map((cell, n) => (n === 0 ? h('th', { scope: 'row' }, cell) : h('td', { class: number[n] ? 'num' : null }, cell))),
          ),
        ),
      ),
    ),
  );
};

/**
 * A button that opens further ones.
 * @param {string} word @param {[word: string, work: (event: Event) => unknown, danger?: boolean][]} entries
 */
export const menu = (word, entries) =>
  h(
    'details',
    { class: 'menu', key: 'menu', onkeydown: closeByKey, onfocusout: closeByLeaving },
    h('summary', { class: 'button' }, word, icon('more')),
    h(
      'div',
      { class: 'menu-items' },
      entries.map(([name, work, danger]) =>
        h('button', { type: 'button', key: name, class: danger ? 'danger' : null, onclick: chosen(work) }, name),
      ),
    ),
  );

/** The focus goes back to the button that opened the menu before the menu is closed. @param {(event: Event) => unknown} work */
const chosen = work => (/** @type {Event} */ event) => {
  const button = /** @type {HTMLElement} */ (event.currentTarget);
  button.closest('details')?.querySelector('summary')?.focus();
  return work(event);
};

/** @param {KeyboardEvent} event */
function closeByKey(event) {
  const at = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  if (event.key !== 'Escape' || !at.open) return;
  at.open = false;
  at.querySelector('summary')?.focus();
}

/** @param {FocusEvent} event */
function closeByLeaving(event) {
  const at = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  if (event.relatedTarget instanceof Node && !at.contains(event.relatedTarget)) at.open = false;
}

document.addEventListener('click', event => {
  for (const open of document.querySelectorAll('.menu[open]')) {
    const target = /** @type {Node} */ (event.target);
    if (!open.contains(target) || open.querySelector('.menu-items')?.contains(target)) open.removeAttribute('open');
  }
});
