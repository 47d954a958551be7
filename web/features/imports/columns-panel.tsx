'use client'
import { Button, Select } from '@mantine/core'
import { Columns3 } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Panel } from '../../components/panel.tsx'
import type { ImportSurvey } from './api.ts'
import { NewMapping } from './new-mapping.tsx'
import classes from './imports.module.css'

type Props = {
  readonly survey: ImportSurvey
  readonly mapping: string | null
  readonly onMapping: (name: string | null) => void
}

/** How the file's columns become our fields: by a saved mapping that fits, or by a new one that is kept for the next file. */
export function ColumnsPanel({ survey, mapping, onMapping }: Props) {
  const t = useTranslations('imports')
  const [own, setOwn] = useState<readonly string[]>([])
  const fits = [...new Set([...survey.fits, ...own])]
  const [isMaking, setMaking] = useState(fits.length === 0)
  const { mapping: best } = survey
  return (
    <Panel
      title={t('step2')}
      aside={
        isMaking ? null : (
          <Button
            variant="default"
            leftSection={<Columns3 size={18} aria-hidden />}
            onClick={() => {
              onMapping(null)
              setMaking(true)
            }}
          >
            {t('newMapping')}
          </Button>
        )
      }
    >
      {isMaking ? (
        <NewMapping
          survey={survey}
          canCancel={fits.length > 0}
          onCancel={() => {
            onMapping(best ?? null)
            setMaking(false)
          }}
          onSaved={(name) => {
            setOwn([...own, name])
            setMaking(false)
            onMapping(name)
          }}
        />
      ) : (
        <div className={classes.page}>
          <p className={classes.soft}>
            {best === null ? t('chooseMapping', { count: fits.length }) : t('recognised', { name: best })}
          </p>
          <Select
            className={classes.field}
            label={t('mapping')}
            allowDeselect={false}
            value={mapping}
            data={fits}
            onChange={onMapping}
          />
        </div>
      )}
    </Panel>
  )
}
