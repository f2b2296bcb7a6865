/** The demonstration's own shopper: you. Where the shop is real, this is not there. */

import { useEffect, useState } from "preact/hooks";
import { ApiError, get, post } from "../api";
import { Elevation } from "../elevation";
import { announce, useLive, useSession } from "../hooks";
import { useKeys } from "../keys";
import { Mark } from "../parts";
import { go } from "../router";
import { playOf, type RawPlay } from "../shapes";
import type { Facing, Play, Shop } from "../types";
import { money, percent } from "../words";

export interface Playing {
  /** There is a twin to play in. */
  here: boolean;
  you: Play["you"];
  fixture: string | null;
  walk: ((fixture: string) => void) | undefined;
  look: (fixture: string) => void;
  act: (action: string, more?: Partial<{ fixture: string; shelf: number; plate: number; gtin: string }>) => Promise<void>;
  error: string;
}

export function usePlay(): Playing {
  const live = useLive();
  const [play, set] = useState<Play | null>(null);
  const [fixture, look] = useState<string | null>(null);
  const [error, setError] = useState("");
  const load = async () => {
    try {
      set(playOf(await get<RawPlay>("/play")));
    } catch (problem) {
      if (problem instanceof ApiError && (problem.status === 404 || problem.status === 403)) set(null);
    }
  };
  const inside = play?.you?.inside ?? false;
  const here = play !== null;
  useEffect(() => {
    void load();
  }, []);
  // While you are inside, what you do takes seconds: ask how far you are.
  useEffect(() => {
    if (!inside) return;
    const timer = setInterval(() => void load(), 700);
    return () => clearInterval(timer);
  }, [inside]);
  useEffect(() => {
    if (here) void load();
  }, [live.live.receipts[0]?.visit, live.live.receipts[0]?.revision]);
  const doing = play?.you?.doing;
  useEffect(() => {
    if (inside && doing) announce(`You: ${doing}`);
  }, [doing]);
  const act: Playing["act"] = async (action, more = {}) => {
    setError("");
    try {
      await post("/play", { action, ...more });
      await load();
    } catch (problem) {
      setError(problem instanceof ApiError ? problem.detail || problem.title : String(problem));
    }
  };
  const walk = (to: string) => {
    look(to);
    void act("walk", { fixture: to });
  };
  return { here, you: play?.you ?? null, fixture: inside ? fixture : null, walk: inside ? walk : undefined, look, act, error };
}

const PLACES = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];

export function Seventh({ play, shop }: { play: Playing; shop: Shop }) {
  const live = useLive();
  const [chosen, choose] = useState<Facing | null>(null);
  const { you } = play;
  const inside = you?.inside ?? false;
  const receipt = you?.visit && !inside ? live.live.receipts.find((r) => r.visit === you.visit) : undefined;
  const people = live.live.visits.reduce((n, v) => n + Math.max(1, v.shoppers?.length ?? 1), 0);
  const fixture = shop.fixtures.find((f) => f.id === play.fixture);
  // What your hands really hold: the shop does not know, you do.
  const held = [...new Set(you?.held ?? [])];
  const nameOf = (gtin: string) => shop.facings.find((f) => f.gtin === gtin)?.name ?? gtin;
  useEffect(() => {
    if (chosen && chosen.fixture !== play.fixture) choose(null);
  }, [play.fixture]);
  if (!inside || you === null) {
    const place = PLACES[people] ?? "next";
    return (
      <section class="seventh" aria-label="You are a shopper">
        {receipt ? (
          <YourReceipt receipt={receipt} answeredBy={you?.answeredBy ?? null} link={you?.link ?? null} again={() => void play.act("enter")} />
        ) : you ? (
          <p>You have left. Your receipt follows in a few seconds.</p>
        ) : (
          <p class="invite">
            <b>You are the {place} shopper.</b>
            <button type="button" class="main" onClick={() => void play.act("enter")}>
              Come in
            </button>
            <span class="quiet">Take things, put them back elsewhere, hide them: then see what your receipt believed.</span>
          </p>
        )}
        {play.error && <p class="wrong" role="alert">{play.error}</p>}
      </section>
    );
  }
  const at = chosen && {
    fixture: chosen.fixture, shelf: chosen.shelf, plate: chosen.plates[0]!, gtin: chosen.gtin };
  return (
    <section class="seventh" aria-label="You are a shopper">
      <div class="doing">
        {you.visit && <Mark visit={you.visit} />}
        <b>You</b>
        <span>{you.doing}</span>
        <span class="tools">
          <span class="quiet">Walk to</span>
          {shop.fixtures.map((f) => (
            <button type="button" key={f.id} aria-pressed={f.id === play.fixture} onClick={() => play.walk?.(f.id)}>
              {f.id}
            </button>
          ))}
          <button type="button" disabled={!held.length} onClick={() => void play.act("hide")}>
            Hide it
          </button>
          <button type="button" class="main" onClick={() => void play.act("leave")}>
            Leave
          </button>
        </span>
      </div>
      {play.error && <p class="wrong" role="alert">{play.error}</p>}
      {fixture ? (
        <>
          <Elevation fixture={fixture} facings={shop.facings} chosen={chosen} onChoose={choose} />
          <div class="tools take">
            {chosen && at ? (
              <>
                <span class="what">{chosen.name}</span>
                <button type="button" onClick={() => void play.act("take", at)}>
                  Take one
                </button>
                <button type="button" onClick={() => void play.act("take_two", at)}>
                  Take two
                </button>
                {held.map((gtin) => (
                  <button type="button" key={gtin} onClick={() => void play.act("put_back", { ...at, gtin })}>
                    Put {nameOf(gtin)} here
                  </button>
                ))}
              </>
            ) : (
              <span class="quiet">Choose what to take.</span>
            )}
          </div>
        </>
      ) : (
        <p class="quiet">Click a shelf on the plan, or choose one here, to walk there.</p>
      )}
    </section>
  );
}

interface YourProps {
  answeredBy: string | null;
  receipt: { status: string; decided_by: string; p_exact: number; due: string; total: string; currency: string };
  link: string | null;
  again: () => void;
}

function YourReceipt({ receipt, answeredBy, link, again }: YourProps) {
  const asked = receipt.status === "asked";
  // Whether whoever is signed in may sit at the desk; where they may not, nobody is offered it.
  const may = useSession().also?.includes("reviewer") ?? false;
  const [sitting, setSitting] = useState(false);
  // It puts you on shift, with your own question in hand; where the shop has no such thing, the desk is just opened.
  const sit = async () => {
    // The answer comes as the question opens: a receipt that has just come is still being weighed.
    setSitting(true);
    await post("/play/review", {}).catch(() => undefined);
    go("/review");
  };
  useKeys(asked && may ? [{ key: "r", does: "be the reviewer of your own receipt, on a paid shift", run: () => void (sitting || sit()) }] : []);
  const by = answeredBy === "simulated" ? ", by a simulated reviewer, since no person answered within 30 seconds" : answeredBy === "you" ? ", by you as the reviewer" : ", by a person";
  return (
    <p class={asked ? "yours asked" : "yours"}>
      <b>{asked ? "Your receipt waits: a person is needed, with one question." : `Your receipt is settled${receipt.decided_by === "person" ? by : ""}.`}</b>{" "}
      <span>
        You pay {money(receipt.due, receipt.currency)}
        {asked && " until then"}. It is {percent(receipt.p_exact)} sure to be exactly right.
        {asked && may && " In this demonstration you are also on its review team: R starts a shift, at invented pay. After 30 seconds a simulated reviewer answers."}
      </span>
      <span class="tools">
        {asked && may && (
          <button type="button" disabled={sitting} onClick={() => void sit()}>
            <kbd>R</kbd> {sitting ? "Your question is on its way" : "Be the reviewer"}
          </button>
        )}
        {link && (
          <a class="button main" href={link}>
            See what it believed
          </a>
        )}
        <button type="button" onClick={again}>
          Go in again
        </button>
      </span>
    </p>
  );
}
