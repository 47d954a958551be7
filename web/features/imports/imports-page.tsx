'use client'
import { Skeleton } from '@mantine/core'
import { useQueryState } from 'nuqs'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import type { ImportSurvey } from './api.ts'
import { ColumnsPanel } from './columns-panel.tsx'
import { FilePanel } from './file-panel.tsx'
import { ImportMessages } from './messages.tsx'
import { RunPanel } from './run-panel.tsx'
import classes from './imports.module.css'

/** A file of returns, orders or products: handed in, its columns named, tried without writing, taken in by a job. */
export function ImportsPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'imports:write')) return <Forbidden permission="imports:write" />
  return (
    <ImportMessages>
      <Wizard />
    </ImportMessages>
  )
}

export type Chosen = { readonly file: File; readonly clientId: string; readonly survey: ImportSurvey }

function Wizard() {
  const t = useTranslations('imports')
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [mapping, setMapping] = useState<string | null>(null)
  // In the address: a reload finds the job that is at work.
  const [jobId, setJobId] = useQueryState('job')
  return (
    <>
      <PageHead title={t('title')} subtitle={t('subtitle')} />
      <div className={classes.page}>
        <FilePanel
          chosen={chosen}
          onChosen={(next) => {
            setChosen(next)
            setMapping(next?.survey.mapping ?? null)
            void setJobId(null)
          }}
        />
        {chosen === null ? null : (
          <ColumnsPanel
            key={chosen.file.name + String(chosen.file.lastModified)}
            survey={chosen.survey}
            mapping={mapping}
            onMapping={(name) => {
              setMapping(name)
              void setJobId(null)
            }}
          />
        )}
        {(chosen !== null && mapping !== null) || jobId !== null ? (
          <RunPanel
            handing={
              chosen === null || mapping === null ? null : { file: chosen.file, clientId: chosen.clientId, mapping }
            }
            jobId={jobId}
            onJob={(id) => void setJobId(id)}
          />
        ) : null}
      </div>
    </>
  )
}
