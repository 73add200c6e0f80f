// Text from strangers as people may see it: what nobody sees but what changes what is seen is written as an escape, such as \u202E.
// The pipeline's VisibleText does the same, and a test compares the two over all characters.

const CONTROLS = '\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F';
const FORMATS = '\\u00AD\\u061C\\u180E\\u200B\\u200E\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB\\u{E0000}-\\u{E007F}';
const HIDDEN = new RegExp(`[${CONTROLS}${FORMATS}]`, 'gu');

/** @param {string} character */
const escapeOf = character => {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
};

/** @param {string} text */
export const visible = text => text.replace(HIDDEN, escapeOf);
