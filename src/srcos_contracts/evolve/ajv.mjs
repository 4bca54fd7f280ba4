// Verdicts of Ajv 2020, one JSON line in and one out: {"schema": ..., "records": [...]} to [true, false, ...].
// The first argument is the node_modules folder that holds ajv and ajv-formats.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { resolve } from "node:path";

const require = createRequire(resolve(process.argv[2], "noop.js"));
const Ajv2020 = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

for await (const line of createInterface({ input: process.stdin })) {
  const { schema, records } = JSON.parse(line);
  const ajv = new Ajv2020({ strict: false, logger: false });
  addFormats(ajv);
  const validate = ajv.compile(schema);
  console.log(JSON.stringify(records.map((record) => validate(record))));
}
