/** Owns what is counted and credited: ESG credits, key figures, trends and reports. */
export { creditStatements, type CreditRow } from './credit-store.ts'
export { creditEsg, type EsgInput, type EsgLeg } from './esg.ts'
export { kpiSubscriber, rebuildKpis } from './project-events.ts'
export { readDashboard } from './read-dashboard.ts'
export { readEsg } from './read-esg.ts'
export { readTrends } from './read-trends.ts'
export { writeReportFile, type ReportFile } from './report-store.ts'
export { reportInputOf, reportJob, writeReport, type ReportInput } from './reports.ts'
