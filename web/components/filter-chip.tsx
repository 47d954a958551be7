'use client'
import { Button, Checkbox, Group, Popover, UnstyledButton } from '@mantine/core'
import { Check, ChevronDown } from 'lucide-react'
import { useTranslations } from 'use-intl'
import classes from './filter-chip.module.css'

type Choice<T extends string> = { readonly value: T; readonly label: string; readonly hint?: string }
type Props<T extends string> = {
  readonly name: string
  readonly choices: readonly Choice<T>[]
  readonly chosen: readonly T[]
  readonly onChange: (chosen: T[]) => void
}

/** A filter in words: "Stage: Received or Quality checked". */
export function FilterChip<T extends string>({ name, choices, chosen, onChange }: Props<T>) {
  const t = useTranslations()
  const words = choices.filter((choice) => chosen.includes(choice.value)).map((choice) => choice.label)
  const label = words.length === 0 ? name : t('returns.filterIs', { name, values: words.join(` ${t('returns.or')} `) })
  return (
    <Popover position="bottom-start" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={classes.chip} data-active={words.length > 0 || undefined}>
          <span className={classes.text}>{label}</span>
          <ChevronDown size={16} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <Checkbox.Group value={[...chosen]} onChange={(values) => onChange(values)}>
          <div className={classes.list}>
            {choices.map((choice) => (
              <Checkbox
                key={choice.value}
                value={choice.value}
                label={choice.hint === undefined ? choice.label : `${choice.label} · ${choice.hint}`}
                size="md"
              />
            ))}
          </div>
        </Checkbox.Group>
        <Group mt="sm">
          <Button variant="subtle" size="sm" onClick={() => onChange([])} disabled={chosen.length === 0}>
            {t('common.clear')}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  )
}

export function ToggleChip({
  label,
  isOn,
  onChange,
}: {
  label: string
  isOn: boolean
  onChange: (isOn: boolean) => void
}) {
  return (
    <UnstyledButton
      className={classes.chip}
      data-active={isOn || undefined}
      aria-pressed={isOn}
      onClick={() => onChange(!isOn)}
    >
      {isOn ? <Check size={16} aria-hidden /> : null}
      <span className={classes.text}>{label}</span>
    </UnstyledButton>
  )
}
