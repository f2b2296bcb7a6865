/** Who is there to answer, and what waits? Nobody is compared with anybody, and nobody's speed stands here. */

import { useData, useZone } from "../hooks";
import { Empty, Loading, Problem, Scroll } from "../parts";
import { Page } from "../shell";
import { brief, count, day, time, whole } from "../words";

interface Queue {
  purpose: string;
  open: number;
  leased: number;
  oldest_s: number;
  due_ns: number;
  overdue: number;
}

interface Team {
  members: number;
  on_shift: { handle: string; on_break: boolean }[];
  queues: Queue[];
}

/** The page's answer: is anybody missing? */
export function teamWords(team: Team): { title: string; tone: string } {
  const there = team.on_shift.filter((one) => !one.on_break).length;
  const waiting = team.queues.reduce((sum, one) => sum + one.open, 0);
  const late = team.queues.reduce((sum, one) => sum + one.overdue, 0);
  if (late) return { title: `${count(late, "answer is", "answers are")} overdue.`, tone: "wrong" };
  if (waiting && !there) return { title: `${count(waiting, "answer waits", "answers wait")}, and nobody is on shift.`, tone: "unsure" };
  if (!there) return { title: "Nobody is on shift, and nothing waits.", tone: "" };
  return { title: `${count(there, "person is", "people are")} on shift; ${waiting ? `${count(waiting, "answer waits", "answers wait")}` : "nothing waits"}.`, tone: "" };
}

export function dueIn(due_ns: number, now_ms: number): string {
  const left = due_ns / 1e9 - now_ms / 1000;
  const long = Math.abs(left) > 2 * 86_400 ? count(Math.floor(Math.abs(left) / 86_400), "day") : whole(Math.abs(left));
  return left < 0 ? `${long} ago` : `in ${long}`;
}

export function TeamPage() {
  const zone = useZone();
  const data = useData<Team>("/review/team", 10_000);
  const team = data.value;
  if (!team) {
    return <Page title="Team">{data.error ? <Problem error={data.error} retry={() => void data.reload()} /> : <Loading what="the team" />}</Page>;
  }
  const { title, tone } = teamWords(team);
  return (
    <Page title={title} tone={tone} more={`${count(team.members, "person is", "people are")} on the team. What anybody answered, how fast, or how often is not on this page, and decides nothing.`}>
      {data.error && <p class="unsure">This page could not be refreshed; it shows what was last heard.</p>}
      <h2>What waits</h2>
      {team.queues.length === 0 && <Empty>Nothing. When a receipt asks, or a visit is drawn for an audit, it stands here.</Empty>}
      {team.queues.length > 0 && (
        <Scroll label="Queues">
          <table>
            <thead>
              <tr>
                <th>For</th>
                <th class="right">Waiting</th>
                <th class="right">In somebody's hands</th>
                <th class="right">Oldest</th>
                <th>Next deadline</th>
                <th class="right">Overdue</th>
              </tr>
            </thead>
            <tbody>
              {team.queues.map((one) => (
                <tr key={one.purpose}>
                  <td>{one.purpose}</td>
                  <td class="number right">{one.open}</td>
                  <td class="number right">{one.leased}</td>
                  <td class="number right">{brief(one.oldest_s)}</td>
                  <td>
                    {dueIn(one.due_ns, Date.now())} <span class="quiet">{day(one.due_ns, zone)}, {time(one.due_ns, zone)}</span>
                  </td>
                  <td class={`number right${one.overdue ? " wrong" : ""}`}>{one.overdue || ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <h2>On shift, by name</h2>
      {team.on_shift.length === 0 && <Empty>Nobody. Whoever is on the team starts a shift on Review.</Empty>}
      <ul class="rows">
        {team.on_shift.map((one) => (
          <li key={one.handle}>
            <span class="what">{one.handle}</span>
            <span class="quiet">{one.on_break ? "has a break" : "at the desk"}</span>
          </li>
        ))}
      </ul>
      <p class="links tools">
        <a href="/review/overview">How reviewing goes</a>
        <a href="/review/appeals">Appeals</a>
        <a href="/labour">How those are paid who answer</a>
      </p>
    </Page>
  );
}
