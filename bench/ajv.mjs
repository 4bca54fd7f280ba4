// Checks a ledger with Ajv as a Node program would: JSON.parse, and the compiled validator of the record's contract.
// One thread, streamed. Usage: node ajv.mjs SCHEMAS LEDGER. Exits 1 where a record is not valid, 2 where no contract claims it.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";

const require = createRequire(new URL("./node/package.json", import.meta.url));
const Ajv2020 = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const [schemas, ledger] = process.argv.slice(2);
const contracts = JSON.parse(readFileSync(join(schemas, "catalog.json"), "utf8"))
  .schemas.map((entry) => entry["x-contract"])
  .filter((contract) => contract.discriminator);

// The constants of the discriminating members lead to the validator, member by member.
const dispatch = new Map();
for (const contract of contracts) {
  const members = Object.keys(contract.discriminator);
  const name = members.join("\0");
  if (!dispatch.has(name)) dispatch.set(name, { members, table: new Map() });
  let table = dispatch.get(name).table;
  for (const member of members.slice(0, -1)) {
    const constant = contract.discriminator[member];
    if (!table.has(constant)) table.set(constant, new Map());
    table = table.get(constant);
  }
  table.set(contract.discriminator[members.at(-1)], compile(join(schemas, contract.bundle)));
}
const tables = [...dispatch.values()];

function compile(path) {
  // An instance for each bundle: several bundles embed the same definitions. Not strict about keywords, as the x- ones are not Ajv's.
  const ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  return ajv.compile(JSON.parse(readFileSync(path, "utf8")));
}

function check(line) {
  const record = JSON.parse(line);
  for (const { members, table } of tables) {
    let validate = table;
    for (const member of members) validate = validate?.get(record[member]);
    if (validate === undefined) continue;
    if (validate(record)) return;
    console.error(line.slice(0, 200), validate.errors);
    process.exit(1);
  }
  console.error("no contract claims", line.slice(0, 200));
  process.exit(2);
}

const file = openSync(ledger, "r");
const block = Buffer.allocUnsafe(1 << 20);
const decoder = new StringDecoder("utf8");
let rest = "";
let records = 0;
for (let size = readSync(file, block); size > 0; size = readSync(file, block)) {
  const lines = (rest + decoder.write(block.subarray(0, size))).split("\n");
  rest = lines.pop();
  lines.forEach(check);
  records += lines.length;
}
closeSync(file);
if (rest) {
  check(rest);
  records += 1;
}
console.log(`${records} records`);
