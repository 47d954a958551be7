'use client'
import { Button, NumberInput, Skeleton, Switch, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ClipboardCheck } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Rubric } from '../../../src/contracts/reference.ts'
import type { ReturnChanged, ReturnDetail } from '../../../src/contracts/returns.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useReference } from '../../lib/i18n.tsx'
import { useCommand } from '../../lib/use-command.ts'
import { showNextStep } from '../../lib/next-step.ts'
import { useTell } from '../../lib/tell.ts'
import { qualityKey, readRubric } from './api.ts'
import { Findings, toggled } from './findings.tsx'
import { Option } from './option.tsx'
import { PhotoShots } from './photo-shots.tsx'
import classes from './quality.module.css'
import { Questions } from './questions.tsx'
import { answeredFindings, emptyReport, missingAnswers, type Report, requestOf, shotsOf } from '../../lib/inspection.ts'

/** The inspection: the rubric of the unit's category asks, the worker answers, the server grades. */
export function QualityCheckForm({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('quality')
  const word = useReference()
  const rubric = useQuery({
    queryKey: ['rubric', unit.categoryId],
    queryFn: ({ signal }) => readRubric(unit.categoryId, signal),
    staleTime: Infinity,
  })
  return (
    <Panel title={t('formTitle')} mark="accent" aside={word(rubric.data?.name ?? '')}>
      <DataRegion query={rubric} skeleton={<Skeleton height={240} radius="md" />}>
        {(found) => <Form key={found.id} unit={unit} rubric={found} />}
      </DataRegion>
    </Panel>
  )
}

const gramsMax = 2_000_000

function Form({ unit, rubric }: { unit: ReturnDetail; rubric: Rubric }) {
  const tell = useTell()
  const t = useTranslations('quality')
  const word = useReference()
  const [report, setReport] = useState<Report>(emptyReport)
  const [isTried, setIsTried] = useState(false)
  const [uploads, setUploads] = useState(0)
  const command = useCommand<ReturnChanged>([['return', unit.id], ['returns'], qualityKey(unit.id)])
  const change = (changes: Partial<Report>) => setReport((before) => ({ ...before, ...changes }))

  const answered = answeredFindings(rubric, report.answers)
  const open = missingAnswers(rubric, report)
  const missingShots = shotsOf(rubric, report).filter((shot) => shot.isRequired && report.photos[shot.id] === undefined)
  const weight = report.weightGrams === '' ? null : Number(report.weightGrams)
  const isWeightWrong = weight !== null && (!Number.isInteger(weight) || weight < 1 || weight > gramsMax)

  const send = () => {
    setIsTried(true)
    if (open > 0 || isWeightWrong) return
    command.mutate(
      {
        method: 'POST',
        path: '/api/quality/check',
        body: requestOf(rubric, report, unit.id),
        ifVersion: unit.version,
      },
      {
        onSuccess: ({ grade }) => {
          tell.done(t('done', { grade: grade ?? '' }))
          showNextStep()
        },
      },
    )
  }

  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <p className={classes.soft}>{t('formText')}</p>
      {rubric.acceptsSealed ? (
        <Switch
          label={t('sealed')}
          size="md"
          checked={report.isSealed}
          onChange={(event) => change({ isSealed: event.currentTarget.checked })}
        />
      ) : null}
      {report.isSealed && rubric.acceptsSealed ? null : (
        <Questions
          rubric={rubric}
          answers={report.answers}
          isTried={isTried}
          onAnswer={(id, value) => change({ answers: { ...report.answers, [id]: value } })}
        />
      )}
      <Findings
        rubric={rubric}
        answered={answered}
        chosen={report.findings}
        onChange={(findings) => change({ findings })}
      />
      {rubric.accessories.length === 0 ? null : (
        <fieldset className={classes.fieldset}>
          <legend className={classes.legend}>{t('accessories')}</legend>
          <Switch
            label={t('accessoriesChecked')}
            size="md"
            mb={10}
            checked={report.hasAccessoriesSeen}
            onChange={(event) => change({ hasAccessoriesSeen: event.currentTarget.checked })}
          />
          {report.hasAccessoriesSeen ? (
            <div className={classes.answers}>
              {rubric.accessories.map(({ id, label }) => (
                <Option
                  key={id}
                  type="checkbox"
                  name="accessories"
                  label={word(label)}
                  isChosen={report.accessories.includes(id)}
                  onChoose={(isChosen) => change({ accessories: toggled(report.accessories, id, isChosen) })}
                />
              ))}
            </div>
          ) : null}
        </fieldset>
      )}
      <PhotoShots
        shots={shotsOf(rubric, report)}
        photos={report.photos}
        onChange={(shot, fileId) =>
          setReport((before) => ({ ...before, photos: withPhoto(before.photos, shot, fileId) }))
        }
        onBusy={(step) => setUploads((count) => count + step)}
      />
      <div className={classes.row}>
        <NumberInput
          label={t('weight')}
          description={t('weightHint')}
          suffix=" g"
          thousandSeparator=","
          thousandsGroupStyle="lakh"
          allowDecimal={false}
          hideControls
          value={report.weightGrams}
          onChange={(weightGrams) => change({ weightGrams })}
          error={isTried && isWeightWrong ? t('needWeight') : undefined}
        />
        <Textarea
          label={t('note')}
          maxLength={2000}
          autosize
          minRows={1}
          value={report.note}
          onChange={(event) => change({ note: event.currentTarget.value })}
        />
      </div>
      {missingShots.length > 0 ? (
        <p className={classes.warn}>
          {t('needPhotos', { shots: missingShots.map(({ label }) => word(label)).join(', ') })}
        </p>
      ) : null}
      {command.isError ? <ProblemNote error={command.error} /> : null}
      <div className={classes.foot}>
        <Button
          type="submit"
          leftSection={<ClipboardCheck size={18} />}
          loading={command.isPending}
          disabled={uploads > 0}
        >
          {t('submit')}
        </Button>
        {isTried && open > 0 ? <span role="alert">{t('needAnswers', { count: open })}</span> : null}
      </div>
    </form>
  )
}

function withPhoto(photos: Report['photos'], shot: string, fileId: string | null): Report['photos'] {
  const others = Object.entries(photos).filter(([id]) => id !== shot)
  return Object.fromEntries(fileId === null ? others : [...others, [shot, fileId]])
}
