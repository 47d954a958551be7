/** Owns what is counted and credited: ESG credits, key figures, trends and reports. */
export { writeCredits, type CreditRow } from './credit-store.ts'
export { creditEsg, type EsgInput, type EsgLeg } from './esg.ts'
