"use strict";
// Everything here follows RFC 6962: a leaf is SHA-256 of 0 and the line, a node SHA-256 of 1 and its two children.
const data = JSON.parse(document.getElementById("data").textContent);
const text = new TextEncoder();
const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
const bytesOf = (string) => new Uint8Array((string.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
const from64 = (string) => Uint8Array.from(atob(string), (c) => c.charCodeAt(0));
const join = (...parts) => {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) all.set(part, (at += part.length) - part.length);
  return all;
};
const sha = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const leaf = (line) => sha(join(Uint8Array.of(0), text.encode(line)));
const node = (left, right) => sha(join(Uint8Array.of(1), left, right));

async function root(leaves) {
  if (leaves.length === 0) return sha(new Uint8Array());
  let level = leaves;
  while (level.length > 1) {
    const next = [];
    for (let n = 0; n + 1 < level.length; n += 2) next.push(await node(level[n], level[n + 1]));
    if (level.length % 2) next.push(level[level.length - 1]);
    level = next;
  }
  return level[0];
}

async function included(line, number, size, path, wanted) {
  if (!(0 <= number && number < size)) return false;
  let at = number, last = size - 1, hash = await leaf(line);
  for (const step of path.map(bytesOf)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = await node(step, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else hash = await node(hash, step);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hex(hash) === wanted;
}

async function signed(head) {
  const words = `walkout checkpoint 1\n${head.key}\n${head.size}\n${head.root}\n${head.t_ns}\n`;
  try {
    const key = await crypto.subtle.importKey("raw", from64(head.key), { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, key, from64(head.signature), text.encode(words));
  } catch {
    return null; // this browser knows no Ed25519
  }
}

async function seal(salt, name, value) {
  const key = await crypto.subtle.importKey("raw", bytesOf(salt), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(await crypto.subtle.sign("HMAC", key, text.encode(`${name}\0${value}`)));
}

function recount(entries, month) {
  const visits = new Set(), seen = new Set(), questions = new Map(), looks = {};
  let paid = 0, people = 0;
  for (const one of entries.filter((e) => e.facts.month === month)) {
    const { what, purpose } = one.facts, visit = one.sealed.visit ?? "";
    if (["view", "widening", "raw_access"].includes(one.kind)) {
      seen.add(visit);
      looks[what] = (looks[what] ?? 0) + 1;
      if (purpose === "settle" && what === "question") questions.set(one.sealed.question, visit);
    } else if (one.kind === "decision" && what === "receipt") visits.add(visit);
    else if (one.kind === "hours" && one.facts.paid) paid += one.facts.ms;
    else if (one.kind === "payment" && what === "statement" && one.facts.revision === 0) people += 1;
  }
  return {
    "visits": visits.size,
    "visits seen by any person": [...seen].filter((visit) => visits.has(visit)).length,
    "questions to settle": [...questions.values()].filter((visit) => visits.has(visit)).length,
    "paid hours": Math.round(paid / 3.6) / 1e6,
    "people with a statement": people,
  };
}

function say(list, good, words) {
  const item = document.createElement("li");
  item.className = good === null ? "note" : good ? "yes" : "no";
  item.textContent = (good === null ? "" : good ? "holds: " : "WRONG: ") + words;
  list.append(item);
  return good !== false;
}

async function bundle() {
  const list = document.getElementById("bundle"), { entries, head, checkpoints, report } = data;
  const leaves = [];
  for (const line of entries) leaves.push(await leaf(line));
  list.replaceChildren();
  let good = say(list, leaves.length === head.size && hex(await root(leaves)) === hex(from64(head.root)),
    `the log of ${entries.length} entries is the one that the shop signed`);
  let all = true;
  for (const one of checkpoints)
    all &&= hex(await root(leaves.slice(0, one.size))) === hex(from64(one.root)) && (await signed(one)) !== false;
  good = say(list, all, `it begins as each of its ${checkpoints.length} checkpoints says`) && good;
  const signature = await signed(head);
  good = say(list, signature, signature === null ? "the signature could not be checked: this browser knows no Ed25519"
    : "the signature is the shop's key's") && good;
  const point = report.checkpoint;
  good = say(list, point.root === hex(from64(head.root)) && point.size === head.size, "the report rests on this log") && good;
  say(list, point.witnesses.length ? true : null, point.words);
  const again = recount(entries.map((line) => JSON.parse(line)), report.period.month);
  const told = {
    "visits": report.visits.total.n,
    "visits seen by any person": report.headline.seen_by_any_person_per_1000.n,
    "questions to settle": report.headline.questions_to_settle_per_1000.n,
    "paid hours": report.human_work.paid_hours.value,
    "people with a statement": report.workforce.statements.n,
  };
  const table = document.getElementById("numbers");
  table.insertRow().append(...["", "the report says", "the log gives"].map((words) => {
    const cell = document.createElement("th");
    cell.textContent = words;
    return cell;
  }));
  for (const [name, found] of Object.entries(again)) {
    const row = table.insertRow();
    for (const words of [name, told[name], found]) row.insertCell().textContent = words;
    row.className = told[name] === found ? "yes" : "no";
    good &&= told[name] === found;
  }
  say(list, good, "everything together");
  document.body.dataset.bundle = good ? "holds" : "wrong";
}

async function check(paper) {
  const list = document.getElementById("mine"), lines = data.entries;
  list.replaceChildren();
  let good = true;
  for (const one of paper.entries) {
    const fits = await included(one.line, one.number, paper.head.size, one.path, paper.head.root);
    if (!fits || lines[one.number] !== one.line) good = say(list, false, `entry ${one.number} is not in this log as your paper proves it`);
  }
  const have = new Set(paper.entries.map((one) => one.number));
  for (const row of paper.rows) if (!have.has(row.number)) good = say(list, false, `${row.row} has no entry`);
  const mine = [];
  const seals = paper.kind === "visit-paper" ? await seal(paper.salt, "visit", paper.visit) : null;
  for (const line of lines) {
    const one = JSON.parse(line);
    if (seals !== null ? one.sealed.visit === seals
      : one.sealed.reviewer !== undefined && one.sealed.reviewer === await seal(paper.salt, "reviewer", `${paper.worker}/${one.facts.id}`))
      mine.push(one);
  }
  const looks = mine.filter((one) => ["view", "widening", "raw_access"].includes(one.kind));
  say(list, null, `${mine.length} entries of this log are yours, ${looks.length} of them looks`);
  for (const one of looks.slice(0, 200))
    say(list, null, `${new Date(one.t_ns / 1e6).toISOString().slice(0, 16)}: ${one.facts.what} for ${one.facts.purpose}`);
  if (paper.kind === "month-paper") {
    const logged = mine.filter((one) => one.kind === "hours" && one.facts.month === paper.month && !["idle_answered", "granted"].includes(one.facts.what))
      .map((one) => `${one.facts.ms} ${one.facts.paid}`);
    for (const one of paper.intervals) {
      const at = logged.indexOf(`${one.ms} ${one.paid}`);
      if (at < 0) good = say(list, false, `${one.ms / 1000} s of your time are not in the log`);
      else logged.splice(at, 1);
    }
    const said = new Set(mine.filter((one) => one.kind === "payment").map((one) => one.facts.sha256));
    for (const one of paper.statements) if (!said.has(one.sha256)) good = say(list, false, `your statement ${one.sha256.slice(0, 12)} is not in the log`);
  }
  say(list, good, "you were counted: each of your entries is in the log that the report was counted from");
  document.body.dataset.paper = good ? "holds" : "wrong";
}

async function given(words) {
  try {
    await check(JSON.parse(words));
  } catch (error) {
    const list = document.getElementById("mine");
    list.replaceChildren();
    say(list, false, `this is no paper (${error.message}); right is the JSON from your own page`);
    document.body.dataset.paper = "wrong";
  }
}

document.getElementById("go").addEventListener("click", () => given(document.getElementById("text").value));
document.getElementById("paper").addEventListener("change", async (event) => given(await event.target.files[0].text()));
bundle();
