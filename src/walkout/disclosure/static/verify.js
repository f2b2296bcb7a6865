(function() {
	// src/proof.ts
	var LOOKS = [
		"view",
		"widening",
		"raw_access"
	];
	var text = new TextEncoder();
	var hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
	var unhex = (words) => Uint8Array.from(words.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
	var unbase = (words) => Uint8Array.from(atob(words), (c) => c.charCodeAt(0));
	async function sha(...parts) {
		const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
		let at = 0;
		for (const part of parts) {
			all.set(part, at);
			at += part.length;
		}
		return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
	}
	var leaf = (line) => sha(Uint8Array.of(0), text.encode(line));
	var node = (left, right) => sha(Uint8Array.of(1), left, right);
	/** Whether a line is entry `number` of the log of `size` entries with this root (RFC 9162, 2.1.3.2). */
	async function included(line, number, size, path, root) {
		if (!(number >= 0 && number < size)) return false;
		let at = number;
		let last = size - 1;
		let hash = await leaf(line);
		for (const step of path) {
			if (last === 0) return false;
			if (at % 2 === 1 || at === last) {
				hash = await node(unhex(step), hash);
				while (at % 2 === 0 && at !== 0) {
					at = Math.floor(at / 2);
					last = Math.floor(last / 2);
				}
			} else hash = await node(hash, unhex(step));
			at = Math.floor(at / 2);
			last = Math.floor(last / 2);
		}
		return last === 0 && hex(hash) === root;
	}
	/** Whether the log of `size` entries begins with the one of `first`, by their roots (RFC 9162, 2.1.4.2). */
	async function continued(first, size, firstRoot, root, path) {
		if (!(first > 0 && first <= size)) return false;
		if (first === size) return path.length === 0 && firstRoot === root;
		const [begin, ...steps] = Math.log2(first) % 1 === 0 ? [firstRoot, ...path] : path;
		if (!begin) return false;
		let at = first - 1;
		let last = size - 1;
		const up = () => {
			at = Math.floor(at / 2);
			last = Math.floor(last / 2);
		};
		while (at % 2 === 1) up();
		let before = unhex(begin);
		let now = before;
		for (const step of steps.map(unhex)) {
			if (last === 0) return false;
			if (at % 2 === 1 || at === last) {
				before = await node(step, before);
				now = await node(step, now);
				while (at % 2 === 0 && at !== 0) up();
			} else now = await node(now, step);
			up();
		}
		return last === 0 && hex(before) === firstRoot && hex(now) === root;
	}
	/** Whether an Ed25519 key signed these words; null: this browser knows no Ed25519. */
	async function verified(key, signature, words) {
		try {
			const known = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
			return await crypto.subtle.verify({ name: "Ed25519" }, known, signature, words);
		} catch (problem) {
			return problem.name === "NotSupportedError" ? null : false;
		}
	}
	async function signedBy(paper, head, words, signature) {
		const [, key, size, root] = words.split("\n");
		if (!key || !root || hex(unbase(key)) !== paper.key) return false;
		if (Number(size) !== head.size || hex(unbase(root)) !== head.root) return false;
		return verified(unhex(paper.key), unhex(signature), text.encode(words));
	}
	/** What does not fit between a paper and the checkpoint that it carries. */
	async function keptWrong(paper) {
		const { kept } = paper;
		if (!kept) return paper.checkpoint ? ["the checkpoint is not on the paper, only its hash"] : [];
		const wrong = [];
		if (kept.hash !== paper.checkpoint || hex(await sha(text.encode(kept.signed))) !== kept.hash) wrong.push("the checkpoint's hash is not that of the checkpoint");
		if (await signedBy(paper, kept, kept.signed, kept.signature) === false) wrong.push("the checkpoint is not signed by the key on the paper");
		if (!await continued(kept.size, paper.head.size, kept.root, paper.head.root, kept.path)) wrong.push("the log's head does not continue the checkpoint");
		return wrong;
	}
	/** What a paper proves; `looks`: how many looks the holder knows of, `key`: the key that the shop shows the public. */
	async function checked(paper, looks, key) {
		const wrong = [];
		for (const one of paper.entries) if (!await included(one.line, one.number, paper.head.size, one.path, paper.head.root)) wrong.push(`entry ${one.number} is not in the log as the paper says`);
		const have = new Set(paper.entries.map((one) => one.number));
		for (const row of paper.rows) if (!have.has(row.number)) wrong.push(`${row.row} has no entry in the log`);
		const seen = paper.entries.filter((one) => LOOKS.includes(JSON.parse(one.line).kind)).length;
		if (seen < looks) wrong.push(`your receipt speaks of ${looks} looks, the log holds ${seen}`);
		wrong.push(...await keptWrong(paper));
		const signed = await signedBy(paper, paper.head, paper.signed, paper.signature);
		if (signed === false) wrong.push("the log's head is not signed by the key on the paper");
		if (key && key !== paper.key) wrong.push("the paper is signed by another key than the one the shop shows the public");
		return {
			entries: paper.entries.length,
			looks: seen,
			size: paper.head.size,
			signed,
			checkpoint: paper.checkpoint ?? null,
			wrong
		};
	}
	// src/pay-proof.ts
	/** A pay statement, checked by whoever it is for: each hour is in the signed log, none is left out, the sums are right. */
	/** Neither of these is a stretch of work: they are said of one later. */
	var SAID_LATER = ["idle_answered", "granted"];
	var parsed = (published) => JSON.parse(published.replace(/"(\w+_ns)":\s*(\d+)/g, "\"$1\":\"$2\""));
	/** Money as whole ten-thousandths. */
	function parts(amount) {
		const [whole = "0", rest = ""] = amount.split(".");
		return BigInt(whole + rest.padEnd(4, "0").slice(0, 4));
	}
	/** What somebody finds who checks their statement; `key`: the one that the shop shows the public, "" for none. */
	async function checkedPay(given, key) {
		const pay = parsed(given.published);
		const found = await checked(given.proof, 0, key);
		found.wrong.push(...await bornOut(given, pay), ...summed(pay));
		return found;
	}
	/** What the log does not bear out. */
	async function bornOut({ published, sha256, proof }, pay) {
		const wrong = [];
		if (hex(await sha(text.encode(published))) !== sha256) wrong.push("the statement's SHA-256 is not the one beside it: it was changed");
		const logged = proof.entries.map(({ number, line }) => {
			const { kind, facts, sealed } = JSON.parse(line);
			return {
				number,
				kind,
				facts,
				reviewer: sealed?.reviewer ?? "",
				t_ns: BigInt(/"t_ns":\s*(\d+)/.exec(line)?.[1] ?? 0)
			};
		});
		for (const one of logged) {
			const salt = proof.salts[String(one.facts.month)];
			if (!salt || one.reviewer !== await seal(salt, "reviewer", `${pay.worker}/${one.facts.id}`)) wrong.push(`entry ${one.number} is not one of yours`);
		}
		if (!logged.some((one) => one.kind === "payment" && one.facts.what === "statement" && one.facts.sha256 === sha256)) wrong.push("this statement is not in the log as it stands here");
		const left = /* @__PURE__ */ new Map();
		for (const one of logged) {
			if (one.kind !== "hours" || SAID_LATER.includes(String(one.facts.what))) continue;
			const name = `${one.t_ns}/${one.facts.ms}/${one.facts.what}`;
			left.set(name, [...left.get(name) ?? [], one]);
		}
		let last = 0n;
		for (const one of pay.intervals) {
			const end = BigInt(one.end_ns);
			const ms = end / 1000000n - BigInt(one.start_ns) / 1000000n;
			const kind = one.kind === "gold" ? "active" : one.kind;
			if (!left.get(`${end}/${ms}/${kind}`)?.pop()) wrong.push(`${seconds(ms)} of ${kind.replace(/_/g, " ")}, until ${clock(end, pay.zone)}, are on the statement and not in the log`);
			if (end > last) last = end;
		}
		for (const one of [...left.values()].flat()) {
			const start = one.t_ns - BigInt(one.facts.ms) * 1000000n;
			if (one.t_ns <= last && start < BigInt(pay.period.end_ns) && one.t_ns > BigInt(pay.period.start_ns)) wrong.push(`${seconds(BigInt(one.facts.ms))} of your time, until ${clock(one.t_ns, pay.zone)}, are in the log and not on the statement`);
		}
		return wrong;
	}
	/** What does not add up on the statement itself. */
	function summed(pay) {
		const wrong = [];
		const [from, to] = [BigInt(pay.period.start_ns), BigInt(pay.period.end_ns)];
		const worked = /* @__PURE__ */ new Map();
		for (const one of pay.intervals) {
			const start = BigInt(one.start_ns) > from ? BigInt(one.start_ns) : from;
			const end = BigInt(one.end_ns) < to ? BigInt(one.end_ns) : to;
			if (end > start) worked.set(one.kind, (worked.get(one.kind) ?? 0n) + end - start);
		}
		for (const line of pay.lines) if (line.kind !== "granted") worked.set(line.kind, (worked.get(line.kind) ?? 0n) - BigInt(line.length_ns));
		for (const [kind, rest] of worked) if (rest !== 0n) wrong.push(`the lines have ${seconds((rest < 0n ? -rest : rest) / 1000000n)} of ${kind.replace(/_/g, " ")} ${rest < 0n ? "more" : "less"} than was worked`);
		if (pay.lines.reduce((sum, line) => sum + parts(line.amount), 0n) !== parts(pay.earned)) wrong.push("the lines do not add up to what was earned");
		if (parts(pay.earned) + parts(pay.top_up) !== parts(pay.total)) wrong.push("what was earned and the top-up are not the total");
		if (parts(pay.total) < parts(pay.floor.due)) wrong.push("the total is below the floor");
		const due = parts(pay.total) - parts(pay.before);
		if ((due < 0n ? 0n : due) !== parts(pay.due)) wrong.push("what is owed is not the total without what was stated before");
		return wrong;
	}
	var keys = /* @__PURE__ */ new Map();
	async function seal(salt, name, value) {
		if (!keys.has(salt)) keys.set(salt, crypto.subtle.importKey("raw", unhex(salt), {
			name: "HMAC",
			hash: "SHA-256"
		}, false, ["sign"]));
		const key = await keys.get(salt);
		return hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, text.encode(`${name}\0${value}`))));
	}
	var seconds = (ms) => `${Number(ms) / 1e3} s`;
	var clock = (t_ns, zone) => new Date(Number(t_ns / 1000000n)).toLocaleString("en-GB", {
		timeZone: zone,
		dateStyle: "medium",
		timeStyle: "medium"
	});
	// src/signing.ts
	var bytes = new TextEncoder();
	/** What is signed; the same bytes as `walkout.labour.voice.message`. */
	var message = (store, month, key, replaces, text) => bytes.encode([
		"walkout reviewers' statement 1",
		store,
		month,
		key,
		replaces,
		text
	].join("\n"));
	// src/verify.ts
	/** The offline page of the bundle: log, report, the reviewers' statement and a holder's paper, computed again here.
	*
	* Built into one script (vite.verify.ts) that stands inside the page. It asks nobody for anything.
	*/
	var at = (id) => document.getElementById(id);
	var data = JSON.parse(at("data").textContent);
	var entries = data.entries.map((line) => JSON.parse(line));
	var { report } = data;
	async function root(leaves) {
		if (leaves.length === 0) return sha(/* @__PURE__ */ new Uint8Array());
		let level = leaves;
		while (level.length > 1) {
			const next = [];
			for (let n = 0; n + 1 < level.length; n += 2) next.push(await node(level[n], level[n + 1]));
			if (level.length % 2) next.push(level[level.length - 1]);
			level = next;
		}
		return level[0];
	}
	/** A signed head from its line. Its time has more digits than a number of JavaScript holds: they stay text. */
	function point(line) {
		return {
			...JSON.parse(line),
			t_ns: /"t_ns":(\d+)/.exec(line)[1]
		};
	}
	var signedPoint = (one) => verified(unbase(one.key), unbase(one.signature), text.encode(`walkout checkpoint 1\n${one.key}\n${one.size}\n${one.root}\n${one.t_ns}\n`));
	function recount(month) {
		const visits = /* @__PURE__ */ new Set();
		const seen = /* @__PURE__ */ new Set();
		const questions = /* @__PURE__ */ new Map();
		let paid = 0;
		let people = 0;
		for (const one of entries.filter((e) => e.facts.month === month)) {
			const { what, purpose } = one.facts;
			const visit = one.sealed.visit ?? "";
			if (LOOKS.includes(one.kind)) {
				seen.add(visit);
				if (purpose === "settle" && what === "question") questions.set(one.sealed.question, visit);
			} else if (one.kind === "decision" && what === "receipt") visits.add(visit);
			else if (one.kind === "hours" && one.facts.paid) paid += Number(one.facts.ms);
			else if (one.kind === "payment" && what === "statement" && one.facts.revision === 0) people += 1;
		}
		return {
			visits: visits.size,
			"visits seen by any person": [...seen].filter((visit) => visits.has(visit)).length,
			"questions to settle": [...questions.values()].filter((visit) => visits.has(visit)).length,
			"paid hours": Math.round(paid / 3.6) / 1e6,
			"people with a statement": people
		};
	}
	function say(list, good, words) {
		const item = document.createElement("li");
		item.className = good === null ? "note" : good ? "yes" : "no";
		item.textContent = (good === null ? "" : good ? "holds: " : "WRONG: ") + words;
		list.append(item);
		return good !== false;
	}
	var nameOf = async (...parts) => hex(await sha(message(...parts)));
	/** What stands in the log of the reviewers' statements: hash to key and what it replaces. As disclosure/voices.py. */
	function standing(month) {
		const logged = /* @__PURE__ */ new Map();
		for (const { kind, facts } of entries) if (kind === "voice" && facts.what === "statement" && facts.month === month) logged.set(String(facts.sha256), {
			store: String(facts.store),
			key: String(facts.key),
			replaces: String(facts.replaces)
		});
		for (const { key, replaces } of [...logged.values()]) if (logged.get(replaces)?.key === key) logged.delete(replaces);
		return logged;
	}
	async function statements(list) {
		const month = report.period.month;
		const logged = standing(month);
		const told = report.control.workers_statement;
		let good = true;
		for (const one of told.statements) for (const by of one.signatures) {
			const name = await nameOf(by.store, month, by.key, by.replaces, one.text);
			const signed = await verified(unhex(by.key), unhex(by.signature), message(by.store, month, by.key, by.replaces, one.text));
			const found = logged.get(name);
			const fits = found?.key === by.key && found.replaces === by.replaces;
			logged.delete(name);
			if (signed === null) say(list, null, "this browser knows no Ed25519: the reviewers' signature could not be checked");
			good = say(list, signed !== false && fits, `the reviewers' statement is what key ${by.key.slice(0, 16)} signed, and it is in the log`) && good;
		}
		for (const [name, { store, key, replaces }] of logged) if (name !== await nameOf(store, month, key, replaces, "")) good = say(list, false, `the log has a statement of the reviewers (${name.slice(0, 12)}) that the report leaves out`);
		say(list, null, told.words);
		return good;
	}
	async function bundle() {
		const list = at("bundle");
		const head = point(data.head);
		const checkpoints = data.checkpoints.map(point);
		const leaves = [];
		for (const line of data.entries) leaves.push(await leaf(line));
		list.replaceChildren();
		let good = say(list, leaves.length === head.size && hex(await root(leaves)) === hex(unbase(head.root)), `the log of ${entries.length} entries is the one that the shop signed`);
		let all = true;
		for (const one of checkpoints) all = all && hex(await root(leaves.slice(0, one.size))) === hex(unbase(one.root)) && await signedPoint(one) !== false;
		good = say(list, all, `it begins as each of its ${checkpoints.length} checkpoints says`) && good;
		const signature = await signedPoint(head);
		good = say(list, signature, signature === null ? "the signature could not be checked: this browser knows no Ed25519" : "the signature is the shop's key's") && good;
		const rests = report.checkpoint;
		good = say(list, rests.root === hex(unbase(head.root)) && rests.size === head.size, "the report rests on this log") && good;
		good = await statements(list) && good;
		say(list, rests.witnesses.length ? true : null, rests.words);
		const told = {
			visits: report.visits.total.n,
			"visits seen by any person": report.headline.seen_by_any_person_per_1000.n,
			"questions to settle": report.headline.questions_to_settle_per_1000.n,
			"paid hours": report.human_work.paid_hours.value,
			"people with a statement": report.workforce.statements.n
		};
		const table = at("numbers");
		table.insertRow().append(...[
			"",
			"the report says",
			"the log gives"
		].map((words) => {
			const cell = document.createElement("th");
			cell.textContent = words;
			return cell;
		}));
		for (const [name, found] of Object.entries(recount(report.period.month))) {
			const row = table.insertRow();
			for (const words of [
				name,
				told[name],
				found
			]) row.insertCell().textContent = String(words);
			row.className = told[name] === found ? "yes" : "no";
			good = good && told[name] === found;
		}
		say(list, good, "everything together");
		document.body.dataset.bundle = good ? "holds" : "wrong";
	}
	/** What somebody keeps of what they signed: is it theirs, is it in the log, does the report carry it? */
	async function own(list, mine) {
		const name = await nameOf(mine.store, mine.month, mine.key, mine.replaces, mine.text);
		const signed = await verified(unhex(mine.key), unhex(mine.signature), message(mine.store, mine.month, mine.key, mine.replaces, mine.text));
		let good = say(list, signed, signed === null ? "this browser knows no Ed25519" : "this key signed these words");
		good = say(list, entries.filter(({ kind, facts }) => kind === "voice" && facts.sha256 === name && facts.key === mine.key).length > 0, "your statement is in the log") && good;
		if (mine.month !== report.period.month) return say(list, null, `this report is about ${report.period.month}, your statement about ${mine.month}`) && good;
		if (!standing(mine.month).has(name)) return say(list, null, "your key replaced it, or took it back, later") && good;
		return say(list, report.control.workers_statement.statements.some((one) => one.text === mine.text && one.signatures.some((by) => by.key === mine.key && by.signature === mine.signature)) || !mine.text, "the report carries it as you signed it") && good;
	}
	async function paper(list, holder) {
		const lines = data.entries;
		let good = true;
		for (const one of holder.entries) if (!await included(one.line, one.number, holder.head.size, one.path, holder.head.root) || lines[one.number] !== one.line) good = say(list, false, `entry ${one.number} is not in this log as your paper proves it`);
		const have = new Set(holder.entries.map((one) => one.number));
		for (const row of holder.rows) if (!have.has(row.number)) good = say(list, false, `${row.row} has no entry`);
		const mine = [];
		const ofVisit = holder.kind === "visit-paper" ? await seal(holder.salt, "visit", holder.visit) : null;
		for (const one of entries) {
			const { visit, reviewer } = one.sealed;
			if (ofVisit !== null ? visit === ofVisit : reviewer !== void 0 && reviewer === await seal(holder.salt, "reviewer", `${holder.worker}/${one.facts.id}`)) mine.push(one);
		}
		const looks = mine.filter((one) => LOOKS.includes(one.kind));
		say(list, null, `${mine.length} entries of this log are yours, ${looks.length} of them looks`);
		for (const one of looks.slice(0, 200)) say(list, null, `${(/* @__PURE__ */ new Date(one.t_ns / 1e6)).toISOString().slice(0, 16)}: ${one.facts.what} for ${one.facts.purpose}`);
		if (holder.kind === "month-paper") {
			const logged = mine.filter((one) => one.kind === "hours" && one.facts.month === holder.month && !["idle_answered", "granted"].includes(String(one.facts.what))).map((one) => `${one.facts.ms} ${one.facts.paid}`);
			for (const one of holder.intervals) {
				const found = logged.indexOf(`${one.ms} ${one.paid}`);
				if (found < 0) good = say(list, false, `${one.ms / 1e3} s of your time are not in the log`);
				else logged.splice(found, 1);
			}
			const said = new Set(mine.filter((one) => one.kind === "payment" || one.kind === "voice").map((one) => one.facts.sha256));
			for (const one of holder.statements) if (!said.has(one.sha256)) good = say(list, false, `your statement ${one.sha256.slice(0, 12)} is not in the log`);
			for (const one of holder.voices ?? []) if (!said.has(one)) good = say(list, false, `what you said in public (${one.slice(0, 12)}) is not in the log`);
			for (const one of mine) if (one.kind === "voice" && one.facts.what === "key") say(list, null, `a key stands in your name: ${one.facts.key}`);
		}
		return say(list, good, "you were counted: each of your entries is in the log that the report was counted from");
	}
	/** A pay statement with its proof: as it stands, and against this log. */
	async function pay(list, one) {
		const found = await checkedPay(one, hex(unbase(point(data.head).key)));
		let good = found.wrong.length === 0;
		for (const words of found.wrong) say(list, false, words);
		for (const entry of one.proof.entries) if (data.entries[entry.number] !== entry.line) good = say(list, false, `entry ${entry.number} is another one in this log`);
		return say(list, good, "your statement is in this log, with each hour of it, and its sums are right") && good;
	}
	async function given(words) {
		const list = at("mine");
		list.replaceChildren();
		let good;
		try {
			const read = JSON.parse(words);
			good = read.kind === "reviewers-statement" ? await own(list, read) : read.kind === "pay-statement" ? await pay(list, read) : await paper(list, read);
		} catch (problem) {
			list.replaceChildren();
			good = say(list, false, `this is no paper (${problem.message}); right is the JSON from your own page`);
		}
		document.body.dataset.paper = good ? "holds" : "wrong";
	}
	at("go").addEventListener("click", () => void given(at("text").value));
	at("paper").addEventListener("change", (event) => void event.target.files[0].text().then(given));
	bundle();
})();
