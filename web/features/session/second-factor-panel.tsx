'use client'
import { Button, Group, Skeleton, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ShieldCheck, ShieldOff } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { SecondFactor } from '../../../src/contracts/session.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { Tag } from '../../components/tag.tsx'
import { accountKeys, readSecondFactor, removeSecondFactor, renewCodes } from './api.ts'
import classes from './account.module.css'
import { RecoveryCodes } from './recovery-codes.tsx'
import { SecondFactorSetup } from './second-factor-setup.tsx'
import { ShownForm } from './shown-form.tsx'

type Mode =
  | { readonly kind: 'rest' | 'setup' | 'renew' | 'remove' }
  | { readonly kind: 'codes'; readonly codes: readonly string[] }

export function SecondFactorPanel() {
  const t = useTranslations('secondFactor')
  const factor = useQuery({ queryKey: accountKeys.secondFactor, queryFn: ({ signal }) => readSecondFactor(signal) })
  const aside =
    factor.data === undefined ? undefined : factor.data.isOn ? (
      <Tag tone="good" icon={ShieldCheck}>
        {t('on')}
      </Tag>
    ) : (
      <Tag tone="neutral" icon={ShieldOff}>
        {t('off')}
      </Tag>
    )
  return (
    <Panel title={t('title')} aside={aside}>
      <DataRegion query={factor} skeleton={<Skeleton height={72} />}>
        {(data) => <Body factor={data} />}
      </DataRegion>
    </Panel>
  )
}

function Body({ factor }: { factor: SecondFactor }) {
  const t = useTranslations('secondFactor')
  const queries = useQueryClient()
  const [mode, setMode] = useState<Mode>({ kind: 'rest' })
  const rest = () => setMode({ kind: 'rest' })
  const changed = () =>
    Promise.all(
      [accountKeys.secondFactor, accountKeys.sessions].map((queryKey) => queries.invalidateQueries({ queryKey })),
    )
  const show = (codes: readonly string[]) => {
    setMode({ kind: 'codes', codes })
    void changed()
  }
  if (mode.kind === 'codes') return <RecoveryCodes codes={mode.codes} onDone={rest} />
  if (mode.kind === 'setup') return <SecondFactorSetup hasPassword={factor.hasPassword} onDone={show} onCancel={rest} />
  if (mode.kind === 'renew' || mode.kind === 'remove')
    return (
      <div className={classes.narrow}>
        <Text>{t(mode.kind === 'renew' ? 'renewText' : 'removeText')}</Text>
        <ShownForm
          key={mode.kind}
          hasPassword={factor.hasPassword}
          submit={t(mode.kind)}
          isDanger={mode.kind === 'remove'}
          onSubmit={async ({ current, code }) => {
            if (mode.kind === 'renew') return show(await renewCodes(current, code))
            await removeSecondFactor(current, code)
            rest()
            await changed()
          }}
          onCancel={rest}
        />
      </div>
    )
  if (!factor.isOn)
    return (
      <>
        <Text mb="md">{t(factor.isRequired ? 'requiredText' : 'offText')}</Text>
        <Button onClick={() => setMode({ kind: 'setup' })}>{t('setUp')}</Button>
      </>
    )
  return (
    <>
      <Text mb="md">{t('onText', { count: factor.recoveryCodesLeft })}</Text>
      <Group>
        <Button variant="default" onClick={() => setMode({ kind: 'renew' })}>
          {t('renew')}
        </Button>
        {factor.isRequired ? null : (
          <Button variant="default" onClick={() => setMode({ kind: 'remove' })}>
            {t('remove')}
          </Button>
        )}
      </Group>
    </>
  )
}
