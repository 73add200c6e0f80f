// azd fills main.parameters.json from its environment before Azure sees it, so the compiler cannot check it: every parameter
// is there, none that does not exist, and a default says the same in both places.
import { readFileSync } from 'node:fs';

const [template, parameters] = process.argv.slice(2).map(path => JSON.parse(readFileSync(path, 'utf8')).parameters);
const problems = [];

for (const name of Object.keys(template)) {
  if (!(name in parameters)) problems.push(`${name} is missing`);
}
for (const [name, { value }] of Object.entries(parameters)) {
  const known = template[name];
  const variable = /^\$\{([A-Z][A-Z0-9_]*)(?:=(.*))?\}$/.exec(value);
  if (!known) problems.push(`${name} is no parameter of the template`);
  else if (!variable) problems.push(`${name} is not \${VARIABLE} or \${VARIABLE=default}`);
  else if (variable[2] !== (known.defaultValue === undefined ? undefined : String(known.defaultValue))) {
    problems.push(`${name} has the default '${variable[2]}', in the template it is '${known.defaultValue}'`);
  }
}

for (const problem of problems) console.error(`main.parameters.json: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
