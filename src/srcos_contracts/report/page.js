"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const AT_ONCE = 100;
const SESSIONS_AT_ONCE = 25;

// Text from records only ever becomes text: nothing here makes markup of it.
function make(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function draw(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const number = (value) => value.toLocaleString("en");
const shorten = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
const ending = (text, most) => (text.length > most ? "…" + text.slice(1 - most) : text);
const counted = (amount, word) => `${number(amount)} ${word}${amount === 1 ? "" : "s"}`;
const atFault = new Set(data.findings.flatMap((finding) => [finding.file, `${finding.file}:${finding.line}`]));
const place = (record) => record.file + (record.line ? ":" + record.line : "") + (record.column ? ":" + record.column : "");

function excerpt(record) {
  if (!record.excerpt) return [];
  const [text, start, width] = record.excerpt;
  const marked = make("mark", {}, text.slice(start, start + width));
  return [make("pre", {}, text.slice(0, start), marked, text.slice(start + width))];
}

function graph(finding) {
  const links = finding.links || [];
  if (!links.length && !finding.related.length) return [];
  const others = [
    ...finding.related.map((record) => ({ role: "has a part in it", kind: record.contract || "record", target: place(record), end: true })),
    ...links.map((link) => ({ role: link.role, kind: link.contract || (link.missing ? "not in the set" : "elsewhere"), target: link.target, missing: link.missing })),
  ].slice(0, 24);
  const height = Math.max(others.length * 44, 60) + 16;
  const middle = height / 2;
  const told = others.map((other) => `${other.role}: ${other.kind} ${other.target}`).join("; ");
  const picture = draw("svg", { viewBox: `0 0 860 ${height}`, width: 860, height, role: "img", "aria-label": `What the record refers to: ${told}` });
  others.forEach((other, index) => {
    const y = 8 + index * 44 + 22;
    picture.append(draw("path", { d: `M250 ${middle}C340 ${middle} 340 ${y} 420 ${y}`, class: other.missing ? "missing" : "" }));
    picture.append(draw("text", { x: 428, y: y - 6, class: other.missing ? "lost" : "soft" }, shorten(`${other.role}: ${other.kind}`, 56)));
    picture.append(draw("text", { x: 428, y: y + 10 }, draw("title", {}, other.target), (other.end ? ending : shorten)(other.target, 56)));
  });
  picture.append(draw("rect", { x: 4, y: middle - 24, width: 246, height: 48, rx: 8, class: "at" }));
  picture.append(draw("text", { x: 14, y: middle - 5 }, shorten(finding.contract || "record", 30)));
  picture.append(draw("text", { x: 14, y: middle + 13, class: "soft" }, draw("title", {}, place(finding)), ending(place(finding), 30)));
  return [make("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "Graph of references" }, picture)];
}

function inside(finding) {
  const box = make("div", { class: "inside" });
  if (finding.detail) box.append(make("p", {}, finding.detail));
  box.append(...excerpt(finding));
  for (const record of finding.related) {
    box.append(make("p", {}, make("span", { class: "place" }, place(record)), " ", record.note), ...excerpt(record));
  }
  if (finding.help) box.append(make("p", { class: "soft" }, "What to do: " + finding.help));
  box.append(...graph(finding));
  return box;
}

function filled(details, build) {
  const fill = () => {
    if (details.open && details.childElementCount === 1) details.append(build());
  };
  details.addEventListener("toggle", fill);
  return details;
}

function item(finding) {
  const head = make("summary", {}, make("span", { class: finding.severity }, finding.severity), " ", make("span", { class: "place" }, place(finding)));
  head.append(" " + (finding.contract ? finding.contract + " " : "") + finding.pointer + (finding.detail ? " — " + finding.detail : ""));
  return filled(make("details", {}, head), () => inside(finding));
}

// Some of many, and a button for more.
function list(things, item, atOnce) {
  const box = make("div", {});
  let shown = 0;
  const more = make("button", { type: "button" });
  const add = () => {
    const next = things.slice(shown, shown + atOnce).map(item);
    shown += next.length;
    more.before(...next);
    more.textContent = `Show ${number(Math.min(atOnce, things.length - shown))} more of ${number(things.length - shown)}`;
    more.hidden = shown >= things.length;
    if (next.length && document.activeElement === more) next[0].querySelector("summary").focus();
  };
  more.addEventListener("click", add);
  box.append(more);
  add();
  return box;
}

const texts = new Map();

function searched(finding) {
  if (!texts.has(finding)) texts.set(finding, JSON.stringify(finding).toLowerCase());
  return texts.get(finding);
}

// What is worst and most frequent comes first.
function gravity([, one], [, other]) {
  const errors = (all) => all.some((finding) => finding.severity === "error");
  return errors(other) - errors(one) || other.length - one.length;
}

function rules() {
  const wanted = document.getElementById("filter").value.trim().toLowerCase();
  const box = document.getElementById("rules");
  let count = 0;
  const groups = new Map();
  for (const finding of data.findings) {
    if (!groups.has(finding.rule)) groups.set(finding.rule, []);
    groups.get(finding.rule).push(finding);
  }
  const made = [];
  for (const [rule, all] of [...groups].sort(gravity)) {
    const findings = wanted ? all.filter((finding) => searched(finding).includes(wanted)) : all;
    if (!findings.length) continue;
    count += findings.length;
    const various = findings.some((finding) => finding.message !== findings[0].message);
    const errors = findings.filter((finding) => finding.severity === "error").length;
    const badges = [["error", errors], ["warning", findings.length - errors]].filter(([, amount]) => amount);
    const head = make("summary", {}, ...badges.flatMap(([severity, amount]) => [make("span", { class: `badge ${severity}` }, counted(amount, severity)), " "]));
    head.append(make("strong", {}, rule), " ");
    head.append(make("span", { class: "soft" }, various ? `${findings[0].message}, and others` : findings[0].message));
    const details = make("details", {}, head);
    made.push(filled(details, () => {
      const inner = make("div", { class: "inside" });
      if (data.rules[rule]) inner.append(make("p", {}, data.rules[rule]));
      inner.append(list(findings, item, AT_ONCE));
      return inner;
    }));
  }
  box.replaceChildren(...made);
  if (made.length === 1) made[0].open = true;
  const hidden = data.hidden ? ` ${number(data.hidden)} more are not in this page.` : "";
  document.getElementById("shown").textContent = data.findings.length ? `${number(count)} of ${number(data.findings.length)} findings.${hidden}` : "Nothing was found.";
}

// A file that is no ledger has one record, and the finding may stand on any of its lines.
const isAtFault = (record) => atFault.has(`${record.file}:${record.line}`) || (record.line === 1 && !/\.jsonl(\.gz)?$/.test(record.file) && atFault.has(record.file));
const day = (seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

function timeline(session, first, last, label) {
  const span = Math.max(last - first, 1);
  const timed = session.records.filter((record) => record.at !== null);
  const x = (record) => 10 + (880 * (record.at - first)) / span;
  const picture = draw("svg", { viewBox: "0 0 900 28", width: 900, height: 28, role: "img", "aria-label": label });
  picture.append(draw("path", { d: "M10 14H890", class: "lane" }));
  if (timed.length) picture.append(draw("path", { d: `M${x(timed[0])} 14H${x(timed[timed.length - 1])}`, class: "life" }));
  // Of records at one time, what is at fault is seen; of many that would hide one another, one.
  const drawn = new Set();
  for (const record of [...timed].sort((one, other) => isAtFault(one) - isAtFault(other))) {
    const spot = `${Math.round(x(record) / 3)} ${isAtFault(record)}`;
    if (drawn.has(spot)) continue;
    drawn.add(spot);
    const fault = isAtFault(record);
    const title = draw("title", {}, `${record.time} ${record.contract} ${record.state}${fault ? ", at fault" : ""}`);
    const shape = fault ? draw("path", { d: `M${x(record)} 6l7 14h-14z`, class: "fault" }, title) : draw("circle", { cx: x(record), cy: 14, r: 5 }, title);
    picture.append(shape);
  }
  return picture;
}

function scale(first, last) {
  return make("div", { class: "scale soft" }, make("span", {}, day(first)), make("span", {}, day(last)));
}

function life(session) {
  const box = make("div", { class: "inside" });
  const timed = session.records.filter((record) => record.at !== null);
  if (timed.length > 1) {
    const [first, last] = [timed[0].at, timed[timed.length - 1].at];
    box.append(timeline(session, first, last, `The session alone, from ${day(first)} to ${day(last)}`), scale(first, last));
  }
  const table = make("table", {}, make("caption", {}, "Records of the session"));
  table.append(make("thead", {}, make("tr", {}, ...["time", "contract", "state", "id", "place"].map((name) => make("th", { scope: "col" }, name)))));
  const body = make("tbody", {});
  for (const record of session.records) {
    const fault = isAtFault(record);
    const cells = [record.time, record.contract, record.state, record.id].map((text) => make("td", {}, text || ""));
    const where = make("td", { class: "place" }, `${record.file}:${record.line}`, ...(fault ? [" ", make("span", { class: "error" }, "at fault")] : []));
    body.append(make("tr", {}, ...cells, where));
  }
  table.append(body);
  box.append(make("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "Records of the session" }, table));
  if (session.count > session.records.length) box.append(make("p", { class: "soft" }, `${number(session.count - session.records.length)} more records are not in this page.`));
  return box;
}

function owners(session) {
  return session.ownersLeftOut ? `${session.owners.join(", ")} and ${number(session.ownersLeftOut)} more` : session.owners.join(" and ");
}

function sessions() {
  const box = document.getElementById("lives");
  const times = data.sessions.flatMap((session) => session.records.map((record) => record.at)).filter((at) => at !== null);
  if (!data.sessions.length) {
    box.append(make("p", { class: "soft" }, data.redacted ? "Not shown: what records say is hidden in this page." : "No record names a session."));
    return;
  }
  const first = times.reduce((a, b) => Math.min(a, b), Infinity);
  const last = times.reduce((a, b) => Math.max(a, b), -Infinity);
  if (times.length) box.append(make("p", { class: "soft" }, `From ${day(first)} to ${day(last)}, all sessions on one scale. A triangle is a record at fault.`));
  const lane = (session) => {
    const head = make("summary", {}, make("code", {}, session.name), ` ${counted(session.count, "record")}`, session.owners.length ? `, owned by ${owners(session)}` : "");
    if (times.length) head.append(timeline(session, first, last, "Its records over the time of all sessions"));
    return filled(make("details", {}, head), () => life(session));
  };
  box.append(list(data.sessions, lane, SESSIONS_AT_ONCE));
  if (data.sessionsLeftOut) box.append(make("p", { class: "soft" }, `${counted(data.sessionsLeftOut, "more session")} ${data.sessionsLeftOut === 1 ? "is" : "are"} not in this page.`));
}

// Arrow keys go from one heading that can be opened to the next; Enter and the space bar open it, as they do anyway.
function walk(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey || event.target.localName !== "summary") return;
  const heads = [...event.currentTarget.querySelectorAll("summary")].filter((head) => head.checkVisibility());
  const next = Math.min(Math.max(heads.indexOf(event.target) + steps[event.key], 0), heads.length - 1);
  event.preventDefault();
  heads[next].focus();
}

document.getElementById("about").textContent = data.about;
for (const [name, value] of data.totals) document.getElementById("totals").append(make("li", {}, make("strong", {}, number(value)), name));
let waiting = 0;
document.getElementById("filter").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(rules, 150);
});
for (const id of ["rules", "lives"]) document.getElementById(id).addEventListener("keydown", walk);
rules();
sessions();
document.documentElement.dataset.ready = "yes";
