/** Which page stands at which address, and who may see it. */

import { useEffect, useState } from "preact/hooks";
import { ApiError, get, setCsrf } from "./api";
import { SessionContext } from "./hooks";
import { Later } from "./later";
import { connection } from "./live";
import { DisputePage, DisputesPage } from "./pages/disputes";
import { DoorPage } from "./pages/door";
import { GivenAwayPage } from "./pages/given";
import { HealthPage } from "./pages/health";
import { LivePage } from "./pages/live";
import { ReceiptPage } from "./pages/receipt";
import { LabourPage, OverviewPage } from "./pages/overview";
import { PracticePage } from "./pages/practice";
import { ReviewPage } from "./pages/review";
import { ShiftPage } from "./pages/shift";
import { ShopPage } from "./pages/shop";
import { SalesPage } from "./pages/sales";
import { StockPage } from "./pages/stock";
import { ShopperView } from "./pages/shopper";
import { FirstRun, SignIn } from "./pages/sign-in";
import { VisitPage } from "./pages/visit";
import { VisitsPage } from "./pages/visits";
import { Loading, Problem } from "./parts";
import { go, type Route, useRoute } from "./router";
import { Page, PAGES, sees, Shell } from "./shell";
import type { Session } from "./types";
import { short } from "./words";

export function App() {
  const at = useRoute();
  return (
    <>
      <div id="said" class="sr" role="status" aria-live="polite" />
      {at.name === "shopper" ? (
        <ShopperView token={at.id} />
      ) : at.name === "exit" ? (
        <Later what="the screen" part={() => import("./pages/exit")} with={{ token: at.id }} />
      ) : at.name === "new-password" ? (
        <Later what="the page" part={() => import("./pages/new-password")} with={{}} />
      ) : at.name === "public" ? (
        <Later what="the report" part={async () => ({ default: (await import("./pages/public")).PublicPage })} with={{}} />
      ) : at.name === "sign" ? (
        <Later what="the sign" part={async () => ({ default: (await import("./pages/public")).SignPage })} with={{}} />
      ) : (
        <Console at={at} />
      )}
    </>
  );
}

function Console({ at }: { at: Route }) {
  const [session, setSession] = useState<Session | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const inside = (found: Session) => {
    setCsrf(found.csrf);
    setError(null);
    setSession(found);
  };
  const ask = () => {
    setError(null);
    get<Session>("/session").then(inside, (problem: unknown) => {
      setError(problem instanceof ApiError ? problem : new ApiError(0, "The page could not be made", String(problem)));
    });
  };
  const outside = at.name === "sign-in" || at.name === "first-run";
  useEffect(() => {
    if (!session && !outside) ask();
  }, [outside]);
  useEffect(() => {
    connection.onrefused = () => {
      setSession(null);
      go(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
    };
    return () => {
      connection.onrefused = null;
    };
  }, []);
  useEffect(() => {
    document.title = title(at, session);
    if (session) document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [at.name, at.id, session]);
  if (at.name === "first-run") return <FirstRun />;
  if (at.name === "sign-in") {
    return (
      <SignIn
        done={(found) => {
          inside(found);
          const next = new URLSearchParams(location.search).get("next") ?? "/";
          go(/^\/(?!\/)/.test(next) ? next : "/", true);
          connection.retry();
        }}
      />
    );
  }
  if (session && at.name === "live" && !sees(session.role, "live")) {
    const first = PAGES.find(([page]) => sees(session.role, page));
    queueMicrotask(() => go(first?.[1] ?? "/shop", true));
    return null;
  }
  if (session) {
    return (
      <SessionContext.Provider value={session}>
        <Shell name={at.name}>
          <PageAt at={at} />
        </Shell>
      </SessionContext.Provider>
    );
  }
  if (error?.status === 401) {
    queueMicrotask(() => go(`/sign-in?next=${encodeURIComponent(location.pathname)}`, true));
    return null;
  }
  return (
    <main class="page narrow" id="main">
      <h1 class="verdict">Walkout</h1>
      {error ? <Problem error={error} retry={ask} /> : <Loading what="the shop" />}
    </main>
  );
}

function title(at: Route, session: Session | null): string {
  const page = PAGES.find(([name]) => name === at.name)?.[2];
  const thing: Record<string, string> = {
    visit: `Visit ${short(at.id)}`,
    receipt: `Receipt of visit ${short(at.id)}`,
    dispute: `Dispute ${at.id}`,
    practice: "Practice",
    account: "Your account",
    pay: `Statement for ${at.id}`,
    appeals: "Appeals",
    team: "Team",
    months: "Certificates",
    annotate: "Marking clips",
    dataset: "Marks for learning",
    "sign-in": "Sign in",
    "first-run": "First account",
  };
  return [page ?? thing[at.name] ?? "Not here", session?.store.name ?? "Walkout"].join(" – ");
}

function PageAt({ at }: { at: Route }) {
  switch (at.name) {
    case "live":
      return <LivePage />;
    case "visits":
      return <VisitsPage />;
    case "visit":
      return <VisitPage key={at.id} id={at.id} />;
    case "receipt":
      return <ReceiptPage key={at.id} id={at.id} />;
    case "disputes":
      return <DisputesPage />;
    case "dispute":
      return <DisputePage key={at.id} id={at.id} />;
    case "door":
      return <DoorPage />;
    case "shop":
      return <ShopPage />;
    case "stock":
      return <StockPage />;
    case "sales":
      return <SalesPage />;
    case "given-away":
      return <GivenAwayPage />;
    case "health":
      return <HealthPage />;
    case "review":
      return <ReviewPage />;
    case "shift":
      return <ShiftPage />;
    case "pay":
      return <Later key={at.id} what="the statement" part={() => import("./pages/pay")} with={{ month: at.id }} />;
    case "overview":
      return <OverviewPage />;
    case "labour":
      return <LabourPage />;
    case "privacy":
      return <Later key="privacy" what="the page" part={() => import("./pages/privacy")} with={{}} />;
    case "account":
      return <Later key="account" what="the page" part={() => import("./pages/account")} with={{}} />;
    case "practice":
      return <PracticePage />;
    case "appeals":
      return <Later key="appeals" what="the page" part={async () => ({ default: (await import("./pages/care")).AppealsPage })} with={{}} />;
    case "team":
      return <Later key="team" what="the page" part={async () => ({ default: (await import("./pages/care")).TeamPage })} with={{}} />;
    case "months":
      return <Later key="months" what="the page" part={async () => ({ default: (await import("./pages/care")).MonthsPage })} with={{}} />;
    case "annotate":
      return <Later key="annotate" what="the page" part={async () => ({ default: (await import("./pages/annotate")).AnnotatePage })} with={{}} />;
    case "dataset":
      return <Later key="dataset" what="the page" part={async () => ({ default: (await import("./pages/care")).DatasetPage })} with={{}} />;
    default:
      return (
        <Page title="There is no page here." more="The address may be cut off.">
          <p>
            <a href="/">Go to the live page</a>
          </p>
        </Page>
      );
  }
}
