'use client'
import { Button, Group, MultiSelect, NumberInput, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ProblemNote } from '../../components/problem-note.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { policyKeys, type ShownPolicy } from './api.ts'
import { Impact } from './impact.tsx'
import { useParameters } from './parameters.ts'
import { patchOf } from './patch-of.ts'

const inDialog = { withinPortal: false }

/** Values to change, what that would have done to past returns, and why it is done. */
export function EditForm({ policy, onDone }: { policy: ShownPolicy; onDone: () => void }) {
  const t = useTranslations('policies')
  const tell = useTell()
  const { language } = useLanguage()
  const parameters = useParameters(policy.files.policy)
  const [chosen, setChosen] = useState<string[]>([])
  const [values, setValues] = useState<Readonly<Record<string, number | string>>>({})
  const [others, setOthers] = useState('')
  const [reason, setReason] = useState('')
  const [isChecked, setIsChecked] = useState(false)
  const save = useCommand<ShownPolicy>([policyKeys.all])
  const patch = patchOf(chosen, values, others)
  const needsReason = isChecked && reason.trim().length < 3 ? t('needReason') : null
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    setIsChecked(true)
    if (patch.patch === null || reason.trim().length < 3) return
    save.mutate(
      {
        method: 'PUT',
        path: '/api/ai/policy',
        body: { policy: patch.patch, reason: reason.trim() },
        ifVersion: policy.version,
      },
      {
        onSuccess: ({ version }) => {
          tell.done(t('saved', { version }))
          onDone()
        },
      },
    )
  }
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        <MultiSelect
          label={t('which')}
          searchable
          comboboxProps={inDialog}
          data={parameters.map(({ id, name }) => ({ value: id, label: name }))}
          value={chosen}
          onChange={setChosen}
          error={isChecked && patch.fault === 'empty' ? t('needValue') : null}
        />
        {parameters
          .filter(({ id }) => chosen.includes(id))
          .map(({ id, name, value, unit }) => (
            <NumberInput
              key={id}
              label={name}
              description={t('now', { value: formatNumber(language, value, 8), unit })}
              decimalScale={10}
              allowNegative={false}
              value={values[id] ?? value}
              onChange={(next) => setValues({ ...values, [id]: next })}
            />
          ))}
        <Textarea
          label={t('others')}
          description={t('othersHint')}
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={false}
          value={others}
          onChange={(event) => setOthers(event.currentTarget.value)}
          error={patch.fault === 'json' ? t('notJson') : null}
        />
        <Impact patch={patch.patch} />
        <Textarea
          label={t('reason')}
          maxLength={500}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={needsReason}
        />
        {save.isError ? <ProblemNote error={save.error} /> : null}
        <Text size="sm" c="dimmed">
          {t('saveText')}
        </Text>
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('save', { version: policy.version + 1 })}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
