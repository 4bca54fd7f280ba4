"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const AT_ONCE = 100;

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
    ...finding.related.map((record) => ["has a part in it", record.contract || "record", place(record)]),
    ...links.map((link) => [link.role, link.contract || (link.missing ? "not in the set" : "elsewhere"), link.target]),
  ].slice(0, 16);
  const height = Math.max(others.length * 44, 60) + 16;
  const picture = draw("svg", { viewBox: `0 0 860 ${height}`, width: 860, height, role: "img", "aria-label": "What the record refers to" });
  const middle = height / 2;
  others.forEach(([role, kind, target], index) => {
    const y = 8 + index * 44 + 22;
    picture.append(draw("path", { d: `M230 ${middle}C330 ${middle} 330 ${y} 420 ${y}` }));
    picture.append(draw("text", { x: 425, y: y - 8, class: "soft" }, shorten(`${role}: ${kind}`, 56)));
    picture.append(draw("text", { x: 425, y: y + 8 }, draw("title", {}, target), shorten(target, 56)));
  });
  picture.append(draw("rect", { x: 4, y: middle - 24, width: 226, height: 48, rx: 8, class: "at" }));
  picture.append(draw("text", { x: 14, y: middle - 5 }, shorten(finding.contract || "record", 28)));
  picture.append(draw("text", { x: 14, y: middle + 13, class: "soft" }, shorten(place(finding), 28)));
  return [picture];
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

function list(findings) {
  const box = make("div", {});
  let shown = 0;
  const more = make("button", { type: "button" });
  const add = () => {
    const next = findings.slice(shown, shown + AT_ONCE).map(item);
    shown += next.length;
    more.before(...next);
    more.textContent = `Show ${number(Math.min(AT_ONCE, findings.length - shown))} more of ${number(findings.length - shown)}`;
    more.hidden = shown >= findings.length;
    if (next.length && document.activeElement === more) next[0].querySelector("summary").focus();
  };
  more.addEventListener("click", add);
  box.append(more);
  add();
  return box;
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
  for (const [rule, all] of groups) {
    const findings = wanted ? all.filter((finding) => (rule + " " + JSON.stringify(finding)).toLowerCase().includes(wanted)) : all;
    if (!findings.length) continue;
    count += findings.length;
    const head = make("summary", {}, make("strong", { class: findings[0].severity }, rule), ` ${number(findings.length)} `, make("span", { class: "soft" }, findings[0].message));
    const details = make("details", {}, head);
    made.push(filled(details, () => {
      const inner = make("div", { class: "inside" });
      if (data.rules[rule]) inner.append(make("p", {}, data.rules[rule]));
      inner.append(list(findings));
      return inner;
    }));
  }
  box.replaceChildren(...made);
  if (made.length === 1) made[0].open = true;
  const hidden = data.hidden ? ` ${number(data.hidden)} more are not in this page.` : "";
  document.getElementById("shown").textContent = data.findings.length ? `${number(count)} of ${number(data.findings.length)} findings.${hidden}` : "Nothing was found.";
}

function timeline(session, first, last) {
  const span = Math.max(last - first, 1);
  const picture = draw("svg", { viewBox: "0 0 900 36", width: 900, height: 36, role: "img", "aria-label": "Records of the session over time" });
  picture.append(draw("path", { d: "M8 18H892", class: "lane" }));
  for (const record of session.records) {
    if (record.at === null) continue;
    const x = 8 + (884 * (record.at - first)) / span;
    picture.append(draw("circle", { cx: x, cy: 18, r: 5, class: record.state ? "state" : "" }, draw("title", {}, `${record.time} ${record.contract} ${record.state}`)));
  }
  return picture;
}

function sessions() {
  const box = document.getElementById("sessions");
  const times = data.sessions.flatMap((session) => session.records.map((record) => record.at)).filter((at) => at !== null);
  if (!data.sessions.length) {
    box.append(make("p", { class: "soft" }, "No record names a session."));
    return;
  }
  const first = times.reduce((a, b) => Math.min(a, b), Infinity);
  const last = times.reduce((a, b) => Math.max(a, b), -Infinity);
  for (const session of data.sessions) {
    const head = make("summary", {}, make("code", {}, session.name), ` ${number(session.count)} records`, session.owners.length ? `, owned by ${session.owners.join(" and ")}` : "");
    if (times.length) head.append(timeline(session, first, last));
    box.append(filled(make("details", {}, head), () => {
      const table = make("table", {}, make("thead", {}, make("tr", {}, ...["time", "contract", "state", "id", "place"].map((name) => make("th", { scope: "col" }, name)))));
      const body = make("tbody", {});
      for (const record of session.records) {
        body.append(make("tr", {}, ...[record.time, record.contract, record.state, record.id, `${record.file}:${record.line}`].map((text) => make("td", {}, text || ""))));
      }
      table.append(body);
      return make("div", { class: "inside" }, table);
    }));
  }
  if (data.sessionsLeftOut) box.append(make("p", { class: "soft" }, `${number(data.sessionsLeftOut)} more sessions are not in this page.`));
}

document.getElementById("about").textContent = data.about;
for (const [name, value] of data.totals) document.getElementById("totals").append(make("li", {}, make("strong", {}, number(value)), name));
let waiting = 0;
document.getElementById("filter").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(rules, 150);
});
rules();
sessions();
