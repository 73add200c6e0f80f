import { byId, h, render } from './dom.js';
import { askAgain, isDeclined } from './api.js';

/** Whether the host answers, which models end soon, and which do not answer. @import { Child, Fallback, Warning } from '../types' */

/** Words with a hyphen, such as days and names of models, are not broken at it. @param {string} text @returns {Child[]} */
const unbroken = text => text.split(/(\S+-\S+)/).map((word, odd) => (odd % 2 ? h('span', { class: 'unbroken' }, word) : word));

/** @param {Warning[]} warnings @param {Fallback[]} fallbacks */
function warn(warnings, fallbacks) {
  render(
    byId('warnings'),
    ...fallbacks.map(f =>
      h(
        'details',
        { key: f.message },
        h('summary', null, unbroken(`${f.fallback} answers for ${f.engine}`)),
        h('p', null, unbroken(f.message)),
      ),
    ),
    ...warnings.map(w => {
      const ended = w.code === 'model-ended';
      return h(
        'details',
        { key: w.message, class: ended ? 'ended' : null },
        h('summary', null, unbroken(`${w.model} ${ended ? 'ended' : 'ends'} on ${w.endsOn}`)),
        h('p', null, unbroken(w.message)),
      );
    }),
  );
}

/** @param {string} tone @param {string} text */
function show(tone, text) {
  const health = byId('health');
  health.className = `health ${tone}`;
  if (health.textContent !== text) health.textContent = text;
}

/** @returns {Promise<boolean>} whether the host answers */
export async function refreshHealth() {
  try {
    const answer = await fetch('/healthz');
    /** @type {{ warnings?: Warning[], fallbacks?: Fallback[] }} */
    const { warnings = [], fallbacks = [] } = answer.ok ? await answer.json() : {};
    const warned = warnings.length + fallbacks.length > 0;
    show(
      !answer.ok ? 'bad' : warned ? 'warn' : 'good',
      !answer.ok ? 'Storage does not answer' : warned ? 'Connected, with warnings' : 'Connected',
    );
    warn(warnings, fallbacks);
    return true;
  } catch {
    show('bad', 'The host does not answer');
    return false;
  }
}

/** Offers to enter the key where nobody did. @param {() => void} again */
export function refreshLock(again) {
  render(
    byId('lock'),
    isDeclined() &&
      h(
        'div',
        { class: 'banner' },
        h('span', null, 'This host asks for a key.'),
        h(
          'button',
          {
            class: 'button',
            onclick: () => {
              askAgain();
              again();
            },
          },
          'Enter the key',
        ),
      ),
  );
}
