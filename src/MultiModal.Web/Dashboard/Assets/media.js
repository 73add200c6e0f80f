import { addressOf, post } from './api.js';
import { h } from './dom.js';

/**
 * Addresses of pictures and recordings. Each carries a token for one blob and a quarter of an hour, so that no key stands in an address.
 * What is asked for at the same moment is asked for together.
 * @import { Link, Wish } from '../types'
 */

const AT_ONCE = 100;
const MARGIN_MS = 60_000;

/** @type {Map<string, { url: string, until: number }>} */
const known = new Map();

/** @type {Map<string, { wish: Wish, tell: (url: string | null) => void }[]>} */
const waiting = new Map();

/** @param {string} batch */
async function flush(batch) {
  const asked = waiting.get(batch) ?? [];
  waiting.delete(batch);
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const part = asked.slice(from, from + AT_ONCE);
    try {
      /** @type {Link[]} */
      const links = (await (await post(`${addressOf(batch)}/links`, { links: part.map(a => a.wish) })).json()).links;
      part.forEach((a, n) => {
        const { url, expiresAt } = links[n] ?? {};
        if (url) known.set(`${batch}\n${JSON.stringify(a.wish)}`, { url, until: Date.parse(expiresAt ?? '') - MARGIN_MS });
        a.tell(url ?? null);
      });
    } catch {
      for (const a of part) a.tell(null);
    }
  }
}

/**
 * @param {string} batch @param {Wish} wish @param {boolean} [anew] whether an address that was given before is of no use
 * @returns {Promise<string | null>} null where there is no such thing
 */
export function linkTo(batch, wish, anew = false) {
  const there = known.get(`${batch}\n${JSON.stringify(wish)}`);
  if (there && !anew && there.until > Date.now()) return Promise.resolve(there.url);
  return new Promise(tell => {
    const asked = waiting.get(batch);
    if (asked) asked.push({ wish, tell });
    else {
      waiting.set(batch, [{ wish, tell }]);
      setTimeout(() => flush(batch), 20);
    }
  });
}

/**
 * A picture that comes when its address is known, and stays away where there is none.
 * @param {string} batch @param {Wish} wish @param {string} alt @param {() => void} [missing]
 */
export function picture(batch, wish, alt, missing) {
  const image = h('img', { alt, decoding: 'async', hidden: true });
  let tries = 0;
  const load = async () => {
    const url = await linkTo(batch, wish, tries > 0);
    if (url) image.src = url;
    else missing?.();
  };
  image.addEventListener('load', () => {
    image.hidden = false;
  });
  image.addEventListener('error', () => {
    if (tries++ === 0) load();
    else missing?.();
  });
  load();
  return image;
}
