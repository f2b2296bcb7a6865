/** How many of the receipts that nobody looked at can have been wrong? Month by month, for anybody to compute again. */

import { ROOT } from "../api";
import { useData } from "../hooks";
import { Empty, Loading, Problem } from "../parts";
import { Page } from "../shell";
import type { List } from "../types";

interface Month {
  month: string;
  settled_alone: number;
  drawn: number;
  judged: number;
  commitment: string;
  id: string | null;
  sentences: string[];
}

export function MonthsPage() {
  const data = useData<List<Month>>("/review/months", 60_000);
  const found = data.value;
  if (!found) {
    return <Page title="Certificates">{data.error ? <Problem error={data.error} retry={() => void data.reload()} /> : <Loading what="the months" />}</Page>;
  }
  const last = found.items.find((one) => one.id !== null);
  return (
    <Page title={last ? `${last.month} is certified.` : "No month is certified yet."} more="A certificate counts the receipts that software settled alone and says how many of them can have been wrong, from visits that were drawn by lot and looked at blindly.">
      {found.items.length === 0 && <Empty>The first month begins when software settles a receipt alone.</Empty>}
      {found.items.map((one) => (
        <section key={one.month} aria-labelledby={`m${one.month}`}>
          <h2 id={`m${one.month}`}>{one.month}</h2>
          {one.sentences.map((words, k) => (
            <p key={k} class={one.id === null ? "state" : ""}>
              {words}
            </p>
          ))}
          <p class="quiet wrap">
            {one.id ? `Certificate ${one.id.slice(0, 12)}; its` : "The month's"} seed was committed to before the first draw: {one.commitment.slice(0, 16)}…
          </p>
          {one.id && (
            <p class="tools">
              <a class="button" href={`${ROOT}/review/months/${one.month}`} download>
                Download {one.month}
              </a>
              <span class="quiet">
                check it with <code>walkout certificate verify FILE</code>: it is computed again from seed, draws and labels
              </span>
            </p>
          )}
        </section>
      ))}
      <p class="links tools">
        <a href="/review/overview">How reviewing goes</a>
        <a href="/public">What the public sees</a>
      </p>
    </Page>
  );
}
