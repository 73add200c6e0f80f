import { addressOf, fileAddress, post, put, Problem } from './api.js';
import { byId, h, icon, nameOf, render } from './dom.js';
import { say } from './notice.js';
import { route, toBatch } from './route.js';
import { count, percent, plural } from './words.js';

/** Files that come in: dropped anywhere in the window, or chosen, and how far their uploads are. @import { BatchOptions, Dropped } from '../types' */

const AT_A_TIME = 3;
const SHOWN = 100;

/** Lets somebody choose files. @param {(files: Dropped[]) => void} use */
export function pick(use) {
  const input = h('input', { type: 'file', multiple: true });
  input.addEventListener('change', () => use([...(input.files ?? [])].map(file => ({ file, path: file.name }))));
  input.click();
}

/** Files of a drop, folders walked through. @param {DataTransfer} transfer @returns {Promise<Dropped[]>} */
async function dropped(transfer) {
  const entries = [...transfer.items].map(i => i.webkitGetAsEntry()).filter(e => e !== null);
  /** @type {Dropped[]} */
  const files = [];
  /** @param {FileSystemEntry} at @returns {Promise<void>} */
  const walk = async at => {
    if (at.isFile) {
      const file = /** @type {FileSystemFileEntry} */ (at);
      files.push({ file: await new Promise((resolve, reject) => file.file(resolve, reject)), path: at.fullPath.replace(/^\//, '') });
    } else {
      const reader = /** @type {FileSystemDirectoryEntry} */ (at).createReader();
      for (;;) {
        /** @type {FileSystemEntry[]} */
        const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (some.length === 0) return;
        for (const inner of some) await walk(inner);
      }
    }
  };
  for (const at of entries) await walk(at);
  return files;
}

/** A folder that was dropped alone gives the batch its name. @param {Dropped[]} files @returns {{ name: string | null, files: Dropped[] }} */
export function named(files) {
  const folders = new Set(files.map(f => (f.path.includes('/') ? f.path.split('/')[0] : '')));
  const [folder] = folders;
  return folders.size === 1 && folder
    ? { name: folder, files: files.map(f => ({ ...f, path: f.path.slice(folder.length + 1) })) }
    : { name: null, files };
}

/** @type {{ batch: string, files: { name: string, share: number, problem: string | null }[], done: number } | null} */
let uploads = null;

function draw() {
  if (!uploads) {
    render(byId('uploads'));
    return;
  }
  const { batch, files, done } = uploads;
  const failed = files.filter(f => f.problem !== null);
  const working = done + failed.length < files.length;
  const share = files.reduce((sum, f) => sum + f.share, 0);
  render(
    byId('uploads'),
    h(
      'section',
      { class: 'uploads', 'aria-label': 'Uploads' },
      h(
        'div',
        { class: 'row' },
        h(
          'p',
          { class: 'grow' },
          h('strong', null, working ? `Uploading ${count(done)} of ${plural(files.length, 'file')}` : `${plural(done, 'file')} uploaded`),
          ' to ',
          nameOf(batch),
        ),
        !working &&
          h(
            'button',
            {
              class: 'icon-button',
              'aria-label': 'Close',
              onclick: () => {
                uploads = null;
                draw();
              },
            },
            icon('close'),
          ),
      ),
      working && h('progress', { max: files.length, value: share, 'aria-label': 'Uploaded' }),
      h(
        'ul',
        null,
        [...failed, ...files.filter(f => f.problem === null && f.share > 0 && f.share < 1)]
          .slice(0, SHOWN)
          .map(f =>
            h(
              'li',
              null,
              nameOf(f.name),
              f.problem === null ? h('span', { class: 'hint' }, percent(f.share, 1)) : h('span', { class: 'problem' }, f.problem),
            ),
          ),
      ),
    ),
  );
}

/** @param {string} batch @param {Dropped[]} files */
async function upload(batch, files) {
  const mine = (uploads = { batch, files: files.map(f => ({ name: f.path, share: 0, problem: /** @type {string | null} */ (null) })), done: 0 });
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < files.length; n = next++) {
      const [file, state] = [/** @type {Dropped} */ (files[n]), /** @type {typeof mine.files[number]} */ (mine.files[n])];
      try {
        await put(fileAddress(batch, file.path), file.file, share => {
          state.share = share;
          draw();
        });
        state.share = 1;
        mine.done++;
      } catch (e) {
        state.problem = /** @type {Error} */ (e).message;
      }
      draw();
    }
  };
  draw();
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  const failed = mine.files.filter(f => f.problem !== null);
  if (failed.length === 0 && uploads === mine)
    setTimeout(() => {
      if (uploads === mine) {
        uploads = null;
        draw();
      }
    }, 4000);
  if (failed.length) throw new Error(`${plural(failed.length, 'file')} could not be uploaded: ${failed[0]?.problem}`);
}

/** Uploads files to a batch and starts it. @param {string} batch @param {Dropped[]} files @param {boolean} [isStarted] */
export async function addTo(batch, files, isStarted = true) {
  if (!files.length) return;
  await upload(batch, files);
  if (isStarted) await post(`${addressOf(batch)}/start`);
}

/**
 * Makes a batch of files, goes there, and uploads them.
 * @param {Dropped[]} all @param {string | null} [name] @param {BatchOptions} [options]
 */
export async function newBatch(all, name = null, options = {}) {
  if (!all.length) return;
  const folder = named(all);
  const files = folder.files;
  const body = (/** @type {string | null} */ wished) => ({ name: wished, options: Object.keys(options).length ? options : null });
  const made = await post('/api/batches', body(name ?? folder.name)).catch(e => {
    // A folder's name that does not do, or is taken, was nobody's wish.
    if (name === null && folder.name !== null && e instanceof Problem && (e.status === 409 || e.status === 400))
      return post('/api/batches', body(null));
    throw e;
  });
  const { batch } = await made.json();
  location.hash = toBatch(batch);
  await addTo(batch, files, options.start !== 'manual');
}

/** Takes what is dropped anywhere in the window. @param {(files: Dropped[]) => unknown} use */
export function startDrops(use) {
  const over = byId('over');
  let depth = 0;
  const hide = () => {
    depth = 0;
    over.hidden = true;
  };
  const holdsFiles = (/** @type {DragEvent} */ e) => e.dataTransfer?.types.includes('Files') && !document.querySelector('dialog[open]');
  window.addEventListener('dragenter', e => {
    if (!holdsFiles(e)) return;
    depth++;
    const { batch, view } = route();
    render(
      byId('over-text'),
      ...(batch === null ? [view === 'new' ? 'Drop to add these files' : 'Drop to make a new batch'] : ['Drop to add to ', nameOf(batch)]),
    );
    over.hidden = false;
  });
  window.addEventListener('dragleave', () => {
    if (--depth <= 0) hide();
  });
  window.addEventListener('dragover', e => {
    if (holdsFiles(e)) e.preventDefault();
  });
  window.addEventListener('drop', async e => {
    if (!holdsFiles(e) || !e.dataTransfer) return;
    e.preventDefault();
    hide();
    try {
      await use(await dropped(e.dataTransfer));
    } catch (error) {
      say(error instanceof DOMException ? 'These files could not be read.' : /** @type {Error} */ (error).message);
    }
  });
}
