import { call, fileAddress, find } from './api.js';
import { byId, h, render } from './dom.js';
import { say } from './notice.js';

/** The options of a batch, which its batch.json holds. @import { BatchOptions, Child } from '../types' */

/** @param {string} id @param {string} label @param {HTMLElement} control @param {Child} [hint] */
const field = (id, label, control, hint) =>
  h('div', { class: 'field' }, h('label', { for: id }, label), control, hint && h('p', { class: 'hint', id: `${id}-hint` }, hint));

/**
 * The fields of a form and what they say.
 * @param {string} prefix of the ids @param {BatchOptions} now
 */
export function optionFields(prefix, now) {
  /** @param {string} name @param {string | number | undefined} value @param {Record<string, any>} [more] */
  const input = (name, value, more) =>
    h('input', { id: `${prefix}-${name}`, value: value ?? null, autocomplete: 'off', 'aria-describedby': `${prefix}-${name}-hint`, ...more });
  /** @param {string} name @param {string | undefined} value @param {[string, string][]} choices */
  const select = (name, value, choices) =>
    h(
      'select',
      { id: `${prefix}-${name}`, 'aria-describedby': `${prefix}-${name}-hint` },
      choices.map(([key, word]) => h('option', { value: key, selected: key === (value ?? '') }, word)),
    );
  const controls = {
    instructions: h(
      'textarea',
      { id: `${prefix}-instructions`, maxlength: 4000, placeholder: 'For example: minutes of a meeting, with decisions first' },
      now.instructions,
    ),
    language: input('language', now.language ?? now.languages?.join(', '), { placeholder: 'found out', spellcheck: 'false' }),
    outputLanguage: input('outputLanguage', now.outputLanguage, {
      maxlength: 2,
      pattern: '[a-z]{2}',
      placeholder: 'as spoken',
      spellcheck: 'false',
    }),
    speakers: select('speakers', now.speakers ? 'true' : '', [
      ['', 'Not told apart'],
      ['true', 'Told apart'],
    ]),
    vocabulary: h(
      'textarea',
      { id: `${prefix}-vocabulary`, class: 'short', maxlength: 1000, 'aria-describedby': `${prefix}-vocabulary-hint` },
      now.vocabulary,
    ),
    detail: select('detail', now.detail, [
      ['', 'As the host is set'],
      ['auto', 'Automatic'],
      ['low', 'Low'],
      ['high', 'High'],
    ]),
    maxEdge: input('maxEdge', now.maxEdge, { type: 'number', min: 64, max: 8192, placeholder: 'as the host is set' }),
    chunkSeconds: input('chunkSeconds', now.chunkSeconds, { type: 'number', min: 30, max: 3600, placeholder: 'as the host is set' }),
    start: select('start', now.start === 'manual' ? 'manual' : '', [
      ['', 'By itself'],
      ['manual', 'When I say so'],
    ]),
    patience: select('patience', now.patience, [
      ['', 'As the host is set'],
      ['flex', 'Cheaper and later'],
    ]),
    illustration: select('illustration', now.illustration ? 'true' : '', [
      ['', 'None'],
      ['true', 'One picture'],
    ]),
    webhook: input('webhook', now.webhook, { type: 'url', placeholder: 'https://…', spellcheck: 'false' }),
  };
  /** @returns {BatchOptions} */
  const read = () => {
    // What is in the file and not in the form stays.
    /** @type {Record<string, unknown>} */
    const options = Object.fromEntries(Object.entries(now).filter(([name]) => !(name in controls) && name !== 'languages'));
    for (const [name, control] of Object.entries(controls)) {
      const value = control.value.trim();
      if (!value) continue;
      if (name === 'language') {
        const spoken = value.split(/[\s,]+/).filter(Boolean);
        if (spoken.length > 1) options.languages = spoken;
        else options.language = spoken[0];
      } else if (name === 'illustration') options[name] = now.illustration || true;
      else if (name === 'speakers') options[name] = true;
      else options[name] = control.type === 'number' ? Number(value) : value;
    }
    return options;
  };
  const main = [field(`${prefix}-instructions`, 'What should the report be?', controls.instructions)];
  const more = h(
    'div',
    { class: 'grid' },
    field(`${prefix}-language`, 'Spoken', controls.language, 'Two letters, such as en; several with commas.'),
    field(`${prefix}-outputLanguage`, 'Written', controls.outputLanguage, 'The language of the report, in two letters.'),
    field(`${prefix}-speakers`, 'Speakers', controls.speakers, 'Needs a speech model that can.'),
    field(`${prefix}-start`, 'The run starts', controls.start, 'With “When I say so” you see what it would cost first.'),
    field(`${prefix}-patience`, 'Patience', controls.patience, 'Flex prices where the host allows them.'),
    field(`${prefix}-detail`, 'Detail of images', controls.detail, 'High sees more and costs more.'),
    field(`${prefix}-maxEdge`, 'Longest edge of images', controls.maxEdge, '64 to 8,192 pixels.'),
    field(`${prefix}-chunkSeconds`, 'Pieces of recordings', controls.chunkSeconds, '30 to 3,600 seconds.'),
    field(
      `${prefix}-illustration`,
      'Illustration',
      controls.illustration,
      'A picture of the report, made by a model where the host has one. It costs extra.',
    ),
    field(`${prefix}-webhook`, 'Webhook', controls.webhook, 'Told when a run ends. An https address.'),
    h(
      'div',
      { class: 'wide' },
      field(`${prefix}-vocabulary`, 'Names and terms', controls.vocabulary, 'Likely to be heard: they are spelled as you write them.'),
    ),
  );
  return { main, more, read };
}

/** Opens the options of a batch to change them. @param {string} batch @param {() => void} saved */
export async function editOptions(batch, saved) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('options'));
  const address = fileAddress(batch, 'batch.json');
  /** @type {BatchOptions} */
  const now = (await find(address)) ?? {};
  const fields = optionFields('option', now);
  const problem = h('p', { class: 'problem', role: 'alert' });
  const submit = async (/** @type {SubmitEvent} */ e) => {
    e.preventDefault();
    try {
      await call(address, { method: 'PUT', json: fields.read() });
      dialog.close();
      say('Saved. The next run follows these options.');
      saved();
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
    }
  };
  render(
    dialog,
    h(
      'form',
      { key: `${batch} ${Date.now()}`, onsubmit: submit },
      h('h2', { id: 'options-title' }, 'Options of this batch'),
      fields.main,
      fields.more,
      problem,
      h(
        'div',
        { class: 'row end' },
        h('button', { class: 'button', type: 'button', onclick: () => dialog.close() }, 'Cancel'),
        h('button', { class: 'button primary', value: 'ok' }, 'Save'),
      ),
    ),
  );
  dialog.showModal();
}
