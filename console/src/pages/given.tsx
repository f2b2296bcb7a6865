/** What does it cost that nobody is charged for what cannot be shown? */

import { useMemo } from "preact/hooks";
import { useData } from "../hooks";
import { Empty, Loading, Problem, Scroll } from "../parts";
import { givenOf, type RawGiven } from "../shapes";
import { Page } from "../shell";
import { count, money } from "../words";

export const CAUSES: Record<string, string> = {
  unanswered: "A line was not shown, and nobody has answered",
  missed: "An event was not seen, or not taken for a sale",
  "wrong product": "Another, cheaper product was charged",
  "unknown item": "The goods are not in the catalogue",
  fault: "A sensor failed",
  "no receipt": "There was no receipt at all",
  "given back": "A shopper said so, and it was given back",
  "not collected": "The payment did not go through",
  contested: "Contested before paying, and nobody could tell, or charge it, in time",
};

export function GivenAwayPage() {
  const given = useData<RawGiven>("/given-away", 5000);
  const value = useMemo(() => given.value && givenOf(given.value), [given.value]);
  const most = Math.max(0.01, ...(value?.causes ?? []).map((c) => Number(c.per_thousand)));
  return (
    <Page
      title={value ? `${money(value.per_thousand, value.currency)} given away per 1,000 visits.` : "Given away"}
      more="Nobody is charged for what cannot be shown. This is what that comes to, by cause."
    >
      {given.error && <Problem error={given.error} retry={() => void given.reload()} />}
      {!value && given.loading && <Loading what="the causes" />}
      {value && value.visits === 0 && <Empty>No visit has ended yet: there is nothing to count.</Empty>}
      {value && value.visits > 0 && (
        <>
          <Scroll label="Causes">
            <table class="given">
              <thead>
                <tr>
                  <th>Cause</th>
                  <th class="right">Per 1,000 visits</th>
                  <th class="less">Share</th>
                </tr>
              </thead>
              <tbody>
                {value.causes.map((cause) => (
                  <tr key={cause.cause}>
                    <td>{CAUSES[cause.cause] ?? cause.cause}</td>
                    <td class="number right">{money(cause.per_thousand, value.currency)}</td>
                    <td class="less">
                      <span class="bar" aria-hidden="true">
                        <span class="fill" style={{ width: `${(Number(cause.per_thousand) / most) * 100}%` }} />
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <p class="quiet">
            Counted over {count(value.visits, "visit")} so far{value.visits < 200 ? "; too few to say much" : ""}. What nobody
            knows of is not in it: only audits and disputes find that.
          </p>
        </>
      )}
    </Page>
  );
}
