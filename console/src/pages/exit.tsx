/** The screen at an exit where people pay without an identity: what you have, what of it is wrong, hold your card. */

import { useEffect, useState } from "preact/hooks";
import { post, ROOT } from "../api";
import { words } from "../desk";
import { announce, useData } from "../hooks";
import { Loading, Problem } from "../parts";
import { count, money } from "../words";

interface Line {
  gtin: string;
  name: string;
  quantity: number;
  amount: string;
  contested: boolean;
}

interface Screen {
  store: { name: string };
  currency: string;
  origin: string;
  /** `total`: what the tap pays, without what is contested. */
  here: { visit: string; lines: Line[]; total: string }[];
  left: { visit: string; final: boolean; total: string; due: string; paid: string; contested: string }[];
}

/** Tokens may hold what an address must not. */
const path = (...parts: string[]) => parts.map((one) => `/${encodeURIComponent(one)}`).join("");

export default function ExitScreen({ token }: { token: string }) {
  const data = useData<Screen>(path("exit", token), 1000);
  const [error, setError] = useState("");
  const found = data.value;
  useEffect(() => {
    document.title = `Pay here – ${found?.store.name ?? "Walkout"}`;
  }, [found?.store.name]);
  if (!found) {
    return (
      <main class="page narrow shopper" id="main">
        <h1 class="verdict">Pay here</h1>
        {data.error ? <Problem error={data.error} retry={() => void data.reload()} /> : <Loading what="this screen" />}
      </main>
    );
  }
  const contest = async (visit: string, line: Line) => {
    setError("");
    try {
      await post(`${path("exit", token)}/contest`, { visit, gtin: line.gtin });
      announce("A person looks at it.");
    } catch (problem) {
      setError(words(problem));
    }
    await data.reload();
  };
  const several = found.here.length > 1;
  const title = several ? `${count(found.here.length, "person stands", "people stand")} here. One at a time, please.` : found.here.length ? `${money(found.here[0]!.total, found.currency)}: hold your card to the reader.` : found.left.length ? "Thank you." : "Stand here to see what you have.";
  return (
    <main class="page narrow shopper exit" id="main">
      <p class="where">
        {found.store.name}
        {found.origin === "simulated" && <span class="origin">Simulated</span>}
      </p>
      <h1 class="verdict huge" tabIndex={-1}>
        {title}
      </h1>
      {data.error && <p class="unsure">This screen could not be refreshed; it shows what was last heard.</p>}
      {error && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
      {found.here.map((one, n) => (
        <section key={one.visit}>
          {several && <h2>{`Basket ${n + 1}: ${money(one.total, found.currency)}`}</h2>}
          {one.lines.length === 0 && <p>You have nothing. You can just leave.</p>}
          <ul class="rows">
            {one.lines.map((line) => (
              <li key={line.gtin}>
                <span class="what">
                  {line.quantity > 1 && `${line.quantity} × `}
                  {line.name}
                </span>
                <span class="price number">{money(line.amount, found.currency)}</span>
                {line.contested ? (
                  <span class="unsure">not charged, a person looks</span>
                ) : (
                  <button type="button" onClick={() => void contest(one.visit, line)}>
                    I do not have this
                  </button>
                )}
              </li>
            ))}
          </ul>
          {one.lines.some((line) => line.contested) && (
            <p class="quiet">You pay the rest. What you do not have is charged only if a person sees within two days that you took it; your receipt says so.</p>
          )}
          <Code visit={one.visit} label="Your receipt, on your own phone" />
        </section>
      ))}
      {found.left.map((one) => (
        <section key={one.visit}>
          <p class="big">{one.final ? `${money(one.paid, found.currency)} paid, of ${money(one.due, found.currency)}.` : "Your receipt is being made."}</p>
          {Number(one.contested) > 0 && <p class="quiet">{`${money(one.contested, found.currency)} is not charged: a person looks at it.`}</p>}
          <Code visit={one.visit} label="Your receipt, on your own phone" />
        </section>
      ))}
      {found.here.length === 0 && found.left.length === 0 && <p class="more">It shows what the shop believes that you took. Say what is wrong with it before you pay. Nobody needs a name or an account.</p>}
    </main>
  );
}

function Code({ visit, label }: { visit: string; label: string }) {
  return (
    <figure class="qr">
      <img src={`${ROOT}${path("s", visit)}/qr`} alt={label} width="132" height="132" />
      <figcaption class="quiet">{label}</figcaption>
    </figure>
  );
}
