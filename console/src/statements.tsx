/** What those who review say themselves, on the public page, before any number about them. */

export interface Told {
  words: string;
  statements: { text: string; signatures: { key: string }[] }[];
}

export function Statements({ told }: { told: Told | undefined }) {
  if (!told) return null;
  return (
    <section>
      <h2>What those who review say themselves</h2>
      {told.statements.map((one) => (
        <blockquote key={one.text}>
          <p class="said">{one.text}</p>
          <p class="quiet hash">Signed by {one.signatures.map((by) => by.key).join(", ")}</p>
        </blockquote>
      ))}
      <p class={told.statements.length ? "quiet" : ""}>{told.words}</p>
    </section>
  );
}
