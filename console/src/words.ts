/** Numbers, times and names as people read them: short, with units, in the shop's own time. */

const WHOLE = new Set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" "));
const NBSP = "\u00a0";

/** To a tenth, and never a plain 0 % or 100 % where it is only nearly that. */
export function percent(p: number): string {
  if (!(p >= 0 && p <= 1)) return "no number";
  if (p > 0.9995) return `>${NBSP}99.9${NBSP}%`;
  if (p < 0.0005) return `<${NBSP}0.1${NBSP}%`;
  return `${(p * 100).toFixed(1)}${NBSP}%`;
}

/** For labels on the move: whole percent, and never a plain 0 or 100. */
export function about(p: number): string {
  return `${Math.min(99, Math.max(1, Math.round(p * 100)))}${NBSP}%`;
}

/** Decimal text with the currency's usual decimals at least, and every one that the amount has. */
export function money(amount: string, currency: string): string {
  const [whole = "0", rest = ""] = amount.replace("-", "").split(".");
  const usual = WHOLE.has(currency) ? 0 : 2;
  const decimals = rest.replace(/0+$/, "").padEnd(usual, "0");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${amount.startsWith("-") ? "−" : ""}${grouped}${decimals ? `.${decimals}` : ""}${NBSP}${currency}`;
}

/** Exact product of decimal text and a whole number. */
export function times(price: string, quantity: number): string {
  const [whole = "0", rest = ""] = price.replace("-", "").split(".");
  const product = (BigInt(whole + rest) * BigInt(quantity)).toString().padStart(rest.length + 1, "0");
  const cut = product.length - rest.length;
  const sign = price.startsWith("-") ? "-" : "";
  return sign + (rest.length ? `${product.slice(0, cut)}.${product.slice(cut)}` : product);
}

export function grams(mass_g: number, signed = false): string {
  const size = Math.abs(mass_g);
  const said = size >= 99.95 ? Math.round(size).toLocaleString("en-US") : size.toFixed(1);
  const sign = mass_g < 0 ? "−" : signed ? "+" : "";
  return `${sign}${said}${NBSP}g`;
}

export function length(metres: number): string {
  return metres < 0.995 ? `${Math.round(metres * 100)}${NBSP}cm` : `${metres.toFixed(1)}${NBSP}m`;
}

/** Such as 0.4 s, 8 s, 2 min 5 s, 3 h 20 min. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)}${NBSP}s`;
  return whole(seconds);
}

/** The same without tenths, for what is counted while it is looked at. */
export function whole(seconds: number): string {
  const all = Math.max(0, Math.round(seconds));
  if (all < 60) return `${all}${NBSP}s`;
  const minutes = Math.floor(all / 60);
  if (minutes < 60) return `${minutes}${NBSP}min${all % 60 ? `${NBSP}${all % 60}${NBSP}s` : ""}`;
  return `${Math.floor(minutes / 60)}${NBSP}h${NBSP}${minutes % 60}${NBSP}min`;
}

/** One unit only, for narrow places: 12 s, 2 min, 3 h. */
export function brief(seconds: number): string {
  const all = Math.max(0, Math.round(seconds));
  if (all < 60) return `${all}${NBSP}s`;
  return all < 3600 ? `${Math.floor(all / 60)}${NBSP}min` : `${Math.floor(all / 3600)}${NBSP}h`;
}

export function bytes(count: number): string {
  if (count < 1e3) return `${count}${NBSP}B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)}${NBSP}kB`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)}${NBSP}MB` : `${(count / 1e9).toFixed(1)}${NBSP}GB`;
}

export function count(many: number, one: string, more = `${one}s`): string {
  return `${many.toLocaleString("en-US")}${NBSP}${many === 1 ? one : more}`;
}

export function listed(names: string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

export function plates(ids: number[]): string {
  const first = ids[0] ?? 0;
  if (ids.length === 1) return `plate ${first}`;
  if (ids.every((id, k) => id === first + k)) return `plates ${first}–${ids[ids.length - 1]}`;
  return `plates ${ids.join(", ")}`;
}

/** With a capital at the start and a full stop at the end. */
export function sentence(said: string): string {
  const text = said.trim();
  return text && text[0]!.toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Local time of the shop, such as 07:06:49. */
export function time(t_ns: number, zone: string): string {
  return clock(zone, "time").format(t_ns / 1e6);
}

/** Such as 26 November 2026. */
export function day(t_ns: number, zone: string): string {
  return clock(zone, "day").format(t_ns / 1e6);
}

function clock(zone: string, what: "time" | "day"): Intl.DateTimeFormat {
  const key = `${what} ${zone}`;
  let found = clocks.get(key);
  if (!found) {
    const options: Intl.DateTimeFormatOptions =
      what === "time"
        ? { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }
        : { day: "numeric", month: "long", year: "numeric" };
    try {
      found = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
    } catch {
      found = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
    }
    clocks.set(key, found);
  }
  return found;
}

/** The short name of a visit: v00012 is 12; else what stands behind its last dash; at most 4 characters, the last. */
export function short(visit: string): string {
  const counted = /^[A-Za-z]*0*(\d{1,4})$/.exec(visit)?.[1];
  return counted ?? (visit.split("-").pop() || visit).slice(-4);
}
