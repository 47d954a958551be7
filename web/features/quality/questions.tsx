'use client'
import { useTranslations } from 'use-intl'
import type { Rubric } from '../../../src/contracts/reference.ts'
import { useReference } from '../../lib/i18n.tsx'
import { Option } from './option.tsx'
import classes from './quality.module.css'
import { openQuestions, type Report } from '../../lib/inspection.ts'

type Props = {
  readonly rubric: Rubric
  readonly answers: Report['answers']
  /** True once the worker tried to record the check: what is missing is then marked. */
  readonly isTried: boolean
  readonly onAnswer: (id: string, value: string) => void
}

/** An answer may open further questions; they appear among the others in the rubric's order. */
export function Questions({ rubric, answers, isTried, onAnswer }: Props) {
  const t = useTranslations('quality')
  const word = useReference()
  return openQuestions(rubric, answers).map((question) => (
    <fieldset key={question.id} className={`${classes.fieldset} ${question.isConditional ? classes.opened : ''}`}>
      <legend className={classes.legend}>{word(question.text)}</legend>
      <div className={classes.answers}>
        {question.answers.map((answer) => (
          <Option
            key={answer.value}
            type="radio"
            name={question.id}
            label={word(answer.label)}
            isChosen={answers[question.id] === answer.value}
            onChoose={() => onAnswer(question.id, answer.value)}
          />
        ))}
      </div>
      {isTried && answers[question.id] === undefined && (question.required || question.isConditional) ? (
        <p className={classes.soft} style={{ color: 'var(--mantine-color-error)', marginTop: 6 }}>
          {t('needAnswer')}
        </p>
      ) : null}
    </fieldset>
  ))
}
