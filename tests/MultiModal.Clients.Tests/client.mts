import type { paths } from "./api.d.ts";

type Get<Path extends keyof paths> = paths[Path] extends { get: { responses: { 200: { content: { "application/json": infer Body } } } } } ? Body : never;

declare const process: { argv: string[] };

const host = process.argv[2];
const report = await (await fetch(`${host}/api/batches/holiday/report`)).json() as Get<"/api/batches/{batch}/report">;
const files = await (await fetch(`${host}/api/batches/holiday/files`)).json() as Get<"/api/batches/{batch}/files">;

// @ts-expect-error A report has no such member: if it were untyped, this line would need no permission.
void report.nothing;

const steps: string[] = report.items.flatMap((item) => item.steps.map((step) => step.step));
const spent: number = report.cost.spentUsd;
console.log(`${report.batch} ${report.status} ${steps.join()} ${spent} ${files.files[0].path}`);
