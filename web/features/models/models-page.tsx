'use client'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { DataRegion } from '../../components/data-region.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { PageMessages } from '../../components/page-messages.tsx'
import { Panel } from '../../components/panel.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import english from '../../messages/models.en.json' with { type: 'json' }
import { modelKeys, readModels } from './api.ts'
import { DriftPanel } from './drift-panel.tsx'
import { ModelPanel } from './model-panel.tsx'
import classes from './models.module.css'
import { RollBack } from './roll-back.tsx'

const readHindi = () => import('../../messages/models.hi.json').then((file) => file.default)

/** Which models there are, how good they are, which serves, and its change. */
export function ModelsPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'ai:read') || !may(me.data, 'analytics:read')) return <Forbidden permission="analytics:read" />
  return (
    <PageMessages part="models" english={english} readHindi={readHindi}>
      <Models mayChange={may(me.data, 'models:change')} />
    </PageMessages>
  )
}

function Models({ mayChange }: { mayChange: boolean }) {
  const t = useTranslations('models')
  const models = useQuery({ queryKey: modelKeys.all, queryFn: ({ signal }) => readModels(signal) })
  return (
    <>
      <PageHead title={t('title')} subtitle={t('subtitle')}>
        {mayChange ? <RollBack /> : null}
      </PageHead>
      <div className={classes.page}>
        <DataRegion
          query={models}
          skeleton={<Skeleton height={320} radius="md" />}
          isEmpty={(all) => all.length === 0}
          empty={
            <Panel title={t('versions')}>
              <p>{t('none')}</p>
            </Panel>
          }
        >
          {(all) => (
            <div className={classes.page}>
              {all.map((model) => (
                <ModelPanel
                  key={`${model.level} ${model.engine} ${model.version}`}
                  model={model}
                  mayChange={mayChange}
                />
              ))}
            </div>
          )}
        </DataRegion>
        <DriftPanel />
      </div>
    </>
  )
}
