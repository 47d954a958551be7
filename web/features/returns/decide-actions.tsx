'use client'
import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Check } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { Recommendation, ReturnDetail } from '../../../src/contracts/returns.ts'
import { OverrideDialog } from './override-dialog.tsx'
import classes from './recommendation-panel.module.css'
import { useReturnCommand } from './use-return-command.tsx'

export function DecideActions({ unit, made }: { unit: ReturnDetail; made: Recommendation }) {
  const t = useTranslations('decide')
  const names = useTranslations('disposition')
  const command = useReturnCommand(unit)
  const [isOpen, dialog] = useDisclosure(false)
  const isDecided = unit.disposition !== null
  // What is decided already needs no second acceptance.
  const isAccepted = unit.disposition === made.disposition && unit.dispositionChannel === made.channel
  return (
    <>
      <div className={classes.actions}>
        {unit.allowed.includes('accept') && !isAccepted ? (
          <Button
            variant={isDecided ? 'default' : 'filled'}
            leftSection={<Check size={18} />}
            loading={command.isPending}
            onClick={() =>
              command.run(
                {
                  method: 'POST',
                  path: `/api/returns/${unit.id}/disposition`,
                  body: { disposition: made.disposition, channel: made.channel },
                },
                t('done'),
              )
            }
          >
            {t('accept', { disposition: names(made.disposition) })}
          </Button>
        ) : null}
        {unit.allowed.includes('override') ? (
          <Button variant="default" onClick={dialog.open}>
            {isDecided ? t('change') : t('override')}
          </Button>
        ) : null}
      </div>
      {command.feedback}
      {isOpen ? <OverrideDialog unit={unit} made={made} onClose={dialog.close} /> : null}
    </>
  )
}
