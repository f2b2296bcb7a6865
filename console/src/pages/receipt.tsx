/** Is this receipt right, who says so, and what was done about it? The operator's view. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ApiError, post } from "../api";
import { announce, useSession, useZone } from "../hooks";
import { decidedBy, humanWords, Loading, Problem, Sure } from "../parts";
import { casePath, visitPath } from "../router";
import { pathOf } from "../shapes";
import { Page } from "../shell";
import type { Line, Receipt } from "../types";
import { day, money, percent, sentence, short, time, times } from "../words";
import { headline, useDetail } from "./visit";

interface BodyProps {
  lines: Line[];
  /** Contested before paying, and not charged until a person has looked. */
  withheld?: Line[] | undefined;
  total: string;
  due: string;
  currency: string;
  /** What stands under one line, such as a way to say that it is wrong. */
  under?: (line: Line) => ComponentChildren;
}

/** The lines, each with its reason, and what is to be paid: the same for operators and shoppers. */
export function ReceiptBody({ lines, withheld = [], total, due, currency, under }: BodyProps) {
  const held = lines.some((line) => line.shown === false);
  return (
    <div class="receipt">
      {lines.length === 0 && <p class="big">{withheld.length ? "Nothing is charged." : "Nothing was taken, and nothing is charged."}</p>}
      <ul class="long">
        {lines.map((line) => (
          <li key={line.gtin} class={line.shown === false ? "held" : ""}>
            <p class="first">
              <span class="many">{line.quantity}</span>
              <span class="name">{line.name}</span>
              <span class="price">{money(line.amount ?? times(line.unit_price, line.quantity), currency)}</span>
            </p>
            <p class="why">
              {line.mass_g != null
                  ? `${line.mass_g} g at ${money(line.unit_price, currency)} a kilogram. `
                  : line.quantity > 1 && `${money(line.unit_price, currency)} each. `}
                {line.offers?.length ? `${line.offers.join(", ")}. ` : ""}
              {line.why && sentence(line.why)}
            </p>
            <div class="foot">
              <Sure p={line.probability} />
              {line.shown === false && <b class="unsure">Not charged until a person has looked.</b>}
              {under?.(line)}
            </div>
          </li>
        ))}
      </ul>
      {lines.length > 0 && (
        <p class="sum total">
          <span>{held || due !== total ? "All lines" : "Total"}</span>
          <span class="number">{money(total, currency)}</span>
        </p>
      )}
      {due !== total && (
        <p class="sum total unsure">
          <span>To pay until a person has looked</span>
          <span class="number">{money(due, currency)}</span>
        </p>
      )}
      {withheld.length > 0 && (
        <>
          <h2>Contested before paying, and not charged</h2>
          <ul class="rows">
            {withheld.map((line) => (
              <li key={line.gtin}>
                <span class="what">{`${line.quantity} × ${line.name}`}</span>
                <span class="price number">{money(line.amount ?? times(line.unit_price, line.quantity), currency)}</span>
              </li>
            ))}
          </ul>
          <p class="quiet">A person looks. It is charged only if they see within two days that it was taken, else never.</p>
        </>
      )}
    </div>
  );
}

export function ReceiptPage({ id }: { id: string }) {
  const zone = useZone();
  const { store } = useSession();
  const detail = useDetail(id);
  const found = detail.value;
  if (!found) {
    return (
      <Page title={`Receipt of visit ${short(id)}`}>
        {detail.error ? <Problem error={detail.error} retry={() => void detail.reload()} /> : <Loading what="the receipt" />}
      </Page>
    );
  }
  const receipt = found.receipts[found.receipts.length - 1];
  const said = headline(found, store.currency);
  const link = found.link ? pathOf(found.link) : null;
  return (
    <Page
      wide
      title={said.words}
      tone={said.tone}
      more={
        receipt
          ? `${decidedBy(receipt.decided_by, receipt.human)}. Exactly right with ${percent(receipt.p_exact)}.`
          : "The receipt is made when the visit ends."
      }
    >
      <p class="tools links">
        <a href={visitPath(id)}>What happened: the timeline</a>
        {link && <a href={link}>As the shopper sees it</a>}
        {found.case && <a href={casePath(found.case.id)}>Dispute {found.case.id}</a>}
      </p>
      {receipt && (
        <div class="two">
          <ReceiptBody lines={receipt.lines} withheld={receipt.withheld} total={receipt.total} due={receipt.due} currency={receipt.currency} />
          <aside>
          <h2>Who looked</h2>
          <p>{humanWords(receipt.human)}</p>
          <h2>Issued</h2>
          <ul class="rows">
            {found.receipts.map((one) => (
              <li key={one.revision}>
                <span class="number quiet" title={day(one.issued_ns, zone)}>
                  {time(one.issued_ns, zone)}
                </span>
                <span class="what">
                  Revision {one.revision}
                  {one.reason ? `: ${one.reason}` : ""}
                  {one.final ? ", final" : ""}
                </span>
                <span class="price">{money(one.total, one.currency)}</span>
              </li>
            ))}
          </ul>
          {receipt.final && receipt.lines.length > 0 && <Refund visit={id} receipt={receipt} done={detail.reload} />}
          {link && (
            <figure class="qr">
              <img src={`/api/v1${link}/qr`} alt="The link to this receipt as a QR code" width="132" height="132" />
              <figcaption class="quiet">For the shopper: opens this receipt, without an account.</figcaption>
            </figure>
          )}
          </aside>
        </div>
      )}
    </Page>
  );
}

function Refund({ visit, receipt, done }: { visit: string; receipt: Receipt; done: () => Promise<void> }) {
  const [said, setSaid] = useState("");
  const [error, setError] = useState("");
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const reason = String(form.get("reason") ?? "").trim();
    const lines = receipt.lines
      .map((line) => ({ gtin: line.gtin, quantity: Number(form.get(line.gtin) ?? 0) || 0 }))
      .filter((line) => line.quantity > 0);
    setSaid("");
    if (!lines.length) return setError("Say how many of what to give back.");
    if (!reason) return setError("A reason is needed: the shopper sees it.");
    setError("");
    try {
      await post(`/visits/${encodeURIComponent(visit)}/refunds`, { lines, reason });
      setSaid("Done: the receipt is issued again without them, and the money goes back.");
      announce("The refund is on its way");
      await done();
    } catch (problem) {
      setError(problem instanceof ApiError ? `${problem.title}. ${problem.detail}` : String(problem));
    }
  };
  return (
    <details class="refund">
      <summary>Give money back</summary>
      <form class="inline" onSubmit={(event) => void send(event)} noValidate>
        {receipt.lines.map((line) => (
          <label class="row" key={line.gtin}>
            <input name={line.gtin} type="number" min={0} max={line.quantity} defaultValue="0" /> of {line.quantity} {line.name}
          </label>
        ))}
        <label class="grow">
          Reason <input name="reason" />
        </label>
        <button type="submit">Refund</button>
      </form>
      {error && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
      {said && <p role="status">{said}</p>}
    </details>
  );
}
