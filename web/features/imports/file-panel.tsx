'use client'
import { Button, Loader, Select } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { FileUp } from 'lucide-react'
import { useRef, useState, type DragEvent } from 'react'
import { useTranslations } from 'use-intl'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { importKeys, readClients, surveyOf, isWorkbook } from './api.ts'
import type { Chosen } from './imports-page.tsx'
import classes from './imports.module.css'

type Props = { readonly chosen: Chosen | null; readonly onChosen: (chosen: Chosen | null) => void }

/** Whose goods, and the file: dropped or picked, its beginning looked at by the server. */
export function FilePanel({ chosen, onChosen }: Props) {
  const t = useTranslations('imports')
  const clients = useQuery({ queryKey: importKeys.clients, queryFn: ({ signal }) => readClients(signal) })
  const [picked, setPicked] = useState<string | null>(null)
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const only = clients.data?.length === 1 ? clients.data[0]!.id : null
  const clientId = picked ?? only
  const survey = useMutation({ mutationFn: surveyOf })
  const take = (file: File | undefined) => {
    if (file === undefined || clientId === null) return
    onChosen(null)
    survey.mutate(file, { onSuccess: (found) => onChosen({ file, clientId, survey: found }) })
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    take(event.dataTransfer.files[0])
  }
  return (
    <Panel title={t('step1')}>
      {clients.isError ? <ProblemNote error={clients.error} onRetry={() => void clients.refetch()} /> : null}
      <Select
        className={classes.field}
        label={t('client')}
        description={t('clientHint')}
        searchable
        allowDeselect={false}
        value={clientId}
        data={(clients.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(value) => {
          setPicked(value)
          onChosen(null)
          survey.reset()
        }}
      />
      <div
        className={`${classes.drop} ${isOver ? classes.over : ''}`}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(clientId !== null)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {survey.isPending ? <Loader size="sm" /> : <FileUp size={28} strokeWidth={1.6} aria-hidden />}
        <p>{chosen === null ? t('dropHere') : chosen.file.name}</p>
        <p className={classes.soft}>{t('kinds')}</p>
        <Button
          variant={chosen === null ? 'filled' : 'default'}
          disabled={clientId === null || survey.isPending}
          onClick={() => input.current?.click()}
        >
          {chosen === null ? t('pick') : t('pickOther')}
        </Button>
        <input
          ref={input}
          type="file"
          aria-label={t('file')}
          className={classes.input}
          tabIndex={-1}
          accept=".csv,.tsv,.txt,.jsonl,.ndjson,.gz,.xlsx,.xlsm"
          disabled={clientId === null}
          onChange={(event) => {
            take(event.currentTarget.files?.[0])
            // The same file may be picked again once it was mended.
            event.currentTarget.value = ''
          }}
        />
      </div>
      {survey.isError ? <ProblemNote error={survey.error} /> : null}
      {chosen === null ? null : <FirstRows survey={chosen.survey} isSheet={isWorkbook(chosen.file.name)} />}
    </Panel>
  )
}

function FirstRows({ survey, isSheet }: Pick<Chosen, 'survey'> & { readonly isSheet: boolean }) {
  const t = useTranslations('imports')
  const { header, rows, format, encoding, delimiter } = survey
  const names: Readonly<Record<string, string>> = { ',': ',', ';': ';', '\t': t('tab'), '|': '|' }
  return (
    <>
      <p className={classes.soft} role="status">
        {isSheet
          ? t('foundSheet', { columns: header.length })
          : t('found', { format: format.toUpperCase(), columns: header.length, encoding: encoding.toUpperCase() })}
        {isSheet || delimiter === null ? '' : ` · ${t('cutBy', { mark: names[delimiter] ?? delimiter })}`}
      </p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, which needs the keyboard. */}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('firstRows')}>
        <table className={classes.table}>
          <caption className={classes.soft}>{t('firstRows')}</caption>
          <thead>
            <tr>
              {header.map((name, i) => (
                // oxlint-disable-next-line react/no-array-index-key -- a header may name a column twice.
                <th key={i} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, r) => (
              // oxlint-disable-next-line react/no-array-index-key -- rows have no other name, and do not move.
              <tr key={r}>
                {header.map((_, c) => (
                  // oxlint-disable-next-line react/no-array-index-key -- as the header.
                  <td key={c}>{row[c] ?? ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
