/** A part of a page that few open: its script is a file of its own, and comes when it is shown. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "./api";
import { Loading, Problem } from "./parts";

export function Later<P extends object>({ what, part, with: given }: { what: string; part: () => Promise<{ default: ComponentType<P> }>; with: P }) {
  const [Found, setFound] = useState<ComponentType<P> | null>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    part().then(
      (one) => setFound(() => one.default),
      () => setBroken(true),
    );
  }, []);
  if (broken) return <Problem error={new ApiError(0, `The script for ${what} did not come`, "The connection broke.")} retry={() => location.reload()} />;
  return Found ? <Found {...given} /> : <Loading what={what} />;
}
