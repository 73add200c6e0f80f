/** What the modules of the dashboard pass to each other, and what of the API's answers they read. Not served: only the type checker reads it. */

export type Child = Node | string | number | boolean | null | undefined | Child[];

export type Handlers = Record<string, (event: any) => unknown>;

export interface Made {
  handlers: Handlers;
  key?: string;
  make?: (at: HTMLElement) => Child;
  kept?: boolean;
}

export interface Route {
  view: string;
  batch: string | null;
  tab: string;
  run: number | null;
  by?: string;
  days?: number;
}

export interface Hold {
  code: string;
  message: string;
}

export interface BatchSummary {
  batch: string;
  status: string;
  runSeq: number;
  finishedAt: string | null;
}

export interface BatchPage {
  batches: BatchSummary[];
  next: string | null;
}

export interface ItemProgress {
  index: number;
  name: string;
  kind: string;
  status: string;
  code: string | null;
  steps: { step: string }[];
}

export interface StepTally {
  step: string;
  done: number;
  failed: number;
  expected: number;
}

export interface RunProgress {
  count: number | null;
  done: number;
  failed: number;
  items: ItemProgress[];
  steps: StepTally[];
  failures: ItemProgress[];
  active: ItemProgress[];
}

export interface BatchDetails {
  batch: string;
  status: string;
  hold: Hold | null;
  runSeq: number;
  startedAt: string | null;
  finishedAt: string | null;
  quietUntil: string | null;
  runsAgain: boolean;
  cancelRequested: boolean;
  progress: RunProgress | null;
  runs: { runSeq: number; report: string }[];
}

export interface ReportError {
  code: string;
  message: string;
}

export interface Usage {
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  audioSeconds: number;
}

export interface ReportStep {
  step: string;
  part: number | null;
  tile?: number;
  status: string;
  code: string | null;
  engine: string | null;
  cache: string;
  attempts: number;
  durationMs: number;
  usage: Usage;
  costUsd: number | null;
  startedAt?: string | null;
  waitedMs?: number;
  originalInputTokens?: number | null;
  savedByOptimizingUsd?: number | null;
  savedByCacheUsd?: number | null;
}

export interface ReportImage {
  width: number;
  height: number;
  sentWidth: number;
  sentHeight: number;
  sentBytes: number;
  description: string | null;
  text: string | null;
  tags: string[];
  note: string | null;
  tiles?: number;
  pages?: number;
}

export interface Gap {
  chunk: number;
  startSeconds: number;
  endSeconds: number;
}

export interface ReportAudio {
  durationSeconds: number;
  sentSeconds: number;
  chunks: number;
  transcript: string | null;
  language: string | null;
  gaps?: Gap[];
  note: string | null;
}

export interface ReportItem {
  name: string;
  kind: string;
  bytes: number;
  status: string;
  duplicateOf: string | null;
  similarTo?: string;
  distance?: number;
  error: ReportError | null;
  warnings?: ReportError[];
  detail: string | null;
  image: ReportImage | null;
  audio: ReportAudio | null;
  text: string | null;
  textNote: string | null;
  steps: ReportStep[];
}

export interface Synthesis {
  title: string;
  summary: string;
  keyPoints: string[];
  topics: string[];
  actionItems: string[];
  language: string | null;
  engine: string | null;
  note: string | null;
}

export interface ReportCost {
  spentUsd: number;
  savedByOptimizingUsd: number;
  savedByCacheUsd: number;
  unpriced: string[];
  assumed?: string[];
  unknownUsd?: number;
  leftOut?: number;
}

export interface Report {
  batch: string;
  runSeq: number;
  status: string;
  startedAt: string;
  completedAt: string;
  error: ReportError | null;
  notes?: string[];
  synthesis: Synthesis | null;
  synthesisReason: ReportError | null;
  illustration?: { status: string; error: ReportError | null; file: string | null; width: number | null; height: number | null };
  items: ReportItem[];
  ignored: number;
  cost: ReportCost;
  timing: { wallClockMs: number; sequentialMs: number; speedup: number | null };
}

export interface Segment {
  startSeconds: number;
  endSeconds: number;
  text: string;
  speaker?: string | null;
}

export interface ItemDetail {
  image: { description: string | null; text: string | null; tags: string[] } | null;
  audio: { durationSeconds: number; language: string | null; transcript: string; segments: Segment[]; gaps: Gap[] } | null;
  text: string | null;
}

/** An item with its place in the report, and all of its words in lower case. */
export interface Entry {
  item: ReportItem;
  index: number;
  words: string;
  spent: number;
}

export type Wish =
  | { file: string }
  | { run: number; item: string; view: 'sent' | 'thumbnail'; part?: number }
  | { run: number; view: 'illustration' };

export interface Link {
  url?: string;
  expiresAt?: string;
  problem?: { code: string; detail: string };
}

export interface PriceRange {
  leastUsd: number;
  expectedUsd: number;
  mostUsd: number;
}

export interface Estimate {
  items: { name: string; kind: string; engine: string | null; calls: number; known: number; price: PriceRange; code: string | null }[];
  synthesis: PriceRange;
  total: PriceRange;
  unpriced: string[];
}

export interface CostTotal {
  calls: number;
  saved: number;
  spentUsd: number;
  reservedUsd: number;
  unknownUsd: number;
  savedByOptimizingUsd: number;
  savedByCacheUsd: number;
  unpriced: number;
}

export interface Costs {
  from: string;
  to: string;
  by: string;
  total: CostTotal;
  rows: { key: string; sum: CostTotal }[];
  budget?: { perRunUsd: number | null; perDayUsd: number | null; leftTodayUsd: number | null } | null;
}

export interface Dropped {
  file: File;
  path: string;
}

export interface BatchOptions {
  language?: string;
  languages?: string[];
  outputLanguage?: string;
  speakers?: boolean;
  patience?: string;
  instructions?: string;
  vocabulary?: string;
  detail?: string;
  maxEdge?: number;
  chunkSeconds?: number;
  illustration?: boolean | object;
  start?: string;
  webhook?: string;
}

export interface Fallback {
  message: string;
  engine: string;
  fallback: string;
}

export interface Warning {
  code: string;
  model: string;
  endsOn: string;
  message: string;
}
