'use client'
import { PencilLine, ShieldCheck } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { Rubric } from '../../../src/contracts/reference.ts'
import { Disclosure } from '../../components/disclosure.tsx'
import { openQuestions } from '../../lib/inspection.ts'
import { useReference } from '../../lib/i18n.tsx'
import { type Card, currentQuestion, missingOf } from './card.ts'
import { Key } from './key.tsx'
import { MorePanel } from './lazy.ts'
import { PhotoStrip } from './photo-strip.tsx'
import type { Station } from './station.ts'
import classes from './station.module.css'

const firstKey = 2

/** The rubric asks one question at a time; what is answered stands above it and can be opened again. */
export function RubricPanel({ card, station }: { card: Card; station: Station }) {
  const t = useTranslations('station')
  const word = useReference()
  const { rubric } = card
  if (rubric === null) return <p className={classes.soft}>{t('rubricLoading')}</p>
  const question = currentQuestion(card)
  const open = openQuestions(rubric, card.report.answers)
  const asked = open.filter((one) => one.required || one.isConditional)
  const missing = missingOf(card)
  return (
    <section className={classes.panel} aria-label={t('rubric')} data-testid="rubric">
      <div className={classes.panelHead}>
        <h2>{word(rubric.name)}</h2>
        {question === null ? null : (
          <span className={classes.soft}>
            {t('questionOf', { place: asked.indexOf(question) + 1, count: asked.length })}
          </span>
        )}
        {rubric.acceptsSealed && !card.report.isSealed ? (
          <button type="button" className={classes.quiet} onClick={() => station.seal(true)}>
            <ShieldCheck size={18} aria-hidden /> {t('sealed')}
          </button>
        ) : null}
      </div>
      <Answered rubric={rubric} card={card} current={question?.id ?? null} station={station} />
      {question === null ? null : (
        <fieldset className={classes.question}>
          <legend>{word(question.text)}</legend>
          <div className={classes.answers}>
            {question.answers.map((answer, place) => (
              <button
                key={answer.value}
                type="button"
                className={classes.answer}
                aria-pressed={card.report.answers[question.id] === answer.value}
                onClick={() => station.answer(question.id, answer.value)}
              >
                <Key name={`F${place + firstKey}`} />
                <span>{word(answer.label)}</span>
              </button>
            ))}
          </div>
        </fieldset>
      )}
      <PhotoStrip card={card} station={station} />
      {question === null && missing.answers === 0 && missing.shots.length > 0 ? (
        <button type="button" className={classes.quiet} onClick={() => void station.submit()}>
          {t('withoutPhotos')}
        </button>
      ) : null}
      <Disclosure label={t('more')}>
        <MorePanel rubric={rubric} card={card} station={station} />
      </Disclosure>
    </section>
  )
}

type AnsweredProps = { rubric: Rubric; card: Card; current: string | null; station: Station }

function Answered({ rubric, card, current, station }: AnsweredProps) {
  const t = useTranslations('station')
  const word = useReference()
  const given = openQuestions(rubric, card.report.answers).flatMap((question) => {
    const answer = question.answers.find(({ value }) => value === card.report.answers[question.id])
    return answer === undefined || question.id === current ? [] : [{ question, answer }]
  })
  if (given.length === 0) return null
  return (
    <ul className={classes.answered}>
      {given.map(({ question, answer }) => (
        <li key={question.id}>
          <button type="button" onClick={() => station.revisit(question.id)}>
            <span>{word(question.text)}</span> <strong>{word(answer.label)}</strong>
            <PencilLine size={16} aria-label={t('changeAnswer')} />
          </button>
        </li>
      ))}
    </ul>
  )
}
