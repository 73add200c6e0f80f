import { addressOf, find } from './api.js';
import { copyButton } from './copy.js';
import { h, icon, nameOf, render } from './dom.js';
import { linkTo } from './media.js';
import { clock } from './words.js';

/**
 * A recording that plays, with its waveform and its words, which follow and lead.
 * @import { Gap, ItemDetail, ReportItem, Segment } from '../types'
 */

const BARS = 240;
const FOLLOW_AFTER_MS = 4000;
const STEP_SECONDS = 5;

/** At most this many bars, each the loudest of what it stands for. @param {number[]} peaks @param {number} bars */
function barsOf(peaks, bars) {
  const count = Math.min(bars, peaks.length);
  return Array.from({ length: count }, (_, n) => {
    let most = 0;
    for (let at = Math.floor((n * peaks.length) / count); at < Math.floor(((n + 1) * peaks.length) / count); at++)
      most = Math.max(most, peaks[at] ?? 0);
    return most;
  });
}

/** @param {HTMLCanvasElement} canvas @param {number[]} bars @param {number} share @param {{ from: number, to: number }[]} gaps */
function paint(canvas, bars, share, gaps) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const scale = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const to = canvas.getContext('2d');
  if (!to || !width) return;
  const style = getComputedStyle(canvas);
  const [played, ahead, lost] = ['--played', '--ahead', '--lost'].map(name => style.getPropertyValue(name));
  to.setTransform(scale, 0, 0, scale, 0, 0);
  to.clearRect(0, 0, width, height);
  to.fillStyle = lost ?? '';
  for (const gap of gaps) to.fillRect(gap.from * width, 0, Math.max(2, (gap.to - gap.from) * width), height);
  const shown = barsOf(bars, Math.max(1, Math.min(BARS, Math.floor(width / 3))));
  const step = width / shown.length;
  shown.forEach((peak, n) => {
    const tall = Math.max(2, peak * (height - 4));
    to.fillStyle = ((n + 0.5) / shown.length <= share ? played : ahead) ?? '';
    to.beginPath();
    to.roundRect(n * step, (height - tall) / 2, Math.max(1, step - 1), tall, 1);
    to.fill();
  });
}

/** The last of the segments that begin at or before a time. @param {Segment[]} segments @param {number} seconds */
export function segmentAt(segments, seconds) {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.startSeconds ?? 0) <= seconds + 0.05) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The words, a button for each stretch of speech. One of them is in the order of the Tab key; the arrow keys move among them.
 * @param {Segment[]} segments @param {Gap[]} gaps @param {(seconds: number) => void} seek
 */
function transcript(segments, gaps, seek) {
  let at = 0;
  let touched = 0;
  /** @type {HTMLButtonElement[]} */
  const buttons = segments.map((s, n) =>
    h(
      'button',
      {
        type: 'button',
        tabindex: n === 0 ? '0' : '-1',
        onclick: () => {
          select(n);
          seek(s.startSeconds);
        },
      },
      h('span', { class: 'time' }, clock(s.startSeconds)),
      h('span', { dir: 'auto' }, s.text.trim()),
    ),
  );
  /** @param {number} n */
  const select = n => {
    buttons[at]?.setAttribute('tabindex', '-1');
    buttons[n]?.setAttribute('tabindex', '0');
    at = n;
  };
  /** @param {KeyboardEvent} e */
  const move = e => {
    const by = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, Home: -segments.length, End: segments.length })[e.key];
    if (!by) return;
    e.preventDefault();
    select(Math.min(segments.length - 1, Math.max(0, at + by)));
    buttons[at]?.focus();
  };
  let speaker = '';
  const lines = segments.map((s, n) => {
    const before = gaps.filter(g => g.startSeconds <= s.startSeconds && g.startSeconds >= (segments[n - 1]?.startSeconds ?? -1));
    const says = s.speaker && s.speaker !== speaker ? s.speaker : null;
    speaker = s.speaker ?? speaker;
    return [
      before.map(g => h('li', { class: 'gap' }, `Nothing is known from ${clock(g.startSeconds)} to ${clock(g.endSeconds)}.`)),
      h('li', null, says && h('span', { class: 'speaker' }, nameOf(says)), buttons[n]),
    ];
  });
  const list = h(
    'ol',
    {
      class: 'transcript',
      'aria-label': 'Transcript. Choose a line to hear it.',
      onkeydown: move,
      onwheel: () => {
        touched = Date.now();
      },
      ontouchmove: () => {
        touched = Date.now();
      },
    },
    lines,
  );
  let current = -1;
  return {
    list,
    /** @param {number} seconds @param {boolean} isPlaying */
    follow(seconds, isPlaying) {
      const now = segmentAt(segments, seconds);
      if (now === current) return;
      buttons[current]?.removeAttribute('aria-current');
      current = now;
      const button = buttons[now];
      if (!button) return;
      button.setAttribute('aria-current', 'true');
      if (!list.contains(document.activeElement)) select(now);
      if (isPlaying && Date.now() - touched > FOLLOW_AFTER_MS)
        list.scrollTo({
          top: button.offsetTop - list.offsetTop - list.clientHeight / 3,
          behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
        });
    },
  };
}

/**
 * @param {string} batch @param {number} run @param {string} id @param {ReportItem} item @param {ItemDetail['audio']} detail
 */
export function player(batch, run, id, item, detail) {
  const about = /** @type {NonNullable<ReportItem['audio']>} */ (item.audio);
  const length = about.durationSeconds;
  const gaps = detail?.gaps ?? about.gaps ?? [];
  const audio = h('audio', { preload: 'none' });
  const canvas = h('canvas', { 'aria-hidden': 'true' });
  const slider = h('input', { type: 'range', min: '0', max: String(length), step: '0.1', value: '0', 'aria-label': 'Position in the recording' });
  const time = h('span', { class: 'clock' }, `${clock(0)} / ${clock(length)}`);
  const button = h('button', { class: 'play', type: 'button', 'aria-label': 'Play' }, icon('play'));
  const speed = h(
    'select',
    { 'aria-label': 'Speed' },
    ['0.75', '1', '1.25', '1.5', '2'].map(s => h('option', { value: s, selected: s === '1' }, `${s}×`)),
  );
  const trouble = h('p', { class: 'hint', role: 'status' });
  /** @type {number[]} */
  let peaks = [];
  const lost = gaps.map(g => ({ from: g.startSeconds / length, to: g.endSeconds / length }));
  const draw = () => paint(canvas, peaks, length ? audio.currentTime / length : 0, lost);
  const words =
    detail && detail.segments.length > 0
      ? transcript(detail.segments, gaps, seconds => {
          seek(seconds).then(play);
        })
      : null;

  let loaded = false;
  let renewed = 0;
  /** @param {boolean} anew */
  const load = async anew => {
    const url = await linkTo(batch, { file: item.name }, anew);
    if (!url) {
      trouble.textContent = 'The recording is not in the inbox any more. Its words are.';
      return false;
    }
    const at = audio.currentTime;
    audio.src = url;
    if (at) audio.currentTime = at;
    loaded = true;
    return true;
  };
  const play = async () => {
    if (!loaded && !(await load(false))) return;
    await audio.play().catch(() => {});
  };
  /** @param {number} seconds */
  const seek = async seconds => {
    if (!loaded && !(await load(false))) return;
    audio.currentTime = Math.min(length, Math.max(0, seconds));
    show();
  };
  const show = () => {
    const at = audio.currentTime;
    time.textContent = `${clock(at)} / ${clock(length)}`;
    if (document.activeElement !== slider || !audio.paused) slider.value = String(at);
    slider.setAttribute('aria-valuetext', `${clock(at)} of ${clock(length)}`);
    words?.follow(at, !audio.paused);
    draw();
  };
  const state = () => {
    button.setAttribute('aria-label', audio.paused ? 'Play' : 'Pause');
    render(button, icon(audio.paused ? 'play' : 'pause'));
  };
  let frame = 0;
  const run60 = () => {
    show();
    if (!audio.paused) frame = requestAnimationFrame(run60);
  };
  audio.addEventListener('play', () => {
    for (const other of document.querySelectorAll('audio')) if (other !== audio) other.pause();
    state();
    cancelAnimationFrame(frame);
    run60();
  });
  audio.addEventListener('pause', () => {
    state();
    show();
  });
  audio.addEventListener('ended', state);
  audio.addEventListener('seeked', show);
  audio.addEventListener('error', () => {
    if (!audio.getAttribute('src')) return;
    if (renewed < Date.now() - 10_000 && audio.error?.code !== MediaError.MEDIA_ERR_DECODE) {
      renewed = Date.now();
      const wasPlaying = !audio.paused;
      load(true).then(there => {
        if (there && wasPlaying) play();
      });
    } else trouble.textContent = 'This browser cannot play this kind of recording. Its words are here all the same.';
  });
  button.addEventListener('click', () => {
    if (audio.paused) play();
    else audio.pause();
  });
  slider.addEventListener('input', () => seek(Number(slider.value)));
  slider.addEventListener('keydown', e => {
    const by = /** @type {Record<string, number>} */ ({
      ArrowLeft: -STEP_SECONDS,
      ArrowRight: STEP_SECONDS,
      PageDown: -STEP_SECONDS * 6,
      PageUp: STEP_SECONDS * 6,
    })[e.key];
    if (!by) return;
    e.preventDefault();
    seek(audio.currentTime + by);
  });
  speed.addEventListener('change', () => {
    audio.playbackRate = Number(speed.value);
  });

  new ResizeObserver(draw).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  find(`${addressOf(batch)}/runs/${run}/items/${id}/waveform`)
    .catch(() => null)
    .then(found => {
      const loudest = Math.max(0.01, ...(found?.peaks ?? []));
      peaks = (found?.peaks ?? []).map((/** @type {number} */ peak) => peak / loudest);
      canvas.parentElement?.classList.toggle('bare', peaks.length === 0);
      draw();
    });

  const text = detail?.transcript ?? about.transcript;
  return h(
    'section',
    { class: 'player', 'aria-label': 'Recording' },
    h('div', { class: 'deck' }, button, h('div', { class: 'wave bare' }, canvas, slider), h('div', { class: 'deck-end' }, time, speed)),
    audio,
    trouble,
    text &&
      h(
        'div',
        { class: 'row' },
        h('h3', null, 'Transcript'),
        about.language && h('span', { class: 'hint' }, about.language),
        copyButton('the transcript', () => text),
      ),
    words ? words.list : text && h('div', { class: 'words', dir: 'auto' }, text),
  );
}
