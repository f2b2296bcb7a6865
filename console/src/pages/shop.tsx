/** What stands where, and what does it cost? */

import { useMemo, useRef, useState } from "preact/hooks";
import { Elevation } from "../elevation";
import { useData, useProducts, useSession } from "../hooks";
import { useKeys } from "../keys";
import { connection } from "../live";
import { Loading, Problem, Scroll } from "../parts";
import { Page } from "../shell";
import type { Facing, Product, Shop } from "../types";
import { count, grams, money } from "../words";
import { ShopEdit } from "./shop-edit";

export function ShopPage() {
  const products = useProducts();
  const shop = useData<Shop>("/shop");
  const [sought, setSought] = useState("");
  const [chosen, choose] = useState<Facing | null>(null);
  const [editing, edit] = useState(false);
  const may = ["admin", "operator"].includes(useSession().role);
  const field = useRef<HTMLInputElement>(null);
  useKeys([{ key: "/", does: "look for a product", run: () => field.current?.focus() }]);
  const found = products.value ?? [];
  const prices = useMemo(() => new Map(found.map((p) => [p.gtin, p])), [found]);
  const places = useMemo(() => {
    const found = new Map<string, string[]>();
    for (const f of shop.value?.facings ?? []) {
      found.set(f.gtin, [...(found.get(f.gtin) ?? []), `${f.fixture} ${f.shelf}, ${f.plates.join(" ")}`]);
    }
    return found;
  }, [shop.value]);
  const word = sought.trim().toLowerCase();
  const shown = found.filter((p) => !word || p.name.toLowerCase().includes(word) || p.gtin.includes(word));
  const homeless = found.filter((p) => shop.value && !places.has(p.gtin)).length;
  const recent = new Set(connection.live.events.slice(0, 3).flatMap((e) => e.plates.map((p) => `${e.fixture} ${e.shelf} ${p}`)));
  return (
    <Page
      wide
      title={
        shop.value && products.value
          ? `${count(found.length, "product")} in ${count(shop.value.facings.length, "facing")} on ${count(shop.value.fixtures.length, "fixture")}.`
          : "Shop"
      }
      tone={homeless ? "unsure" : ""}
      more={
        homeless
          ? `${count(homeless, "product has", "products have")} no place on a shelf.`
          : "Every product has its place."
      }
    >
      {shop.error && <Problem error={shop.error} retry={() => void shop.reload()} />}
      {!shop.value && shop.loading && <Loading what="the shelves" />}
      {may && (
        <p>
          <button type="button" aria-pressed={editing} onClick={() => edit(!editing)}>
            Edit shelves and catalogue
          </button>
        </p>
      )}
      {editing && shop.value && <ShopEdit fixtures={shop.value.fixtures} products={found} />}
      <div class="shelves" hidden={editing}>
        {shop.value?.fixtures.map((fixture) => (
          <section key={fixture.id}>
            <h2>
              {fixture.id} <span class="quiet">{fixture.kind}</span>
            </h2>
            <Elevation
              fixture={fixture}
              facings={shop.value!.facings}
              chosen={chosen}
              onChoose={(facing) => choose(facing === chosen ? null : facing)}
              note={(facing) => {
                const product = prices.get(facing.gtin);
                const stock = facing.stock == null ? "" : `${facing.stock} × `;
                return product ? stock + money(product.price, product.currency).replace(/\s.*$/, "") : stock;
              }}
              lit={(f) =>
                f.plates.some((p) => recent.has(`${f.fixture} ${f.shelf} ${p}`)) ||
                (word !== "" && (f.name.toLowerCase().includes(word) || f.gtin.includes(word)))
              }
            />
          </section>
        ))}
      </div>
      {chosen && <Chosen facing={chosen} product={prices.get(chosen.gtin)} />}
      <div class="heading">
        <h2>Catalogue</h2>
        <label class="find">
          <span class="sr">Look for a product</span>
          <input
            type="search"
            ref={field}
            value={sought}
            placeholder="name or GTIN"
            onInput={(event) => setSought(event.currentTarget.value)}
          />
        </label>
        <span class="quiet number" role="status">
          {word ? `${shown.length} of ${found.length}` : ""}
        </span>
      </div>
      {products.error && <Problem error={products.error} retry={() => void products.reload()} />}
      {products.value && !shown.length && <p class="state">No product has “{sought}” in its name or GTIN.</p>}
      {shown.length > 0 && (
        <Scroll label="Catalogue">
          <table>
            <thead>
              <tr>
                <th>Product</th>
                <th>GTIN</th>
                <th class="right">Price</th>
                <th class="right">Mass</th>
                <th class="right">Age</th>
                <th>Place: fixture shelf, plates</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((product) => (
                <tr key={product.gtin} class={chosen?.gtin === product.gtin ? "chosen" : ""}>
                  <td>{product.name}</td>
                  <td class="number">{product.gtin}</td>
                  <td class="number right">{money(product.price, product.currency)}</td>
                  <td class="number right">{product.mass_g === null ? <span class="unsure">not weighed</span> : grams(product.mass_g)}</td>
                  <td class="number right">{product.age_min ? `${product.age_min}+` : ""}</td>
                  <td class="number">{places.get(product.gtin)?.join(" · ") ?? <span class="unsure">none</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Page>
  );
}

function Chosen({ facing, product }: { facing: Facing; product: Product | undefined }) {
  return (
    <p class="chosen-facing" role="status">
      <b>{facing.name}</b> {facing.fixture}, shelf {facing.shelf}, plates {facing.plates.join(" ")}
      {product && (
        <>
          {" "}
          · {money(product.price, product.currency)}
          {product.mass_g !== null && ` · ${grams(product.mass_g)}`}
          {product.age_min > 0 && ` · from ${product.age_min} years`} · <span class="number">{product.gtin}</span>
        </>
      )}
    </p>
  );
}
