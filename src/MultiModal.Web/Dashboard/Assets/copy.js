import { h, icon } from './dom.js';
import { say } from './notice.js';

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say('Copied.');
  } catch {
    say('The browser does not allow copying here. Select the text instead.');
  }
}

/** A button that copies a text. @param {string} what @param {() => string} text */
export const copyButton = (what, text) =>
  h(
    'button',
    { class: 'icon-button', type: 'button', 'aria-label': `Copy ${what}`, title: `Copy ${what}`, onclick: () => copy(text()) },
    icon('copy'),
  );
