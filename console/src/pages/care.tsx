/** What is owed to those who review: appeals decided by somebody else, a team that is not driven, months certified. */

export { AppealsPage } from "./appeals";
export { DatasetPage } from "./dataset";
export { MonthsPage } from "./months";
export { TeamPage } from "./team";
