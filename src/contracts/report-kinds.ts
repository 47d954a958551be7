/** Rows that a report can be of; apart from its schema, so that pages need no validator for the list. */
export const reportKinds = ['returns', 'dispositions', 'esg', 'kpis', 'ledger'] as const
export const reportFormats = ['csv', 'json', 'pdf'] as const
