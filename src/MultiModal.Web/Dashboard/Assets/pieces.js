import { h } from './dom.js';
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
