/** Changing what stands where and what it costs: two tables and the shelves, every error at its cell. */

import { useEffect, useState } from "preact/hooks";
import { ApiError, get, put } from "../api";
import { type Cell, cells } from "../elevation";
import { Loading, Problem, Scroll } from "../parts";
import type { Facing, Fixture, Product } from "../types";

type Name = "catalog" | "planogram";
type Row = Record<string, string>;

interface Fault {
  row: number | null;
  where: string;
  file: string;
  level: "error" | "warning";
  found: string;
  right: string;
}

interface Table {
  columns: string[];
  rows: Row[];
  etag: string;
}

const SHOWN: Record<Name, string[]> = {
  catalog: ["gtin", "name", "price", "mass_g", "tax", "sold_by", "age_min"],
  planogram: ["fixture", "shelf", "plates", "gtin", "facings", "stock"],
};

/** The plates of a cell such as "3 4" or "3-5". */
export function plates(text: string): number[] {
  return text
    .split(/[\s,;+]+/)
    .filter(Boolean)
    .flatMap((part) => {
      const [from, to] = part.split(/[-–]/).map(Number);
      return Array.from({ length: Math.max(0, (to ?? from!) - from! + 1) }, (_, k) => from! + k);
    });
}

/** A row moved so that it begins at a plate of a shelf, as wide as it was, pushed in where it would stick out. */
export function moved(row: Row, fixture: Fixture, shelf: number, first: number): Row {
  const there = fixture.shelves.find((s) => s.id === shelf);
  if (!there) return row;
  const ids = [...there.plates].sort((a, b) => a.x_m - b.x_m).map((p) => p.id);
  const wide = Math.min(plates(row.plates ?? "").length || 1, ids.length);
  const at = Math.max(0, Math.min(ids.indexOf(first), ids.length - wide));
  const next = ids.slice(at, at + wide).join(" ");
  return { ...row, fixture: fixture.id, shelf: String(shelf), plates: next, x_m: "", width_m: "" };
}

export function ShopEdit({ fixtures, products }: { fixtures: readonly Fixture[]; products: readonly Product[] }) {
  const [name, setName] = useState<Name>("planogram");
  const [table, setTable] = useState<Table | null>(null);
  const [before, setBefore] = useState<Row[]>([]);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [said, say] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const load = async () => {
    setError(null);
    try {
      const found = await get<Table>(`/edit/${name}`);
      setTable(found);
      setBefore(found.rows);
      setFaults([]);
    } catch (wrong) {
      setError(wrong as ApiError);
    }
  };
  useEffect(() => {
    setTable(null);
    say("");
    void load();
  }, [name]);
  const change = (k: number, row: Row) => table && setTable({ ...table, rows: table.rows.map((r, n) => (n === k ? row : r)) });
  const send = async (path: string, body: unknown) => {
    if (!table) return;
    setError(null);
    try {
      const { status, json } = await put(path, body, table.etag);
      const found = json as { problems?: Fault[]; etag?: string };
      setFaults(found.problems ?? []);
      if (status === 422) {
        say(`Nothing was saved: ${(found.problems ?? []).filter((f) => f.level === "error").length} errors.`);
      } else {
        await load();
        say("Saved. The shop takes it at its next start.");
      }
    } catch (wrong) {
      setError(wrong as ApiError);
    }
  };
  const changed = table ? table.rows.filter((row, k) => row !== before[k]).length + Math.max(0, before.length - table.rows.length) : 0;
  return (
    <div class="edit">
      <div class="heading">
        <h2>Edit</h2>
        {(["planogram", "catalog"] as const).map((one) => (
          <button type="button" key={one} aria-pressed={name === one} onClick={() => setName(one)}>
            {one === "catalog" ? "Catalogue" : "Shelves"}
          </button>
        ))}
        <button type="button" class="main" disabled={!changed} onClick={() => void send(`/edit/${name}`, { rows: table!.rows })}>
          Save {changed || ""}
        </button>
        <button type="button" disabled={!changed} onClick={() => void load()}>
          Undo all
        </button>
        <a class="button" href={`/api/v1/edit/${name}/csv`} download={`${name}.csv`}>
          Export CSV
        </a>
        <label class="button">
          Import CSV
          <input
            class="sr"
            type="file"
            accept=".csv,text/csv"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              event.currentTarget.value = "";
              if (file) void file.text().then((text) => send(`/edit/${name}/csv`, text));
            }}
          />
        </label>
        <span class="quiet" role="status">
          {said}
        </span>
      </div>
      {error && <Problem error={error} retry={() => void load()} />}
      {!table && !error && <Loading what="the file" />}
      {faults.some((f) => f.row === null && f.level === "error") && (
        <ul class="problem">
          {faults.filter((f) => f.row === null && f.level === "error").map((f, k) => (
            <li key={k}>
              {f.file}: found {f.found}; right: {f.right}
            </li>
          ))}
        </ul>
      )}
      {table && name === "planogram" && (
        <Shelves rows={table.rows} fixtures={fixtures} products={products} change={change} say={say} />
      )}
      {table && <Cells name={name} table={table} faults={faults} change={change} />}
    </div>
  );
}

function Cells({ name, table, faults, change }: { name: Name; table: Table; faults: Fault[]; change: (k: number, row: Row) => void }) {
  const at = new Map(faults.filter((f) => f.row !== null && f.level === "error").map((f) => [`${f.row} ${f.where}`, f]));
  return (
    <Scroll label={name === "catalog" ? "Catalogue to edit" : "Facings to edit"}>
      <table class="cells">
        <thead>
          <tr>
            {SHOWN[name].map((column) => (
              <th key={column}>{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, k) => (
            <tr key={k}>
              {SHOWN[name].map((column) => {
                const fault = at.get(`${k} ${column}`);
                const id = `fault-${k}-${column}`;
                return (
                  <td key={column}>
                    <input
                      value={row[column]}
                      aria-label={`${column} of row ${k + 1}`}
                      aria-invalid={fault ? true : undefined}
                      aria-describedby={fault ? id : undefined}
                      onInput={(event) => change(k, { ...row, [column]: event.currentTarget.value })}
                    />
                    {fault && (
                      <span class="fault" id={id}>
                        found {fault.found}; right: {fault.right}
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface ShelvesProps {
  rows: readonly Row[];
  fixtures: readonly Fixture[];
  products: readonly Product[];
  change: (k: number, row: Row) => void;
  say: (words: string) => void;
}

/** Elevations on which facings are dragged, or moved with Alt and the arrow keys. */
function Shelves({ rows, fixtures, products, change, say }: ShelvesProps) {
  const names = new Map(products.map((p) => [p.gtin, p.name]));
  const facings = rows.map(
    (row): Facing => ({
      fixture: row.fixture ?? "",
      shelf: Number(row.shelf),
      plates: plates(row.plates ?? ""),
      gtin: row.gtin ?? "",
      name: names.get((row.gtin ?? "").padStart(14, "0")) ?? row.gtin ?? "",
      stock: row.stock ? Number(row.stock) : null,
    }),
  );
  const put = (k: number, fixture: Fixture, shelf: number, first: number) => {
    const next = moved(rows[k]!, fixture, shelf, first);
    change(k, next);
    say(`${facings[k]!.name}: ${next.fixture}, shelf ${next.shelf}, plates ${next.plates}.`);
  };
  const key = (event: KeyboardEvent, k: number, fixture: Fixture) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step || !event.altKey) return;
    event.preventDefault();
    const facing = facings[k]!;
    const levels = [...fixture.shelves].sort((a, b) => a.z_m - b.z_m);
    const level = levels[levels.findIndex((s) => s.id === facing.shelf) + step[1]!];
    if (!level) return;
    const ids = [...level.plates].sort((a, b) => a.x_m - b.x_m).map((p) => p.id);
    const first = ids[Math.max(0, ids.indexOf(facing.plates[0]!) + step[0]!)];
    if (first !== undefined) put(k, fixture, level.id, first);
  };
  return (
    <>
      <p class="quiet">Drag a product to another place, or hold Alt and press an arrow key on it.</p>
      <div class="shelves">
        {fixtures.map((fixture) => (
          <section key={fixture.id} aria-label={`Shelves of ${fixture.id} to edit`}>
            <h3>{fixture.id}</h3>
            <div class="elevation">
              {[...fixture.shelves].sort((a, b) => b.z_m - a.z_m).map((shelf) => (
                <div class="shelf" key={shelf.id}>
                  <span class="shelf-id">{shelf.id}</span>
                  <div
                    class="board"
                    onDragOver={(event) => event.preventDefault()}
                    onDrop={(event) => {
                      event.preventDefault();
                      const k = Number(event.dataTransfer?.getData("text/plain"));
                      const box = event.currentTarget.getBoundingClientRect();
                      const x = ((event.clientX - box.left) / box.width) * fixture.width_m;
                      const hit = shelf.plates.find((p) => x >= p.x_m && x < p.x_m + p.width_m);
                      if (hit && facings[k]) put(k, fixture, shelf.id, hit.id);
                    }}
                  >
                    {cells(fixture, shelf, facings).map(({ facing, left, width }: Cell) => {
                      const k = facings.indexOf(facing);
                      return (
                        <button
                          type="button"
                          key={k}
                          class="cell"
                          draggable
                          data-row={k}
                          style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
                          title={`${facing.name}: drag, or Alt and an arrow key`}
                          onDragStart={(event) => event.dataTransfer?.setData("text/plain", String(k))}
                          onKeyDown={(event) => key(event, k, fixture)}
                        >
                          <span class="name">{facing.name}</span>
                        </button>
                      );
                    })}
                  </div>
                </div>
              ))}
            </div>
          </section>
        ))}
      </div>
    </>
  );
}
