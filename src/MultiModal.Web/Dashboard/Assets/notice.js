import { byId, h } from './dom.js';
import { visible } from './visible.js';

/** What is said in passing, what is asked before it is done, and what a button does. */

let timer = 0;

/** @param {string} text */
export function say(text) {
  const toast = byId('toast');
  toast.textContent = visible(text);
  toast.classList.add('on');
  clearTimeout(timer);
  timer = setTimeout(() => toast.classList.remove('on'), 6000);
}

/** Does what a button is for. What goes wrong is said, never lost. @param {() => unknown} work */
export function act(work) {
  /** @param {Event} event */
  return async event => {
    const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
    button.disabled = true;
    try {
      await work();
    } catch (e) {
      say(/** @type {Error} */ (e).message);
    } finally {
      button.disabled = false;
    }
  };
}

/**
 * Asks before something that cannot be undone.
 * @param {string} title @param {import('../types').Child[]} text @param {string} yes
 * @returns {Promise<boolean>}
 */
export function sure(title, text, yes) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('sure'));
  byId('sure-title').textContent = title;
  byId('sure-text').replaceChildren(...h('p', null, ...text).childNodes);
  byId('sure-yes').textContent = yes;
  dialog.returnValue = 'no';
  return new Promise(resolve => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
    dialog.showModal();
  });
}

/** Saves what the host answers as a file. @param {Response} response @param {string} name */
export async function save(response, name) {
  const address = URL.createObjectURL(await response.blob());
  h('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
