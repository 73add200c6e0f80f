/**
 * Where we are: #/ is home, #/new, #/costs, and #/b/{batch}[/{tab}] with the run, if it is not the latest, as ?run=.
 * @import { Route } from '../types'
 */

const TABS = ['timeline', 'cost'];

/** @returns {Route} */
export function route() {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const values = new URLSearchParams(query);
  const [head, name = '', tab = ''] = path.split('/');
  if (head === 'b' && name) {
    try {
      return {
        view: 'batch',
        batch: decodeURIComponent(name),
        tab: TABS.includes(tab) ? tab : 'report',
        run: Number(values.get('run')) || null,
      };
    } catch {
      /* Not an address of ours. */
    }
  }
  return {
    view: head === 'new' || head === 'costs' ? head : 'home',
    batch: null,
    tab: '',
    run: null,
    by: values.get('by') ?? 'day',
    days: Number(values.get('days')) || 30,
  };
}

/** @param {string} batch @param {string} [tab] @param {number | null} [run] */
export const toBatch = (batch, tab = 'report', run = null) =>
  `#/b/${encodeURIComponent(batch)}${tab === 'report' ? '' : `/${tab}`}${run ? `?run=${run}` : ''}`;
