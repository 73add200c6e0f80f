import { newBatch, pick } from './drop.js';
import { h, icon, nameOf, render } from './dom.js';
import { say } from './notice.js';
import { optionFields } from './options.js';
import { plural, size } from './words.js';

/** The form for a new batch. @import { Dropped } from '../types' */

const SHOWN = 200;

/** @type {((files: Dropped[]) => void) | null} */
let adding = null;

/** Adds files to the form that is open. @param {Dropped[]} files */
export const addToForm = files => adding?.(files);

export function composer() {
  /** @type {Map<string, Dropped>} */
  const chosen = new Map();
  const name = h('input', { id: 'new-name', autocomplete: 'off', spellcheck: 'false', placeholder: 'Leave empty to get one' });
  const fields = optionFields('new', {});
  const listing = h('ul', { class: 'files', 'aria-label': 'Files' });
  const total = h('p', { class: 'hint', role: 'status' });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const go = h('button', { class: 'button primary', type: 'submit', disabled: true }, 'Upload and run');
  const draw = () => {
    go.disabled = chosen.size === 0;
    const files = [...chosen.values()];
    total.textContent = files.length ? `${plural(files.length, 'file')}, ${size(files.reduce((sum, f) => sum + f.file.size, 0))}` : '';
    render(
      listing,
      ...files.slice(0, SHOWN).map(f =>
        h(
          'li',
          { key: f.path },
          h('span', { class: 'grow' }, nameOf(f.path)),
          h('span', { class: 'hint' }, size(f.file.size)),
          h(
            'button',
            {
              class: 'icon-button',
              type: 'button',
              'aria-label': `Leave out ${f.path}`,
              onclick: () => {
                chosen.delete(f.path);
                draw();
              },
            },
            icon('close'),
          ),
        ),
      ),
    );
  };
  const add = (/** @type {Dropped[]} */ files) => {
    for (const f of files) chosen.set(f.path, f);
    draw();
  };
  adding = add;
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    go.disabled = true;
    problem.textContent = '';
    try {
      await newBatch([...chosen.values()], name.value.trim() || null, fields.read());
    } catch (e) {
      const { message } = /** @type {Error} */ (e);
      if (problem.isConnected) problem.textContent = message;
      else say(message);
      go.disabled = false;
    }
  };
  return h(
    'div',
    null,
    h('h1', { tabindex: '-1' }, 'New batch'),
    h(
      'form',
      { class: 'panel form', onsubmit: submit },
      h(
        'div',
        { class: 'drop' },
        icon('upload'),
        h('p', null, h('strong', null, 'Drop files or folders'), ' anywhere in this window'),
        h('button', { class: 'button', type: 'button', onclick: () => pick(add) }, 'Choose files'),
      ),
      total,
      listing,
      h('div', { class: 'field' }, h('label', { for: 'new-name' }, 'Name'), name),
      fields.main,
      h('details', { class: 'more-options' }, h('summary', null, 'More options'), fields.more),
      problem,
      h('div', { class: 'row end' }, go),
    ),
  );
}
