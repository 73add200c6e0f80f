// Whether the report of samples/town is right: node samples/check.mjs report.json
// Exit status 0 if it is; else each thing that is not, one a line.
import { readFileSync } from "node:fs";

const words = ["hospital", "water", "electricity", "doctor", "president", "monday", "children", "teachers",
  "visited", "garden", "company", "money", "summer", "festival", "city"];
const fewestWords = 12;

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const item = name => report.items.find(i => i.name === name) ?? {};
const wrong = [];
const expect = (holds, what) => { if (!holds) wrong.push(what); };

expect(report.synthesis?.summary, "there is no synthesis");
expect(report.status === "partiallySucceeded", `the status is ${report.status}`);

const transcript = (item("recording.wav").audio?.transcript ?? "").toLowerCase().split(/[^a-z]+/);
const heard = words.filter(w => transcript.includes(w));
expect(heard.length >= fewestWords, `${heard.length} of the recording's ${words.length} words were heard`);

const photo = item("harbour-sign.jpg");
const looked = photo.duplicateOf ? item(photo.duplicateOf) : photo;
expect(/harbour\s+market/i.test(photo.image?.text ?? ""), "the text of the photo was not read");
const twins = report.items.filter(i => i.contentHash === photo.contentHash);
expect(twins.length === 2 && twins.filter(i => i.duplicateOf).length === 1, "the duplicate was not recognised");
expect(twins.flatMap(i => i.steps).filter(s => s.step === "analyze-image").length === 1, "the duplicate was analysed again");
const offline = looked.steps?.some(s => s.step === "analyze-image" && s.engine?.startsWith("Offline/"));
if (offline) expect(photo.image?.description === null, "OCR text was taken for a description");

const failed = report.items.filter(i => i.status !== "succeeded");
expect(failed.length === 1 && failed[0].name === "broken.jpg" && failed[0].error?.code === "corrupt-image",
  `what failed is ${failed.map(i => `${i.name} (${i.error?.code})`).join(", ") || "nothing"} instead of broken.jpg (corrupt-image)`);

if (wrong.length > 0) {
  for (const line of wrong) console.error(`The report is not right: ${line}.`);
  process.exit(1);
}

console.log(`The report is right: ${heard.length} of ${words.length} words heard, text read, duplicate looked at once, broken file failed alone.`);
