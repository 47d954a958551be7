import { z } from 'zod'
import { currencySchema, idSchema, text } from './common.ts'
import { dispositionSchema, stageSchema } from './codes.ts'
import { esgTotalsSchema } from './esg.ts'
import { reportFormats, reportKinds } from './report-kinds.ts'

export { reportKinds } from './report-kinds.ts'

/** Key figures, trends, the ESG report and files of rows. Days are days of Asia/Kolkata. */

const daySchema = z.iso.date().meta({ description: 'A day of Asia/Kolkata', examples: ['2026-11-01'] })

export const kpiFiltersSchema = z.strictObject({
  hubId: idSchema.optional(),
  clientId: idSchema.optional(),
  categoryId: text(128).optional(),
  saleChannel: text(64).optional(),
})
export type KpiFilters = z.infer<typeof kpiFiltersSchema>

const periodShape = {
  from: daySchema.optional().meta({ description: 'First day; 27 days before `to` when absent' }),
  to: daySchema.optional().meta({ description: 'Last day, included; today when absent' }),
}

export const dashboardQuerySchema = kpiFiltersSchema.extend(periodShape)
export type DashboardQuery = z.infer<typeof dashboardQuerySchema>

export const measures = [
  'returns',
  'received',
  'checked',
  'decided',
  'completed',
  'cancelled',
  'rejected',
  'refunds',
  'recovery_rate',
  'net_value',
  'refunded_value',
  'cycle_hours_median',
  'accepted_share',
  'override_share',
  'review_share',
  'landfill_diversion_share',
] as const
export const measureSchema = z.enum(measures).meta({ id: 'Measure' })
export type Measure = z.infer<typeof measureSchema>

const unitSchema = z.enum(['count', 'share', 'money', 'hours'])
export type KpiUnitOfMeasure = z.infer<typeof unitSchema>

const figureSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  formula: z.string(),
  unit: unitSchema,
  value: z
    .number()
    .nullable()
    .meta({ description: 'Null where nothing is known, and where several currencies have each their own' }),
  previous: z.number().nullable().meta({ description: 'The same of the period before' }),
  byCurrency: z
    .array(z.strictObject({ currency: currencySchema, value: z.number().nullable(), previous: z.number().nullable() }))
    .meta({ description: 'Money in whole minor units, or the share of it; empty for figures without a currency' }),
  list: z.string().nullable().meta({ description: 'The page that lists the units behind the figure' }),
})
export type Figure = z.infer<typeof figureSchema>

const freshness = {
  timezone: z.string(),
  asOf: z.iso.datetime().meta({ description: 'Everything that happened before is in the figures' }),
  lagSeconds: z.number(),
}
const periodSchema = z.strictObject({ from: daySchema, to: daySchema, days: z.int() })

export const dashboardSchema = z
  .strictObject({
    period: periodSchema,
    previous: periodSchema.meta({ description: 'As long, on the same days of the week' }),
    kpis: z.array(figureSchema),
    onTime: z
      .strictObject({
        share: z.number().nullable(),
        open: z.int(),
        overdue: z.int(),
        formula: z.string(),
        list: z.string(),
      })
      .meta({ description: 'At this moment, whatever the period' }),
    reservations: z
      .strictObject({ count: z.int(), formula: z.string(), list: z.string() })
      .meta({ description: 'At this moment, whatever the period' }),
    ...freshness,
  })
  .meta({ id: 'Dashboard' })
export type Dashboard = z.infer<typeof dashboardSchema>

export const trendDimensions = [
  'none',
  'hub',
  'client',
  'category',
  'sale_channel',
  'return_type',
  'reason',
  'disposition',
] as const
export const intervals = ['day', 'week', 'month'] as const

export const trendsQuerySchema = dashboardQuerySchema.extend({
  measure: measureSchema.default('returns'),
  interval: z.enum(intervals).default('day'),
  dimension: z.enum(trendDimensions).default('none'),
})
export type TrendsQuery = z.infer<typeof trendsQuerySchema>

export const trendsSchema = z
  .strictObject({
    measure: measureSchema,
    formula: z.string(),
    unit: unitSchema,
    interval: z.enum(intervals),
    dimension: z.enum(trendDimensions),
    period: periodSchema,
    buckets: z.array(daySchema).meta({ description: 'First day of each' }),
    series: z.array(
      z.strictObject({
        key: z
          .string()
          .nullable()
          .meta({ description: 'Id or code; null where a unit has none; `other` for all beyond the first 20' }),
        currency: currencySchema.nullable(),
        values: z.array(z.number().nullable()).meta({
          description: 'One a bucket: counts and money are 0 where nothing happened, shares and medians null',
        }),
      }),
    ),
    ...freshness,
  })
  .meta({ id: 'Trends' })
export type Trends = z.infer<typeof trendsSchema>

export const esgQuerySchema = dashboardQuerySchema
const splitTotals = z.strictObject({
  key: z.string(),
  items: z.int(),
  massGrams: z.int(),
  divertedGrams: z.int(),
  inventoryGrams: z.int(),
  avoidedGrams: z.int(),
})
export const esgReportSchema = z
  .strictObject({
    period: periodSchema,
    says: z.array(z.string()).meta({ description: 'How to read the figures' }),
    totals: esgTotalsSchema,
    byDisposition: z.array(splitTotals),
    byMassSource: z.array(splitTotals),
    byFate: z.array(z.strictObject({ fate: z.string(), items: z.int(), massGrams: z.int(), share: z.number() })),
    reversedItems: z.int().meta({ description: 'Credits of dispositions that were reversed: in no figure here' }),
    factorsVersions: z.array(z.string()),
    timezone: z.string(),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'EsgReport' })
export type EsgReport = z.infer<typeof esgReportSchema>

export const reportRequestSchema = z
  .strictObject({
    kind: z.enum(reportKinds),
    format: z
      .enum(reportFormats)
      .default('csv')
      .meta({ description: 'json = one object a line; pdf = the main columns on paper, at most 5,000 rows' }),
    ...periodShape,
    filters: kpiFiltersSchema
      .extend({ stage: stageSchema.optional(), disposition: dispositionSchema.optional() })
      .default({})
      .meta({ description: 'stage and disposition: not for kpis' }),
  })
  .meta({
    id: 'ReportRequest',
    examples: [
      { kind: 'returns', from: '2026-11-01', to: '2026-11-30', format: 'csv', filters: { stage: 'completed' } },
    ],
  })
export type ReportRequest = z.infer<typeof reportRequestSchema>
