/** A part of a page that few open: its script is a file of its own, and comes when it is shown. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading } from "./parts";

export function Later<P extends object>({ what, part, with: given }: { what: string; part: () => Promise<{ default: ComponentType<P> }>; with: P }) {
  const [Found, setFound] = useState<ComponentType<P> | null>(null);
  useEffect(() => {
    void part().then((one) => setFound(() => one.default));
  }, []);
  return Found ? <Found {...given} /> : <Loading what={what} />;
}
