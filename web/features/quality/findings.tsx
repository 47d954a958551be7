'use client'
import { useTranslations } from 'use-intl'
import type { Rubric } from '../../../src/contracts/reference.ts'
import { Disclosure } from '../../components/disclosure.tsx'
import { useReference } from '../../lib/i18n.tsx'
import { Option } from './option.tsx'
import classes from './quality.module.css'

type Props = {
  readonly rubric: Rubric
  /** Recorded by the answers: shown, but not to be taken away here. */
  readonly answered: ReadonlySet<string>
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}

/** What was found stands open; what else the rubric knows is folded, because the answers tell most of it. */
export function Findings({ rubric, answered, chosen, onChange }: Props) {
  const t = useTranslations('quality')
  const word = useReference()
  const isFound = (code: string) => answered.has(code) || chosen.includes(code)
  const option = ({ code, label }: Rubric['findings'][number]) => (
    <Option
      key={code}
      type="checkbox"
      name="findings"
      label={word(label)}
      isChosen={isFound(code)}
      isFixed={answered.has(code)}
      onChoose={(isChosen) => onChange(toggled(chosen, code, isChosen))}
    />
  )
  const found = rubric.findings.filter(({ code }) => isFound(code))
  return (
    <fieldset className={classes.fieldset}>
      <legend className={classes.legend}>{t('findings')}</legend>
      {found.length === 0 ? (
        <p className={classes.soft}>{t('noFindings')}</p>
      ) : (
        <div className={classes.answers}>{found.map(option)}</div>
      )}
      <Disclosure label={t('moreFindings')}>
        <div className={classes.answers}>{rubric.findings.filter(({ code }) => !isFound(code)).map(option)}</div>
      </Disclosure>
    </fieldset>
  )
}

export function toggled(codes: readonly string[], code: string, isChosen: boolean): readonly string[] {
  return isChosen ? [...codes, code] : codes.filter((one) => one !== code)
}
