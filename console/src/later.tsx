/** Pages that few open: their code is asked for when they are. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "./api";
import { Loading, Problem } from "./parts";
import { Page } from "./shell";

type Pages = Record<string, ComponentType<any>>;

const TITLES: Record<string, string> = { AppealsPage: "Appeals", TeamPage: "Team", MonthsPage: "Certificates", AnnotatePage: "Annotate" };

/** A page of a part that is loaded once: `load` says which part, `name` which page of it. */
export function Later({ load, name }: { load: () => Promise<unknown>; name: string }) {
  const [pages, set] = useState<Pages | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const ask = () => {
    setError(null);
    load().then(
      (found) => set(found as Pages),
      (problem: unknown) => setError(new ApiError(0, "This page could not be loaded", String(problem))),
    );
  };
  useEffect(ask, []);
  const Shown = pages?.[name];
  if (Shown) return <Shown />;
  return <Page title={TITLES[name] ?? name}>{error ? <Problem error={error} retry={ask} /> : <Loading what="the page" />}</Page>;
}

export const care = () => import("./pages/care");
