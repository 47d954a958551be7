'use client'
import { TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { dispositions } from '../../../src/contracts/code-lists.ts'
import { policyParts } from '../../../src/contracts/decision-policy-parts.ts'
import { DataTable } from '../../components/data-table.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { humanised } from '../../lib/words.ts'
import type { ShownPolicy } from './api.ts'
import { useParameters } from './parameters.ts'
import classes from './policies.module.css'

/** What serves, value by value, with units and where each comes from. */
export function Served({ policy }: { policy: ShownPolicy }) {
  const t = useTranslations('policies')
  const disposition = useTranslations('disposition')
  const { language } = useLanguage()
  const { files, version, refused } = policy
  const parameters = useParameters(files.policy)
  const figure = (value: number) => formatNumber(language, value, 3)
  const routeName = (route: string) => {
    const known = dispositions.find((one) => one === route)
    return known === undefined ? humanised(route) : disposition(known)
  }
  return (
    <>
      <Panel title={t('serves')}>
        {refused === null ? null : (
          <p className={classes.trouble} role="alert">
            <TriangleAlert size={18} aria-hidden />
            <span>{t('refused', { version, why: refused })}</span>
          </p>
        )}
        <Facts
          items={[
            [t('version'), version === 0 ? t('asShipped') : formatNumber(language, version)],
            ...policyParts.map((part) => [t(`part.${part}`), files[part].version] as const),
          ]}
        />
      </Panel>
      <Panel title={t('parameters')}>
        <p className={classes.says}>{t('parametersText')}</p>
        <DataTable
          label={t('tableOf', { name: t('parameters') })}
          columns={[
            { name: t('name') },
            { name: t('value'), isFigure: true },
            { name: t('unit') },
            { name: t('source') },
          ]}
          rows={parameters.map(({ id, name, value, unit, source }) => ({
            id,
            cells: [
              <span key="name" className={classes.name}>
                <span>{name}</span>
                <span className="code">{id}</span>
              </span>,
              formatNumber(language, value, 8),
              unit,
              source,
            ],
          }))}
        />
      </Panel>
      <Panel title={t('routes')}>
        <DataTable
          label={t('tableOf', { name: t('routes') })}
          columns={[
            { name: t('route') },
            { name: t('processingDays'), isFigure: true },
            { name: t('horizonDays'), isFigure: true },
            { name: t('minutesShare'), isFigure: true },
            { name: t('repackShare'), isFigure: true },
            { name: t('cleanShare'), isFigure: true },
            { name: t('rereturnFactor'), isFigure: true },
            { name: t('displacement'), isFigure: true },
          ]}
          rows={files.policy.routes.map((row) => ({
            id: row.route,
            cells: [
              routeName(row.route),
              ...[
                row.processingDays,
                row.horizonDays,
                row.minutesShare,
                row.repackShare,
                row.cleanShare,
                row.rereturnFactor,
                row.displacement,
              ].map(figure),
            ],
          }))}
        />
      </Panel>
      <Panel title={t('rules')}>
        <p className={classes.says}>{t('rulesText')}</p>
        <DataTable
          label={t('tableOf', { name: t('rules') })}
          columns={[{ name: t('rule') }, { name: t('says') }, { name: t('forbids') }]}
          rows={files.constraints.constraints.map(({ id, message, routes: forbidden }) => ({
            id,
            cells: [humanised(id), message, forbidden.length === 0 ? '–' : forbidden.map(routeName).join(', ')],
          }))}
        />
      </Panel>
      <Panel title={t('files')}>
        <p className={classes.says}>{t('filesText')}</p>
        {policyParts.map((part) => (
          <Disclosure key={part} label={t(`part.${part}`)}>
            <pre className={classes.file} tabIndex={0} role="region" aria-label={t(`part.${part}`)}>
              {JSON.stringify(files[part], null, 2)}
            </pre>
          </Disclosure>
        ))}
      </Panel>
    </>
  )
}
