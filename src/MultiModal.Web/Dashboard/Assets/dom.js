import { visible } from './visible.js';

/**
 * Elements, and how a page becomes what it should be: a view is built anew, and what is on the page is patched to equal it. What is the
 * same stays, with its focus, its scroll position and what was typed into it. Text reaches the page as text nodes and attributes only.
 *
 * @import { Child, Handlers, Made } from '../types'
 */

const SVG = 'http://www.w3.org/2000/svg';

/** @type {WeakMap<Node, Made>} */
const made = new WeakMap();

/** @param {Node} node */
const madeOf = node => {
  let found = made.get(node);
  if (!found) made.set(node, (found = { handlers: {} }));
  return found;
};

/** @param {Event} event */
function dispatch(event) {
  const { handlers } = madeOf(/** @type {Node} */ (event.currentTarget));
  handlers[event.type]?.(/** @type {any} */ (event));
}

/** @param {Node} node @param {Handlers} handlers */
function listen(node, handlers) {
  const own = madeOf(node);
  for (const name of Object.keys(handlers)) if (!own.handlers[name]) node.addEventListener(name, dispatch);
  own.handlers = { ...own.handlers, ...handlers };
}

/** @param {Child[]} children @returns {Node[]} */
const nodesOf = children =>
  children
    .flat(9)
    .filter(c => c !== null && c !== undefined && c !== false && c !== '')
    .map(c => (c instanceof Node ? c : document.createTextNode(visible(String(c)))));

/**
 * @template {Element} E
 * @param {E} element @param {Record<string, any> | null} attributes @param {Child[]} children
 */
function fill(element, attributes, children) {
  /** @type {Handlers} */
  const handlers = {};
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) handlers[name.slice(2)] = value;
    else if (name === 'key') madeOf(element).key = String(value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  if (Object.keys(handlers).length) listen(element, handlers);
  element.append(...nodesOf(children));
  return element;
}

/**
 * An element. Attributes that begin with "on" are listeners; "key" says which element of a list it is.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any> | null} [attributes] @param {...Child} children
 */
export const h = (tag, attributes = null, ...children) => fill(document.createElement(tag), attributes, children);

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag @param {Record<string, any> | null} [attributes] @param {...Child} children
 */
export const svg = (tag, attributes = null, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/**
 * An element that is made once and then left alone: what is in it has a life of its own, such as a recording that plays.
 * @param {string} key @param {(at: HTMLElement) => Child} make @param {Record<string, any>} [attributes] @param {'div' | 'span'} [tag]
 */
export function kept(key, make, attributes, tag = 'div') {
  const element = h(tag, { ...attributes, key });
  madeOf(element).make = make;
  return element;
}

/** @param {Node} node */
function mount(node) {
  const own = made.get(node);
  if (own?.make) {
    const { make } = own;
    own.make = undefined;
    own.kept = true;
    /** @type {Element} */ (node).append(...nodesOf([make(/** @type {HTMLElement} */ (node))]));
    return;
  }
  for (const child of node.childNodes) mount(child);
}

/** @param {Element} from @param {Element} to */
function patchAttributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(name === 'open' && from instanceof HTMLDetailsElement)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
}

/** @param {Node} from @param {Node} to */
function patch(from, to) {
  if (from === to) return;
  if (from.nodeType === Node.TEXT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  const [a, b] = [/** @type {Element} */ (from), /** @type {Element} */ (to)];
  patchAttributes(a, b);
  const wanted = made.get(b);
  if (wanted) listen(a, wanted.handlers);
  if (made.get(a)?.kept) return;
  patchChildren(a, [...b.childNodes]);
  if (a instanceof HTMLSelectElement && b instanceof HTMLSelectElement && document.activeElement !== a) a.value = b.value;
}

/** @param {Node} a @param {Node} b */
const alike = (a, b) => a.nodeName === b.nodeName && made.get(a)?.key === made.get(b)?.key;

/** @param {Element} parent @param {Node[]} wanted */
function patchChildren(parent, wanted) {
  /** @type {Map<string, Node>} */
  const keyed = new Map();
  for (const child of parent.childNodes) {
    const key = made.get(child)?.key;
    if (key !== undefined) keyed.set(key, child);
  }
  let at = parent.firstChild;
  for (const want of wanted) {
    const key = made.get(want)?.key;
    const found = key === undefined ? at : (keyed.get(key) ?? null);
    if (found && alike(found, want)) {
      if (found === at) at = at.nextSibling;
      else parent.insertBefore(found, at);
      patch(found, want);
    } else {
      parent.insertBefore(want, at);
      mount(want);
    }
  }
  while (at) {
    const next = at.nextSibling;
    if (at instanceof Element) for (const audio of at.querySelectorAll('audio')) audio.pause();
    at.remove();
    at = next;
  }
}

/** Makes the children of an element what they should be. @param {Element} parent @param {...Child} children */
export function render(parent, ...children) {
  const focused = document.activeElement;
  patchChildren(parent, nodesOf(children));
  if (focused instanceof HTMLElement && focused !== document.activeElement && focused.isConnected && parent.contains(focused)) focused.focus();
}

/** @param {string} id */
export const byId = id => /** @type {HTMLElement} */ (document.getElementById(id));

/** A name that somebody else chose: what is hidden in it is shown, and it cannot turn what stands beside it around. @param {string} name */
export const nameOf = name => h('bdi', null, name);

/** @type {Record<string, string>} */
const ICONS = {
  image: 'M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M15.5 9.5h.01',
  audio: 'M4 10v4M8 7v10M12 4v16M16 8v8M20 10v4',
  text: 'M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3',
  unsupported: 'M6 3h9l4 4v14H6zM12 11v4M12 18h.01',
  upload: 'M12 16V4M7 9l5-5 5 5M4 16v4h16v-4',
  play: 'M8 5v14l11-7z',
  pause: 'M8 5v14M16 5v14',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  more: 'M6 9l6 6 6-6',
};

/** @param {string} name */
export const icon = name =>
  svg('svg', { viewBox: '0 0 24 24', class: `icon ${name}`, 'aria-hidden': 'true' }, svg('path', { d: ICONS[name] ?? ICONS.unsupported }));
