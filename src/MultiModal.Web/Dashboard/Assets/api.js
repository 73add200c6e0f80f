import { byId } from './dom.js';

/** The calls of the HTTP API, with the key that its user was asked for. */

const KEY = 'multimodal-key';

/** @param {string} batch */
export const addressOf = batch => `/api/batches/${encodeURIComponent(batch)}`;

/** @param {string} batch @param {string} path */
export const fileAddress = (batch, path) => `${addressOf(batch)}/files/${path.split('/').map(encodeURIComponent).join('/')}`;

/** What the host answers where a call fails. */
export class Problem extends Error {
  /** @param {number} status @param {string | null} code @param {string} detail */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** By how much the host's clock is ahead of this one, in milliseconds. */
export let ahead = 0;

/** @param {Record<string, string>} more @returns {Record<string, string>} */
function headers(more) {
  const key = sessionStorage.getItem(KEY);
  return key ? { ...more, 'X-API-Key': key, 'x-functions-key': key } : { ...more };
}

/** @type {Promise<boolean> | null} */
let asking = null;
let declined = false;

/** Asks for the key again after it was declined. */
export function askAgain() {
  declined = false;
}

export const isDeclined = () => declined;

/** One dialog for however many calls were refused at the same moment. */
function askForKey() {
  asking ??= new Promise(resolve => {
    const dialog = /** @type {HTMLDialogElement} */ (byId('key'));
    const text = /** @type {HTMLInputElement} */ (byId('key-text'));
    byId('key-refused').hidden = sessionStorage.getItem(KEY) === null;
    text.value = '';
    dialog.returnValue = '';
    dialog.addEventListener(
      'close',
      () => {
        const key = text.value.trim();
        const given = dialog.returnValue === 'ok' && key !== '';
        if (given) sessionStorage.setItem(KEY, key);
        declined = !given;
        asking = null;
        resolve(given);
      },
      { once: true },
    );
    dialog.showModal();
  });
  return asking;
}

byId('key-no').addEventListener('click', () => /** @type {HTMLDialogElement} */ (byId('key')).close());

/** @param {number} status @param {any} body */
const problemOf = (status, body) => new Problem(status, body?.code ?? null, body?.detail ?? `The host answered ${status}.`);

/**
 * @param {string} address
 * @param {{ method?: string, json?: unknown, accept?: string }} [how]
 * @returns {Promise<Response>}
 */
export async function call(address, { method = 'GET', json, accept = 'application/json' } = {}) {
  for (;;) {
    const sent = sessionStorage.getItem(KEY);
    const response = await fetch(address, {
      method,
      headers: headers({ Accept: accept, ...(json === undefined ? {} : { 'Content-Type': 'application/json' }) }),
      body: json === undefined ? undefined : JSON.stringify(json),
    });
    const date = response.headers.get('Date');
    if (date) ahead = Date.parse(date) - Date.now();
    if (response.status === 401) {
      if (!declined && (sessionStorage.getItem(KEY) !== sent || (await askForKey()))) continue;
      throw new Problem(401, 'unauthorized', 'This host asks for a key.');
    }
    if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
    return response;
  }
}

/** @param {string} address @returns {Promise<any>} */
export const get = async address => (await call(address)).json();

/** @param {string} address @returns {Promise<any>} null where there is none */
export const find = address =>
  get(address).catch(e => {
    if (e.status === 404) return null;
    throw e;
  });

/** @param {string} address @param {unknown} [json] */
export const post = (address, json) => call(address, { method: 'POST', json });

/**
 * Uploads a file.
 * @param {string} address @param {Blob} file @param {(share: number) => void} progress
 * @returns {Promise<void>}
 */
export function put(address, file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', address);
    for (const [name, value] of Object.entries(headers({}))) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', e => e.lengthComputable && progress(e.loaded / e.total));
    request.addEventListener('load', () => {
      if (request.status < 300) {
        resolve();
        return;
      }
      let body = null;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        /* Not from our handlers: there is no more to say. */
      }
      reject(problemOf(request.status, body));
    });
    request.addEventListener('error', () => reject(new Error('The host does not answer.')));
    request.send(file);
  });
}
