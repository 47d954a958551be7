'use client'
import { Button, Select } from '@mantine/core'
import { MapPin } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { Panel } from '../../components/panel.tsx'
import { useHubs } from '../../lib/places.ts'
import { useRefusalName } from '../../lib/code-words.ts'
import classes from './return-page.module.css'
import { useReturnCommand } from './use-return-command.tsx'

/** For a unit that no hub could take by itself: the engine tries again, or a person names the hub. */
export function AssignPanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('assign')
  const hubs = useHubs()
  const refusal = useRefusalName()
  const command = useReturnCommand(unit)
  const [hubId, setHubId] = useState<string | null>(null)
  const refusedBy = new Map(unit.hubCandidates.map((candidate) => [candidate.hubId, candidate.refusedBy]))
  const note = (id: string) => {
    const reason = refusedBy.get(id) ?? null
    return reason === null ? '' : ` (${refusal(reason)})`
  }
  return (
    <Panel title={t('title')} mark="warn">
      <div className={classes.form}>
        <p className={classes.soft}>{t('text')}</p>
        <Select
          label={t('hub')}
          placeholder={t('best')}
          data={(hubs.data ?? []).map((hub) => ({
            value: hub.id,
            label: `${hub.code} · ${hub.name}${note(hub.id)}`,
          }))}
          value={hubId}
          onChange={setHubId}
          searchable
          clearable
        />
        {command.feedback}
        <div className={classes.actions}>
          <Button
            leftSection={<MapPin size={18} />}
            loading={command.isPending}
            onClick={() =>
              command.run(
                {
                  method: 'POST',
                  path: '/api/hubs/assign',
                  body: { returnId: unit.id, ...(hubId === null ? {} : { hubId }) },
                },
                t('done'),
              )
            }
          >
            {t('submit')}
          </Button>
        </div>
      </div>
    </Panel>
  )
}
