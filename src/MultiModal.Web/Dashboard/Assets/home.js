import { newBatch, pick } from './drop.js';
import { h, icon } from './dom.js';
import { say } from './notice.js';

/** Where one begins. */
export const home = () =>
  h(
    'div',
    { class: 'home', key: 'home' },
    h('h1', { tabindex: '-1' }, 'Drop files in, get one report back'),
    h('p', { class: 'lead' }, 'Pictures, recordings, documents and notes become one summary, with what each of them says and what it cost.'),
    h(
      'div',
      { class: 'drop' },
      icon('upload'),
      h('p', null, h('strong', null, 'Drop files or folders'), ' anywhere in this window'),
      h(
        'div',
        { class: 'row' },
        h(
          'button',
          {
            class: 'button primary',
            onclick: () =>
              pick(files => {
                newBatch(files).catch(e => say(e.message));
              }),
          },
          'Choose files',
        ),
        h('a', { class: 'button', href: '#/new' }, 'With options'),
      ),
    ),
    h('p', { class: 'hint' }, 'A broken file never stops the others, and the same content is never paid for twice.'),
  );
