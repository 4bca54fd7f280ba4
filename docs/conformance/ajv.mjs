// Ajv put to the cases of srcos-contracts: `srcos-validate conformance --level schema -- node ajv.mjs`.
// Ajv and ajv-formats are looked for in the folder in which it is started, and in NODE_PATH.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { resolve } from "node:path";

const require = createRequire(resolve("client.js"));
const Ajv2020 = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

let greeting;
const validators = new Map();

// Each schema has an instance of its own: several of them embed the same definitions.
function validatorOf(uri) {
  if (!validators.has(uri)) {
    // What Ajv does not know, such as the x- keywords, it is to take for remarks.
    const ajv = new Ajv2020({ strict: false, logger: false });
    addFormats(ajv);
    validators.set(uri, ajv.compile(greeting.schemas[uri]));
  }
  return validators.get(uri);
}

function answerTo(question) {
  if (!("record" in question)) {
    return { id: question.id, error: `Ajv reads no ${question.form} by itself` };
  }
  return { id: question.id, valid: validatorOf(question.schema)(question.record) };
}

function say(line) {
  process.stdout.write(JSON.stringify(line) + "\n");
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (greeting) {
    say(answerTo(told));
    continue;
  }
  if (told.protocol !== 1 || told.level === "findings") {
    console.error("Ajv speaks protocol 1, and gives verdicts: choose --level schema or --level verdict");
    process.exit(1);
  }
  greeting = told;
  say({ protocol: 1, client: `Ajv ${require("ajv/package.json").version} on Node ${process.versions.node}` });
}
